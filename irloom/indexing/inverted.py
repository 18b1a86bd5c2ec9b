"""The reader of an inverted index: a part of a collection for lexical retrieval, over one segment."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import Corrupt
from irloom.indexing.forward import ForwardFile
from irloom.indexing.postings import read_lists
from irloom.indexing.term_table import TermTable


class InvertedIndex:
    """The index of a segment, memory-mapped.

    Attributes:
        lists: the postings.
        terms: the vocabulary.
        forward: the documents' terms.
        documents: how many there are, deleted ones too.

    Raises:
        Corrupt: a file is missing, truncated, or does not fit the others.
    """

    def __init__(self, folder: Path) -> None:
        self.lists, self.terms, self.forward = read_lists(folder), TermTable(folder), ForwardFile(folder)
        self.documents = len(self.lists.lengths)
        if len(self.terms) != int(self.lists.runs[-1, 0]) or len(self.forward) != self.documents:
            raise Corrupt(folder / "runs.npy", "the postings do not fit the vocabulary or the forward file")

    def find(self, numbers: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """int64 (n,) the first posting and int64 (n,) the number of postings of the lists of these terms."""
        runs = self.lists.runs
        own = runs[np.searchsorted(runs[:, 0], numbers, side="right") - 1]
        return own[:, 1] + (numbers - own[:, 0]) * own[:, 2], own[:, 2]

    def df(self, numbers: Sequence[int] | NDArray[np.int32]) -> NDArray[np.int64]:
        """int64 (n,): in how many documents each term of these numbers occurs, deleted ones too."""
        return self.find(np.asarray(numbers, np.int32))[1]
