"""Repeated ids are found at any distance, with both lines."""

from pathlib import Path

import pytest

from irloom.core.errors import DuplicateDocument
from irloom.data.unique import UniqueIds


def watch(ids: list[str]) -> UniqueIds:
    return UniqueIds(Path("c.jsonl"), lambda: iter(list(enumerate(ids, 1))))


def feed(seen: UniqueIds, ids: list[str]) -> None:
    for item in ids:
        seen.add(item)
    seen.check()


@pytest.mark.parametrize(("first", "second"), [(0, 1), (3, 700), (1000, 1999), (0, 4999)])
def test_both_lines_are_named(first: int, second: int) -> None:
    ids = [f"d{number}" for number in range(5000)]
    ids[second] = ids[first]
    seen = watch(ids)
    with pytest.raises(DuplicateDocument, match=rf"c\.jsonl lines {first + 1} and {second + 1}: document 'd{first}' occurs twice"):
        feed(seen, ids)


def test_reported_before_twice_as_many_lines() -> None:
    ids = ["same", "same", *(f"d{number}" for number in range(10_000))]
    seen = watch(ids)
    with pytest.raises(DuplicateDocument):
        feed(seen, ids)
    assert len(seen) == 1024


def test_unique_and_none() -> None:
    seen = watch([])
    seen.check()
    for number in range(3000):
        seen.add(str(number))
    seen.check()
    assert len(seen) == 3000


def test_equal_hashes_of_different_ids_are_no_repetition() -> None:
    class Same(str):
        def __hash__(self) -> int:
            return 7

    ids: list[str] = [Same("a"), Same("b")]
    seen = watch(ids)
    for item in ids:
        seen.add(item)
    seen.check()
