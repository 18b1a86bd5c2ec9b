"""Voyage's /v1/rerank.

A request holds 1,000 documents at most, and 600,000 tokens, where the query counts once for each document. Query and document are cut
where they are longer than the model reads (8,000 tokens of the query and 32,000 of the pair for rerank-2.5), which is not told. Tokens
are billed.
"""

from collections.abc import Sequence
from typing import Any, Final

from irloom.rerankers.hosted.provider import Reply, count_of, inside, scores_of


class Voyage:
    """Voyage, and who speaks its format."""

    address: Final = "https://api.voyageai.com/v1"
    key_env: Final = "VOYAGE_API_KEY"
    path: Final = "/rerank"
    most: Final = 1000
    billed: Final = "tokens"
    token_limit: Final = None
    takes_token_limit: Final = False

    def body(self, model: str, query: str, texts: Sequence[str], *, max_tokens: int | None) -> dict[str, Any]:
        """The request; every document's score is asked for, and no text comes back."""
        return {"model": model, "query": query, "documents": list(texts), "return_documents": False, "truncation": True}

    def read(self, answer: Any, n: int, url: str) -> Reply:
        """The scores.

        Raises:
            EndpointError: the answer is not what the format says.
        """
        return Reply(scores_of(inside(answer, "data", url), n, url, score="relevance_score"), count_of(answer, "usage", "total_tokens"))
