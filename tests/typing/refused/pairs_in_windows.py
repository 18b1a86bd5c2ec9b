"""Windows need orders of lists; a comparator of pairs gives numbers."""

from collections.abc import Sequence

from irloom.rerankers.comparators.contract import Candidates, PairComparator
from irloom.rerankers.schedules.drive import about_pairs, drive
from irloom.rerankers.schedules.window import Window


def ordered(comparator: PairComparator, candidates: Sequence[Candidates]) -> None:
    drive(Window(), [3], about_pairs(comparator.compare, candidates), top=10)  # refused: arg-type
