"""The variants of BM25 as small functions of document frequencies.

Each gives idf and the shape of the part that a term adds to the score of a document with the term's frequency tf and
the relative length n = 1 - b + b * length / average length:

    idf * (gain * (tf + shift * n) / (tf + (k1 + shift) * n) + bonus)

Paper: Kamphuis, de Vries, Boytsov, Lin, "Which BM25 Do You Mean? A Large-Scale Reproducibility Study of Scoring
Variants", 2020, section 2.
"""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[np.float64]


class Shape(NamedTuple):
    """What a variant makes of its parameters; `idf` is float64 (terms,)."""

    idf: Numbers
    gain: float = 1.0
    shift: float = 0.0
    bonus: float = 0.0


def robertson(df: Numbers, documents: int, _k1: float, _delta: float) -> Shape:
    """The original one, idf = ln((N - df + 0.5) / (df + 0.5)).

    Differs: idf is 0, not negative, for a term in more than half of the documents; such a term finds nothing.

    Paper: Robertson, Walker, Jones, Hancock-Beaulieu, Gatford, "Okapi at TREC-3", 1994.
    """
    return Shape(np.log(np.maximum(1.0, (documents - df + 0.5) / (df + 0.5))))


def lucene(df: Numbers, documents: int, _k1: float, _delta: float) -> Shape:
    """Lucene's, idf = ln(1 + (N - df + 0.5) / (df + 0.5)), without the factor k1 + 1.

    Differs: lengths are exact; Lucene keeps one byte of each.
    """
    return Shape(np.log1p((documents - df + 0.5) / (df + 0.5)))


def atire(df: Numbers, documents: int, k1: float, _delta: float) -> Shape:
    """ATIRE's, idf = ln(N / df), with the factor k1 + 1.

    Paper: Trotman, Jia, Crane, "Towards an Efficient and Effective Search Engine", 2012.
    """
    return Shape(np.log(documents / df), gain=k1 + 1)


def bm25l(df: Numbers, documents: int, k1: float, delta: float) -> Shape:
    """BM25L, idf = ln((N + 1) / (df + 0.5)): the length-normalised tf is raised by delta, so that long documents lose less.

    Paper: Lv and Zhai, "When Documents Are Very Long, BM25 Fails!", 2011, equation 7.
    """
    return Shape(np.log((documents + 1) / (df + 0.5)), gain=k1 + 1, shift=delta)


def bm25plus(df: Numbers, documents: int, k1: float, delta: float) -> Shape:
    """BM25+, idf = ln((N + 1) / df): each term that occurs adds at least delta * idf.

    Differs: the sum runs over the query's terms that the document has, as in the paper; some libraries add
    delta * idf for the others too, which takes the effect away.

    Paper: Lv and Zhai, "Lower-Bounding Term Frequency Normalization", 2011, equation 9.
    """
    return Shape(np.log((documents + 1) / df), gain=k1 + 1, bonus=delta)


VARIANTS: Final[Mapping[str, Callable[[Numbers, int, float, float], Shape]]] = {
    "robertson": robertson,
    "lucene": lucene,
    "atire": atire,
    "bm25l": bm25l,
    "bm25+": bm25plus,
}

DELTAS: Final[Mapping[str, float]] = {"bm25l": 0.5, "bm25+": 1.0}
"""The published delta of the variants that have one."""
