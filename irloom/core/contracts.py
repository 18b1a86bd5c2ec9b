"""The joints between layers: what an encoder, a scorer, an index and the rest promise.

`B` ties an encoder to the index that can hold its output: a sparse encoder on a dense index is a type error.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from irloom.core.types import Document, Query

B = TypeVar("B")
B_co = TypeVar("B_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Hits:
    """What an index finds.

    Attributes:
        positions: int64 (n, k), best first; -1 where a row has fewer than k hits.
        scores: float32 (n, k); -inf where the position is -1.
    """

    positions: NDArray[np.int64]
    scores: NDArray[np.float32]


Mask: TypeAlias = NDArray[np.bool_]
"""bool (positions,): which documents may be found."""


class Encoder(Protocol[B_co]):
    """Text to vectors. `space` names what makes two encodings comparable; `fingerprint` adds dtype, backend and length."""

    @property
    def space(self) -> str: ...
    @property
    def compatible_with(self) -> tuple[str, ...]: ...
    @property
    def fingerprint(self) -> str: ...
    def encode_queries(self, queries: Sequence[Query]) -> B_co: ...
    def encode_documents(self, documents: Sequence[Document]) -> B_co: ...
    def warm_up(self) -> None: ...


class Scorer(Protocol):
    """Query and documents to one score per document: float32 (n_i,) for each group, higher is better."""

    @property
    def fingerprint(self) -> str: ...
    def score(self, groups: Sequence[tuple[Query, Sequence[Document]]]) -> list[NDArray[np.float32]]: ...
    def warm_up(self) -> None: ...


class Generator(Protocol):
    """Prompts to texts."""

    def generate(self, prompts: Sequence[str], *, max_new_tokens: int) -> list[str]: ...


class Rewriter(Protocol):
    """Queries to the queries that are asked in their place, the original's id kept on each."""

    def rewrite(self, queries: Sequence[Query]) -> list[list[Query]]: ...


class Index(Protocol[B]):
    """Vectors by position. `allowed` holds for the whole batch: a retriever asks queries of different filters apart."""

    def search(self, batch: B, *, k: int, allowed: Mask | None = None) -> Hits: ...
    def vectors(self, positions: NDArray[np.int64]) -> B: ...
    def ids(self, positions: NDArray[np.int64]) -> list[str]: ...


class Corpus(Protocol):
    """Documents by id."""

    def fetch(self, doc_ids: Sequence[str]) -> list[Document]: ...
