"""Strings as bytes and offsets: packed, gathered, cut into blocks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from irloom.indexing.strings import blocks, gather, offsets_of, pack, unpack

_STRINGS = st.lists(st.text(max_size=8) | st.just("\ud800"), min_size=1, max_size=20)


@settings(max_examples=60, deadline=None)
@given(strings=_STRINGS, data=st.data())
def test_strings_come_back(strings: list[str], data: st.DataObject) -> None:
    places = np.array(data.draw(st.lists(st.integers(0, len(strings) - 1))), np.int64)
    packed = pack(strings)
    assert unpack(*packed, places) == [strings[place] for place in places.tolist()]
    assert gather(*packed, places).tobytes() == b"".join(strings[place].encode("utf-8", "surrogatepass") for place in places.tolist())


@given(lengths=st.lists(st.integers(0, 9), max_size=30), size=st.integers(1, 20))
def test_blocks_are_as_large_as_they_may_be(lengths: list[int], size: int) -> None:
    offsets = offsets_of(np.array(lengths, np.int64))
    cut = list(blocks(offsets, size))
    assert [place for start, stop in cut for place in range(start, stop)] == list(range(len(lengths)))
    for start, stop in cut:
        assert stop == start + 1 or sum(lengths[start:stop]) <= size
        assert stop == len(lengths) or sum(lengths[start : stop + 1]) > size


def test_blocks_of_what_lies_among_others() -> None:
    assert list(blocks(np.array([7, 9, 20, 21]), 5)) == [(0, 1), (1, 2), (2, 3)]


@pytest.mark.parametrize("offsets", [[0, 5], [-1, 2], [2, 1]])
def test_offsets_of_other_bytes_are_refused(offsets: list[int]) -> None:
    with pytest.raises(ValueError, match="lie outside 4 bytes"):
        gather(np.zeros(4, np.uint8), np.array(offsets, np.int64), np.array([0]))
