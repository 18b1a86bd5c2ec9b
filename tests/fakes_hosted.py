"""Rerankers behind HTTP as their providers' pages describe them, on loopback.

The score is the share of a document's words that the query has.
"""

import atexit
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import cache
from typing import Any

from tests.answering import Reply, Request, answering
from tests.fakes import words


def shares(query: str, texts: Sequence[str]) -> list[float]:
    """A score a text."""
    asked = set(words(query))
    return [sum(word in asked for word in words(text)) / max(1, len(words(text))) for text in texts]


def ranked(scores: Sequence[float], name: str) -> list[dict[str, Any]]:
    """The entries of an answer, best first, as most providers send them."""
    order = sorted(range(len(scores)), key=lambda place: -scores[place])
    return [{"index": place, name: scores[place]} for place in order]


def tokens(query: str, texts: Sequence[str]) -> int:
    """Words read, the query once for each text."""
    return len(words(query)) * len(texts) + sum(len(words(text)) for text in texts)


def refused(status: int, text: str) -> Reply:
    return Reply({"message": text}, status)


def cohere(request: Request, number: int = 1) -> Reply:
    body = request.body
    if request.path != "/v2/rerank" or set(body) != {"model", "query", "documents", "top_n", "max_tokens_per_doc"}:
        return refused(400, f"unexpected {request.path} {sorted(body)}")
    if not all(text.strip() for text in body["documents"]) or len(body["documents"]) > 1000:
        return refused(400, "documents must hold text, 1000 at most")
    results = ranked(shares(body["query"], body["documents"]), "relevance_score")[: body["top_n"]]
    units = {"search_units": -(-len(body["documents"]) // 100)}
    return Reply({"id": "1", "results": results, "meta": {"api_version": {"version": "2"}, "billed_units": units}})


def jina(request: Request, number: int = 1) -> Reply:
    body = request.body
    if request.path != "/v1/rerank" or set(body) != {"model", "query", "documents", "top_n", "return_documents"}:
        return refused(422, f"unexpected {request.path} {sorted(body)}")
    results = ranked(shares(body["query"], body["documents"]), "relevance_score")[: body["top_n"]]
    total = tokens(body["query"], body["documents"])
    return Reply({"model": body["model"], "object": "list", "usage": {"total_tokens": total}, "results": results})


def voyage(request: Request, number: int = 1) -> Reply:
    body = request.body
    if request.path != "/v1/rerank" or set(body) != {"model", "query", "documents", "return_documents", "truncation"}:
        return refused(400, f"unexpected {request.path} {sorted(body)}")
    if not all(body["documents"]):
        return refused(400, "each document must have a length of 1 or more")
    data = ranked(shares(body["query"], body["documents"]), "relevance_score")
    return Reply(
        {"object": "list", "data": data, "model": body["model"], "usage": {"total_tokens": tokens(body["query"], body["documents"])}}
    )


def tei(request: Request, number: int = 1) -> Reply:
    body = request.body
    if request.path != "/rerank" or set(body) != {"query", "texts", "raw_scores", "return_text", "truncate"}:
        return Reply({"error": f"unexpected {request.path} {sorted(body)}", "error_type": "validation"}, 422)
    if len(body["texts"]) > 32:
        return Reply({"error": "batch size > maximum allowed batch size 32", "error_type": "validation"}, 413)
    return Reply(ranked(shares(body["query"], body["texts"]), "score"))


def vllm(request: Request, number: int = 1) -> Reply:
    body = request.body
    wanted = {"model", "query", "documents", "top_n", "truncate_prompt_tokens"}
    if request.path not in ("/rerank", "/v1/rerank") or set(body) != wanted or body["truncate_prompt_tokens"] < -1:
        return Reply({"object": "error", "message": f"unexpected {request.path} {sorted(body)}", "code": 400}, 400)
    entries = ranked(shares(body["query"], body["documents"]), "relevance_score")[: body["top_n"] or None]
    results = [entry | {"document": {"text": body["documents"][entry["index"]]}} for entry in entries]
    total = tokens(body["query"], body["documents"])
    return Reply({"id": "rerank-1", "model": body["model"], "usage": {"total_tokens": total}, "results": results})


def vllm_score(request: Request, number: int = 1) -> Reply:
    body = request.body
    if request.path != "/score" or set(body) != {"model", "text_1", "text_2", "truncate_prompt_tokens"}:
        return Reply({"object": "error", "message": f"unexpected {request.path} {sorted(body)}", "code": 400}, 400)
    scores = shares(body["text_1"], body["text_2"])
    data = [{"index": place, "object": "score", "score": score} for place, score in enumerate(scores)]
    total = tokens(body["text_1"], body["text_2"])
    usage = {"prompt_tokens": total, "total_tokens": total, "completion_tokens": 0, "prompt_tokens_details": None}
    return Reply({"id": "score-1", "object": "list", "created": 1, "model": body["model"], "data": data, "usage": usage})


SPOKEN: dict[str, Callable[[Request, int], Reply]] = {
    "cohere": cohere,
    "jina": jina,
    "voyage": voyage,
    "tei": tei,
    "vllm": vllm,
    "vllm_score": vllm_score,
}
BASES = {"cohere": "/v2", "jina": "/v1", "voyage": "/v1", "tei": "", "vllm": "/v1", "vllm_score": ""}
"""What stands between a server's address and the path."""


@cache
def standing_server() -> str:
    """The address of a TEI server that stands until the tests end."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(answering(tei)).url
