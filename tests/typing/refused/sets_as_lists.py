"""A selector names the best of a set; top-down partitioning needs the order of a list."""

from collections.abc import Sequence

from irloom.rerankers.comparators.contract import Candidates, SetSelector
from irloom.rerankers.schedules.drive import Ask, about_groups


def asked(selector: SetSelector, candidates: Sequence[Candidates]) -> Ask[list[int]]:
    return about_groups(selector.select, candidates)  # refused: arg-type
