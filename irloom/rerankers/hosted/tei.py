"""/rerank of Hugging Face's Text Embeddings Inference.

The server holds one model, and takes 32 texts a request unless it was started with another --max-client-batch-size. Pairs longer than the
model reads are cut, which is not told. The scores are the model's own, before the sigmoid, so that those close to 1 stay apart.
"""

from collections.abc import Sequence
from typing import Any, Final

from irloom.rerankers.hosted.provider import Reply, scores_of


class TEI:
    """A Text Embeddings Inference server with a model of one class."""

    address: Final = ""
    key_env: Final = "TEI_API_KEY"
    path: Final = "/rerank"
    most: Final = 32
    billed: Final = "tokens"
    token_limit: Final = None
    takes_token_limit: Final = False

    def body(self, model: str, query: str, texts: Sequence[str], *, max_tokens: int | None) -> dict[str, Any]:
        """The request; the model has no name there."""
        return {"query": query, "texts": list(texts), "raw_scores": True, "return_text": False, "truncate": True}

    def read(self, answer: Any, n: int, url: str) -> Reply:
        """The scores; nothing is counted in the answer.

        Raises:
            EndpointError: the answer is not what the format says.
        """
        return Reply(scores_of(answer, n, url, score="score"))
