"""vLLM's /rerank, /v1/rerank and /score.

/rerank follows base addresses with and without /v1. Both cut the pair of query and document where it is longer than the model reads, or
than `max_tokens` says, and do not tell. Old versions do not know -1, which is the model's own length: give them `max_tokens`.
"""

from collections.abc import Sequence
from typing import Any, Final

from irloom.rerankers.hosted.provider import Reply, count_of, inside, scores_of

_WHOLE_CONTEXT = -1


class VLLM:
    """vLLM's rerank format."""

    address: Final = ""
    key_env: Final = "VLLM_API_KEY"
    path: Final = "/rerank"
    most: Final = 1000
    billed: Final = "tokens"
    token_limit: Final = None
    takes_token_limit: Final = True

    def body(self, model: str, query: str, texts: Sequence[str], *, max_tokens: int | None) -> dict[str, Any]:
        """The request; every document's score is asked for."""
        limit = _WHOLE_CONTEXT if max_tokens is None else max_tokens
        return {"model": model, "query": query, "documents": list(texts), "top_n": len(texts), "truncate_prompt_tokens": limit}

    def read(self, answer: Any, n: int, url: str) -> Reply:
        """The scores.

        Raises:
            EndpointError: the answer is not what the format says.
        """
        return Reply(scores_of(inside(answer, "results", url), n, url, score="relevance_score"), count_of(answer, "usage", "total_tokens"))


class VLLMScore:
    """vLLM's score format, for servers without the other."""

    address: Final = ""
    key_env: Final = "VLLM_API_KEY"
    path: Final = "/score"
    most: Final = 1000
    billed: Final = "tokens"
    token_limit: Final = None
    takes_token_limit: Final = True

    def body(self, model: str, query: str, texts: Sequence[str], *, max_tokens: int | None) -> dict[str, Any]:
        """The request."""
        limit = _WHOLE_CONTEXT if max_tokens is None else max_tokens
        return {"model": model, "text_1": query, "text_2": list(texts), "truncate_prompt_tokens": limit}

    def read(self, answer: Any, n: int, url: str) -> Reply:
        """The scores.

        Raises:
            EndpointError: the answer is not what the format says.
        """
        return Reply(scores_of(inside(answer, "data", url), n, url, score="score"), count_of(answer, "usage", "total_tokens"))
