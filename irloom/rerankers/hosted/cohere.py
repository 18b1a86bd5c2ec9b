"""Cohere's /v2/rerank.

A request holds 10,000 documents at most; Cohere advises 1,000. Each document is cut at `max_tokens_per_doc` tokens, 4,096 unless another
number is asked for, and a query longer than about half the model's context is cut too: neither is told. One search is billed for a query
with up to 100 documents; a document of more than 500 tokens counts as several.
"""

from collections.abc import Sequence
from typing import Any, Final

from irloom.rerankers.hosted.provider import Reply, count_of, inside, scores_of


class Cohere:
    """Cohere, and who speaks its second version."""

    address: Final = "https://api.cohere.com/v2"
    key_env: Final = "CO_API_KEY"
    path: Final = "/rerank"
    most: Final = 1000
    billed: Final = "searches"
    token_limit: Final = 4096
    takes_token_limit: Final = True

    def body(self, model: str, query: str, texts: Sequence[str], *, max_tokens: int | None) -> dict[str, Any]:
        """The request; every document's score is asked for."""
        limit = self.token_limit if max_tokens is None else max_tokens
        return {"model": model, "query": query, "documents": list(texts), "top_n": len(texts), "max_tokens_per_doc": limit}

    def read(self, answer: Any, n: int, url: str) -> Reply:
        """The scores, between 0 and 1.

        Raises:
            EndpointError: the answer is not what the format says.
        """
        scores = scores_of(inside(answer, "results", url), n, url, score="relevance_score")
        return Reply(scores, count_of(answer, "meta", "tokens", "input_tokens"), count_of(answer, "meta", "billed_units", "search_units"))
