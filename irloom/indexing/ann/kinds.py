"""The kinds of approximate index, each under its published name, and what each holds in memory.

Paper:
    hnsw: Y. Malkov and D. Yashunin, Efficient and robust approximate nearest neighbor search using Hierarchical Navigable Small World
        graphs, IEEE TPAMI 2020.
    ivf, pq: H. Jegou, M. Douze and C. Schmid, Product quantization for nearest neighbor search, IEEE TPAMI 2011.
    opq: T. Ge, K. He, Q. Ke and J. Sun, Optimized product quantization, IEEE TPAMI 2014.
    fast-scan: F. Andre, A.-M. Kermarrec and N. Le Scouarnec, Cache locality is not enough, VLDB 2015.
    rabitq: J. Gao and C. Long, RaBitQ: quantizing high-dimensional vectors with a theoretical error bound, SIGMOD 2024.
    All as FAISS has them: M. Douze et al., The Faiss library, 2024.
"""

from dataclasses import dataclass
from typing import Final, Literal

from irloom.core.errors import UnknownName

LINKS = 32
"""Neighbours that a vector of a graph has on each upper layer; twice as many on the lowest."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of index.

    Attributes:
        family: how it is searched: a graph of neighbours, inverted lists, or bits by their Hamming distance.
        code: how it keeps a vector, as FAISS's factory writes it; {half} and {eighth} are divisors of the width near those shares of it.
        divided: whether vectors lie in lists, of which a search visits some; else all are scanned.
        bits: of a code, for each number of the vector; 32 where the vectors themselves are compared.
        says: what it is, for people.
    """

    family: Literal["graph", "lists", "bits"]
    code: str
    divided: bool
    bits: float
    says: str

    def bytes_of(self, dim: int) -> int:
        """Bytes in memory for each vector: its code, its id or its links; for a quick search all should fit."""
        links = 4 * 2 * LINKS + 16 if self.family == "graph" or self.code == "HNSW" else 0
        return int(self.bits * dim / 8) + links + (8 if self.divided else 0)


KINDS: Final = {
    "hnsw": Kind("graph", "", False, 32, "a graph of neighbours over the vectors"),
    "hnsw-sq8": Kind("graph", "SQ8", False, 8, "a graph of neighbours over 8-bit codes"),
    "ivf": Kind("lists", "Flat", True, 32, "the vectors in inverted lists, on disk"),
    "ivf-sq8": Kind("lists", "SQ8", True, 8, "8-bit codes in inverted lists, on disk"),
    "ivf-sq4": Kind("lists", "SQ4", True, 4, "4-bit codes in inverted lists, on disk"),
    "ivf-pq": Kind("lists", "PQ{eighth}", True, 1, "product quantizer codes in inverted lists, on disk"),
    "ivf-pq-fs": Kind("lists", "PQ{half}x4fs", True, 2, "4-bit product quantizer codes in inverted lists, scanned in registers"),
    "ivf-opq": Kind("lists", "OPQ{half}", True, 2, "the same after a rotation that suits the codes"),
    "ivf-rabitq": Kind("lists", "RaBitQ", True, 1, "one bit a number in inverted lists, on disk"),
    "sq8": Kind("lists", "SQ8", False, 8, "8-bit codes, all scanned"),
    "sq4": Kind("lists", "SQ4", False, 4, "4-bit codes, all scanned"),
    "pq-fs": Kind("lists", "PQ{half}x4fs", False, 2, "4-bit product quantizer codes, all scanned in registers"),
    "rabitq": Kind("lists", "RaBitQ", False, 1, "one bit a number, all scanned"),
    "binary": Kind("bits", "Flat", False, 1, "the signs of the numbers, all scanned"),
    "binary-ivf": Kind("bits", "IVF", True, 1, "the signs of the numbers in inverted lists"),
    "binary-hnsw": Kind("bits", "HNSW", False, 1, "a graph of neighbours over the signs of the numbers"),
}
"""By name; "flat" stands for none of them, "auto" for what the rule in `choice` takes."""

NAMES: Final = ("auto", "flat", *KINDS)


def kind_by_name(name: str) -> Kind:
    """The kind of that name.

    Raises:
        UnknownName: there is none.
    """
    if name not in KINDS:
        raise UnknownName("kind of FAISS index", name, NAMES)
    return KINDS[name]
