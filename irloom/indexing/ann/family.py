"""Family: the contract of what finds candidates in the segments of a part, and what its segments' files are called."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from irloom.core.contracts import Mask
from irloom.indexing.ann.library import faiss

INDEX, CODES = "ann.faiss", "ann.codes.npy"
"""FAISS's file of a segment, and codes that are mapped."""


class Family(Protocol):
    """Opened indexes of some segments of one kind.

    Attributes:
        selects: whether `find` heeds a selector.
        most: for each segment the greatest effort that changes anything.
    """

    selects: bool
    most: tuple[int, ...]

    def prepare(self, queries: NDArray[np.float32], effort: int) -> Any:
        """What all segments need of float32 (q, dim) queries, reckoned once, for efforts of `effort` at most."""

    def find(self, segment: int, prepared: Any, width: int, effort: int, selector: Any) -> NDArray[np.int64]:
        """Places of candidates in a segment.

        Args:
            segment: its number among those that were opened.
            prepared: what `prepare` gave.
            width: candidates wanted of each query.
            effort: lists to visit, or candidates that a walk through the graph keeps.
            selector: FAISS's, of the places that may be found; None for all.

        Returns:
            int64 (q, width), the likely best first; -1 for none.
        """


def viewed(codes: Any, array: NDArray[Any]) -> Any:
    """FAISS's vector of bytes as a view of an array, which is neither copied nor owned: whoever uses it keeps the array."""
    flat = array.reshape(-1).view(np.uint8)
    return type(codes).create_view(faiss().swig_ptr(flat), flat.nbytes, codes.owner)


def selector_of(allowed: Mask) -> Any:
    """FAISS's selector of the places that are set."""
    return faiss().IDSelectorBitmap(np.packbits(allowed, bitorder="little"))
