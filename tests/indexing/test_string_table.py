"""A growing table of strings numbers them as a dictionary does."""

from hypothesis import given, settings
from hypothesis import strategies as st

from irloom.indexing.string_table import StringTable
from irloom.indexing.strings import pack

_STRINGS = st.lists(st.text(st.sampled_from("ab\0é漢"), max_size=6), max_size=40)


@settings(max_examples=60, deadline=None)
@given(batches=st.lists(_STRINGS, max_size=5))
def test_numbers_are_those_of_a_dictionary(batches: list[list[str]]) -> None:
    table, known = StringTable(), dict[str, int]()
    for batch in batches:
        expected = [known.setdefault(string, len(known)) for string in batch]
        assert table.enter(*pack(batch)).tolist() == expected
        assert len(table) == len(known)
    data, offsets = pack(list(known))
    assert table.data[: table.bytes].tobytes() == data.tobytes()
    assert table.offsets[: len(table) + 1].tolist() == offsets.tolist()


def test_strings_that_lie_among_others() -> None:
    table = StringTable()
    data, offsets = pack(["before", "a", "b", "a"])
    assert table.enter(data, offsets[1:]).tolist() == [0, 1, 0]
