"""Jina's /v1/rerank.

Each model cuts or splits long documents in a way of its own, and does not tell. jina-reranker-v3 reads the documents of a request
together, so that a score depends on the others; the older models read each document alone. Tokens are billed.
"""

from collections.abc import Sequence
from typing import Any, Final

from irloom.rerankers.hosted.provider import Reply, count_of, inside, scores_of


class Jina:
    """Jina, and who speaks its format."""

    address: Final = "https://api.jina.ai/v1"
    key_env: Final = "JINA_API_KEY"
    path: Final = "/rerank"
    most: Final = 1000
    billed: Final = "tokens"
    token_limit: Final = None
    takes_token_limit: Final = False

    def body(self, model: str, query: str, texts: Sequence[str], *, max_tokens: int | None) -> dict[str, Any]:
        """The request; every document's score is asked for, and no text comes back."""
        return {"model": model, "query": query, "documents": list(texts), "top_n": len(texts), "return_documents": False}

    def read(self, answer: Any, n: int, url: str) -> Reply:
        """The scores.

        Raises:
            EndpointError: the answer is not what the format says.
        """
        return Reply(scores_of(inside(answer, "results", url), n, url, score="relevance_score"), count_of(answer, "usage", "total_tokens"))
