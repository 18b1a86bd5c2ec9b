"""Vocabulary: terms as numbers, straight from text. What an index builder reads, without a string per token."""

from array import array
from collections.abc import Iterable
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from irloom.text.analyzer import Analyzer
from irloom.text.memo import Memo


class Vocabulary:
    """Numbers the terms of the texts that it is given, in the order in which they are first seen.

    Not safe to share between threads.

    Args:
        analyzer: makes the terms.

    >>> vocabulary = Vocabulary(Analyzer.english())
    >>> term_ids, offsets = vocabulary.encode(["cats and dogs", "", "a cat"])
    >>> term_ids.tolist(), offsets.tolist(), vocabulary.terms
    ([0, 1, 0], [0, 2, 2, 3], ['cat', 'dog'])
    """

    def __init__(self, analyzer: Analyzer) -> None:
        self.analyzer = analyzer
        self._numbers: dict[str, int] = {}
        self._memo: Memo[int] = Memo(self._analyse)

    def __len__(self) -> int:
        return len(self._numbers)

    @property
    def terms(self) -> list[str]:
        """The terms; a term's number is its place."""
        return list(self._numbers)

    def encode(self, texts: Iterable[str]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """The terms of the texts, one text after another.

        Returns:
            int32 (tokens,) term numbers in the order of the text, and int64 (texts + 1,) where each text begins.
        """
        numbers_of, chunks, flat = self._memo.__getitem__, self.analyzer.chunks, chain.from_iterable
        numbers, offsets = array("i"), array("q", [0])
        for text in texts:
            numbers.extend(flat(map(numbers_of, chunks(text))))
            offsets.append(len(numbers))
        return np.frombuffer(numbers, np.int32), np.frombuffer(offsets, np.int64)

    def _analyse(self, chunk: str) -> tuple[int, ...]:
        return tuple(self._numbers.setdefault(term, len(self._numbers)) for term in self.analyzer.analyse_chunk(chunk))
