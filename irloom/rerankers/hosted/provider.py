"""What a provider of reranking is: where it listens, what it is sent, and how its answer is read."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import EndpointError

GREATEST = 1e38
"""A score at most, so that it and what stands below it are finite in float32."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that was read.

    Attributes:
        scores: float32 (n,), one a document, in the order sent; higher is better.
        tokens: tokens that were read, as the server counts them; None where it does not.
        searches: searches that are billed; None where the provider bills tokens, or says nothing.
    """

    scores: NDArray[np.float32]
    tokens: int | None = None
    searches: int | None = None


class Provider(Protocol):
    """A wire format and what is known of those who speak it.

    Attributes:
        address: the usual base address; "" where there is none.
        key_env: the environment variable that usually holds the key.
        path: what follows the base address.
        most: documents of a request at most.
        billed: what is paid for.
        token_limit: tokens at which each document is cut unless another number is asked for; None where the server knows best.
        takes_token_limit: whether another number can be asked for.
    """

    @property
    def address(self) -> str: ...
    @property
    def key_env(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def most(self) -> int: ...
    @property
    def billed(self) -> Literal["searches", "tokens"]: ...
    @property
    def token_limit(self) -> int | None: ...
    @property
    def takes_token_limit(self) -> bool: ...
    def body(self, model: str, query: str, texts: Sequence[str], *, max_tokens: int | None) -> dict[str, Any]: ...
    def read(self, answer: Any, n: int, url: str) -> Reply: ...


def scores_of(entries: Any, n: int, url: str, *, score: str) -> NDArray[np.float32]:
    """The scores of n documents out of a list of entries with `index` and a score.

    Returns:
        float32 (n,), in the order of the indexes.

    Raises:
        EndpointError: it is no such list, an index is missing, out of range or there twice, or a score is no number within `GREATEST`.
    """
    if not isinstance(entries, list):
        raise EndpointError(url, f"answers no list of scores but {type(entries).__name__}", status=200)
    scores = np.full(n, np.nan, np.float32)
    for entry in entries:
        place, value = (entry.get("index"), entry.get(score)) if isinstance(entry, dict) else (None, None)
        if not isinstance(place, int) or isinstance(place, bool):
            raise EndpointError(url, f"answers an entry whose 'index' is {place!r:.40}", status=200)
        if not 0 <= place < n:
            raise EndpointError(url, f"answers an entry of index {place} to {n} documents", status=200)
        if not math.isnan(scores[place]):
            raise EndpointError(url, f"answers two entries of index {place}", status=200)
        if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) <= GREATEST:
            raise EndpointError(url, f"answers an entry whose '{score}' is {value!r:.40}, not a number within {GREATEST}", status=200)
        scores[place] = value
    missing = np.flatnonzero(np.isnan(scores))
    if len(missing):
        raise EndpointError(url, f"answers {n - len(missing)} scores to {n} documents; that of index {missing[0]} is missing", status=200)
    return scores


def inside(answer: Any, name: str, url: str) -> Any:
    """A field of a JSON object.

    Raises:
        EndpointError: the answer is no object, or lacks the field.
    """
    if not isinstance(answer, dict) or name not in answer:
        raise EndpointError(url, f"answers no {name!r} but {_shape(answer)}", status=200)
    return answer[name]


def count_of(answer: Any, *names: str) -> int | None:
    """A count that lies as deep as `names` say; None where it is not there, or no whole number of 0 or more."""
    for name in names:
        answer = answer.get(name) if isinstance(answer, Mapping) else None
    whole = isinstance(answer, int | float) and not isinstance(answer, bool) and answer >= 0 and float(answer).is_integer()
    return int(answer) if whole else None


def _shape(answer: Any) -> str:
    return f"an object of {', '.join(sorted(map(str, answer)))[:80] or 'nothing'}" if isinstance(answer, dict) else type(answer).__name__
