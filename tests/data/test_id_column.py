"""The column numbers ids the same, whether they fit a word or not, wherever the first long one stands."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irloom.data.fields import Column
from irloom.data.id_column import IdColumn, Numbers

ID = st.text(st.characters(exclude_categories=["Cs", "Z", "C"]) | st.just("\0"), min_size=1, max_size=12)


def cut(ids: list[str]) -> Column:
    """The ids as a column of a block of text."""
    fields = [item.encode() for item in ids]
    lengths = np.array([len(field) for field in fields], np.int64)
    starts = np.cumsum(np.append(0, lengths[:-1] + 1)).astype(np.int64)[: len(fields)]
    return Column(b" ".join(fields) + b"\n" + bytes(64), starts, lengths)


def column(blocks: list[list[str]]) -> list[str]:
    """The ids that come back, in the order of the entries."""
    made = IdColumn()
    for ids in blocks:
        made.add(cut(ids))
    numbers, ids = made.finish()
    assert len(set(ids)) == len(ids)
    assert set(numbers.tolist()) == set(range(len(ids)))
    return [ids[number] for number in numbers.tolist()]


@given(st.lists(st.lists(ID, max_size=6), max_size=4))
def test_ids_come_back(blocks: list[list[str]]) -> None:
    assert column(blocks) == [item for ids in blocks for item in ids]


@given(st.lists(st.lists(st.integers(0, 99999999).map(str) | st.integers(0, 30).map(str), max_size=6), max_size=4), st.booleans())
def test_numbers_come_back(blocks: list[list[str]], odd: bool) -> None:
    blocks = [*blocks, ["00", "0", "01", "1a", "a1"]] if odd else blocks
    assert column(blocks) == [item for ids in blocks for item in ids]


@pytest.mark.parametrize("late", ["nine bytes", "a\0", "äöüäö"])
def test_a_long_id_after_short_ones(late: str) -> None:
    ids = [["a", "b", "12345678"], ["a", late.replace(" ", "_")], ["b", "12345678"]]
    assert column(ids) == [item for block in ids for item in block]


@given(st.lists(st.tuples(ID | st.just("x" * 70), st.integers(1, 3)), max_size=6))
def test_repeated_ids_are_numbered_as_one_by_one(repeated: list[tuple[str, int]]) -> None:
    ids = [item for item, count in repeated for _ in range(count)]
    assert Numbers().of_repeated(cut(ids)).tolist() == Numbers().of([item.encode() for item in ids]).tolist()
