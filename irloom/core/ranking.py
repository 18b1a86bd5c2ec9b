"""Ranking: the documents of one query, best first, always."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from irloom.core.errors import BadValue, DataError


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """Documents and their scores, best first.

    Attributes:
        doc_ids: n ids.
        scores: float32 (n,), never rising.
    """

    doc_ids: Sequence[str]
    scores: NDArray[np.float32]

    def __post_init__(self) -> None:
        if len(self.doc_ids) != len(self.scores):
            raise BadValue("scores", len(self.scores), f"one per document, {len(self.doc_ids)}")

    @classmethod
    def from_scores(cls, doc_ids: Sequence[str], scores: ArrayLike) -> "Ranking":
        """Sorts by score, then document id, both descending.

        Raises:
            DataError: a score is NaN.

        >>> Ranking.from_scores(["d10", "d2", "d9"], [1.0, 1.0, 2.0]).doc_ids
        ['d9', 'd2', 'd10']
        """
        values = np.asarray(scores, np.float32)
        if np.isnan(values).any():
            raise DataError(f"the score of document {doc_ids[int(np.isnan(values).argmax())]!r} is NaN")
        by_id = sorted(range(len(doc_ids)), key=doc_ids.__getitem__, reverse=True)
        order = [by_id[place] for place in np.argsort(-values[by_id], kind="stable")]
        return cls([doc_ids[place] for place in order], values[order])

    @classmethod
    def from_order(cls, doc_ids: Sequence[str]) -> "Ranking":
        """The order itself, for listwise models: the scores are n, n-1, ..., 1."""
        return cls(list(doc_ids), np.arange(len(doc_ids), 0, -1, dtype=np.float32))

    def then(self, tail: "Ranking") -> "Ranking":
        """This ranking with `tail` under it; the tail's scores are lowered below the head's last one, its order is kept."""
        if not len(self) or not len(tail):
            return tail if not len(self) else self
        floor = np.nextafter(self.scores[-1], np.float32(-np.inf), dtype=np.float32)
        lowered = np.minimum.accumulate(tail.scores - max(np.float32(0), tail.scores[0] - floor))
        return Ranking([*self.doc_ids, *tail.doc_ids], np.concatenate([self.scores, np.minimum(lowered, floor)]).astype(np.float32))

    def cut(self, k: int) -> "Ranking":
        """The first `k` documents."""
        return Ranking(self.doc_ids[:k], self.scores[:k])

    def __len__(self) -> int:
        return len(self.doc_ids)

    def __iter__(self) -> Iterator[tuple[str, float]]:
        return zip(self.doc_ids, self.scores.tolist(), strict=True)
