"""Fields are found as `split` finds them, whatever separates them, and cut out byte for byte."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from irloom.data.fields import Fields, WrongWidth, split_fields

WORD = st.text(st.characters(exclude_categories=["Cs", "Z", "C"]) | st.sampled_from("\0\x01\x1f"), min_size=1, max_size=70).filter(
    lambda text: len(text.encode().split()) == 1 and text.encode().split()[0] == text.encode()
)
BLANK = st.sampled_from([" ", "\t", "  ", " \t", "\r", "\x0b", "\x0c"])


def found(fields: Fields | WrongWidth, width: int) -> list[list[bytes]]:
    assert isinstance(fields, Fields)
    columns = [fields.column(place).fields() for place in range(width)]
    return [list(row) for row in zip(*columns, strict=True)]


@settings(max_examples=200)
@given(st.data(), st.integers(1, 4), st.booleans())
def test_equal_to_split(data: st.DataObject, width: int, neat: bool) -> None:
    rows = data.draw(st.lists(st.lists(WORD, min_size=width, max_size=width) | st.just([]), min_size=1, max_size=5))
    lines = []
    for row in rows:
        blanks = [" " if neat else data.draw(BLANK) for _ in row]
        edge = "" if neat else data.draw(st.sampled_from(["", " ", "\r"]))
        lines.append("".join(word + blank for word, blank in zip(row, [*blanks[:-1], *["" for _ in row[:1]]], strict=True)) + edge)
    block = "".join(f"{line}\n" for line in lines).encode()
    fields = split_fields(block, width=width)
    assert found(fields, width) == [row for row in (line.split() for line in block.split(b"\n")) if row]
    assert isinstance(fields, Fields)
    assert fields.lines.tolist() == [place for place, row in enumerate(rows) if row]


@pytest.mark.parametrize(("block", "line", "width"), [(b"a b\na\n", 1, 1), (b"a  b\n\na b c\na b\n", 2, 3), (b"a\na b c\n", 0, 1)])
def test_the_first_wrong_line_is_named(block: bytes, line: int, width: int) -> None:
    assert split_fields(block, width=2) == WrongWidth(line, width)
