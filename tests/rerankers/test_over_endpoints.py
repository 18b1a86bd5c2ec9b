"""Rerankers of language models over a chat endpoint: one that counts words in common, and sometimes fails."""

import math
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from irloom.core.errors import BadValue, EndpointError, ModelError
from irloom.core.ranking import Ranking
from irloom.core.run import Run
from irloom.core.stage import Reranker
from irloom.core.types import Document, Query
from irloom.models.generators.openai_chat import OpenAIChat
from irloom.rerankers import portions
from irloom.rerankers.first import FIRST
from irloom.rerankers.listwise import Listwise
from irloom.rerankers.pairwise import Pairwise
from irloom.rerankers.pointwise import Pointwise
from irloom.rerankers.setwise import Setwise
from tests.answering import Answering, Reply, Request, answering
from tests.fakes import ListCorpus, words
from tests.fakes_llm import FakeGenerator

TEXTS = ["blue whale", "green owl", "red fish", "a red fox runs", "red fox", "one"]
DOCUMENTS = [Document(f"d{place}", text) for place, text in enumerate(TEXTS)]
QUERIES = [Query("fox", "red fox"), Query("whale", "whale"), Query("broken", "red broken")]
RUN = Run.from_rankings({query.id: Ranking.from_order([document.id for document in DOCUMENTS]) for query in QUERIES})
BEST = {"fox": "d4", "whale": "d0"}


def share(query: str, text: str) -> float:
    return sum(word in words(query) for word in words(text)) / len(words(text))


def chosen(prompt: str) -> tuple[str, dict[str, float]]:
    """What is said to a prompt, and the probabilities of some first tokens."""
    if "Does the passage answer the query" in prompt:
        passage, query = re.search(r"Passage: (.*)\nQuery: (.*)\n", prompt).groups()  # type: ignore[union-attr]
        yes = 0.1 + 0.8 * share(query, passage)
        return ("Yes" if yes > 0.5 else "No"), {"Yes": yes, " No": 0.9 - yes, "Maybe": 0.1}
    if passages := re.findall(r'Passage ([A-W]): "(.*)"', prompt):
        query = re.search(r'query "(.*?)"', prompt).group(1)  # type: ignore[union-attr]
        scores = {letter: share(query, text) for letter, text in passages}
        best = max(scores, key=lambda letter: scores[letter])
        return f"Passage {best}", {best: 0.9, "X": 0.1}
    query = re.search(r"search query: (.*)\.", prompt, re.IGNORECASE).group(1)  # type: ignore[union-attr]
    if lettered := re.findall(r"^\[([A-T])\] (.*)$", prompt, re.MULTILINE):
        told = {letter: 0.01 + 0.1 * share(query, text) for letter, text in lettered}
        return max(told, key=lambda letter: told[letter]), dict(sorted(told.items(), key=lambda one: -one[1])[:3])
    passages = re.findall(r"^\[(\d+)\] (.*)$", prompt, re.MULTILINE)
    order = sorted(passages, key=lambda passage: -share(query, passage[1]))
    return " > ".join(f"[{number}]" for number, _ in order), {"[": 1.0}


def wise(request: Request, number: int) -> Reply:
    prompt = "\n".join(message["content"] for message in request.body["messages"])
    if "broken" in prompt:
        return Reply({"error": "out of order"}, 400)
    text, tokens = chosen(prompt)
    named = [{"token": token, "logprob": math.log(max(value, 1e-9))} for token, value in tokens.items()]
    choice: dict[str, Any] = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    if request.body.get("logprobs"):
        choice["logprobs"] = {"content": [{**max(named, key=lambda entry: entry["logprob"]), "top_logprobs": named}]}
    return Reply({"choices": [choice], "usage": {"prompt_tokens": len(prompt.split()), "completion_tokens": 3}})


@pytest.fixture
def server() -> Iterator[Answering]:
    with answering(wise) as running:
        yield running


def chat(server: Answering, **settings: Any) -> OpenAIChat:
    return OpenAIChat("m", **({"base_url": server.url, "retries": 0, "first_wait": 0.0, "timeout": 60.0} | settings))


CORPUS = ListCorpus(DOCUMENTS)
RERANKERS: dict[str, Callable[[OpenAIChat], Reranker]] = {
    "listwise": lambda model: Listwise(model, CORPUS, window=4, stride=2),
    "first": lambda model: FIRST(model, CORPUS, window=4, stride=2),
    "pointwise": lambda model: Pointwise(model, CORPUS),
    "setwise": lambda model: Setwise(model, CORPUS, top=2),
    "setwise by likelihood": lambda model: Setwise(model, CORPUS, scoring="likelihood", top=2),
    "pairwise": lambda model: Pairwise(model, CORPUS, top=2),
}


@pytest.mark.parametrize("name", RERANKERS)
def test_the_best_comes_first_and_a_query_that_fails_keeps_its_order(name: str, server: Answering) -> None:
    run = RERANKERS[name](chat(server)).rerank(QUERIES, RUN, k=10)
    assert {query_id: run[query_id].doc_ids[0] for query_id in BEST} == BEST
    assert list(run["broken"].doc_ids) == list(RUN["broken"].doc_ids)
    fallback = dict(zip(run.query_ids, run.notes["fallback"], strict=True))
    assert str(fallback["broken"]).startswith("order given")
    assert "out of order" in str(fallback["broken"])
    assert fallback["fox"] == fallback["whale"] == ""
    for ranking in run.values():
        assert sorted(ranking.doc_ids) == sorted(document.id for document in DOCUMENTS)
    spent = dict(zip(run.query_ids, run.notes["prompt_tokens"], strict=True))
    assert int(str(spent["fox"])) > 0
    assert all(float(str(seconds)) > 0 for seconds in run.notes["seconds"][:2])


def test_letters_that_a_server_leaves_out_are_counted(server: Answering) -> None:
    run = RERANKERS["first"](chat(server)).rerank(QUERIES, RUN, k=10)
    notes = {name: dict(zip(run.query_ids, values, strict=True)) for name, values in run.notes.items()}
    assert [notes["unlisted"][query_id] for query_id in ("fox", "whale", "broken")] == [2, 2, None]  # one of four letters in two windows
    assert (notes["malformed"]["fox"], notes["answers"]["fox"]) == (0, {"ok": 2})
    with pytest.raises(BadValue, match="model is 'FakeGenerator'; expected a decoder, or a generator that tells the log-prob"):
        FIRST(FakeGenerator(["A"]), CORPUS)


@pytest.mark.parametrize("name", RERANKERS)
def test_where_all_fail_it_is_an_error(name: str, server: Answering) -> None:
    server.reply = lambda request, number: Reply({}, 401)
    with pytest.raises(EndpointError, match="401"):  # not that no query left room, which asks on
        RERANKERS[name](chat(server)).rerank(QUERIES, RUN, k=10)
    assert len(server.requests) < 20


@pytest.mark.parametrize("name", RERANKERS)
def test_a_limit_ends_the_asking_and_no_document_is_lost(name: str, server: Answering) -> None:
    model = chat(server, spend_limit_tokens=400, workers=1)
    run = RUN
    with suppress(ModelError):  # where it is reached before any query is done
        run = RERANKERS[name](model).rerank(QUERIES, RUN, k=10)
    assert all(sorted(ranking.doc_ids) == sorted(document.id for document in DOCUMENTS) for ranking in run.values())
    assert model.budget.spent.tokens < 400 + 400


@pytest.mark.parametrize("name", [name for name in RERANKERS if name != "pointwise"])
def test_what_was_done_before_a_server_went_away_is_done(name: str, server: Answering) -> None:
    run = Run.from_rankings({"fox": Ranking.from_order(["d1", "d4"]), "whale": RUN["whale"]})
    about_whales = 0

    def reply(request: Request, number: int) -> Reply:
        nonlocal about_whales
        about_whales += any(re.search(r'query:? "?whale', message["content"]) is not None for message in request.body["messages"])
        return Reply({}, 503) if about_whales > 1 else wise(request, number)

    server.reply = reply
    found = RERANKERS[name](chat(server, workers=1)).rerank(QUERIES[:2], run, k=10)
    assert list(found["fox"].doc_ids) == ["d4", "d1"]
    assert list(found["whale"].doc_ids) == list(RUN["whale"].doc_ids)
    assert found.notes["fallback"][0] == ""
    assert "status 503" in str(found.notes["fallback"][1])


def test_portions_that_were_scored_before_a_server_went_away_are_scored(server: Answering, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portions, "PAIRS", 6)
    server.reply = lambda request, number: (
        Reply({}, 503) if "whale\nDoes" in request.body["messages"][0]["content"] else wise(request, number)
    )
    found = Pointwise(chat(server), CORPUS).rerank(QUERIES[:2], RUN, k=10)
    assert found["fox"].doc_ids[0] == "d4"
    assert list(found["whale"].doc_ids) == list(RUN["whale"].doc_ids)
    assert str(found.notes["fallback"][1]).startswith("order given: http")
