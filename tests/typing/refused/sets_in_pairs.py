"""A sort that asks for the best of a set has no use for comparisons of two documents."""

from irloom.core.contracts import Corpus
from irloom.rerankers.pairwise import Pairwise
from irloom.rerankers.schedules.heap import PairHeap, SetHeap


def rerankers(corpus: Corpus) -> list[Pairwise]:
    good = Pairwise("model", corpus, schedule=PairHeap())
    return [good, Pairwise("model", corpus, schedule=SetHeap())]  # refused: arg-type
