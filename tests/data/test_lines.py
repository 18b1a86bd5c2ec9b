"""Lines in, lines out: numbers, encodings, packed files, files that stay when a write fails."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from irloom.core import files
from irloom.core.errors import BadLine, DataError
from irloom.data.lines import read_lines, write_lines


@pytest.mark.parametrize("name", ["a.txt", "a.txt.gz"])
def test_round_trip_counts_lines(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    write_lines(path, ["one\n", "\n", "  \n", "four\u2028still four\n", "fünf"])
    assert list(read_lines(path)) == [(1, "one"), (4, "four\u2028still four"), (5, "fünf")]


def test_byte_order_mark_and_carriage_returns(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"\xef\xbb\xbfone\r\ntwo\r\n")
    assert list(read_lines(path)) == [(1, "one"), (2, "two")]


def test_packed_files_are_equal_byte_for_byte(tmp_path: Path) -> None:
    """No time stamp: the same lines make the same file."""
    for name in ("a.gz", "b.gz"):
        write_lines(tmp_path / name, ["same\n"])
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()
    assert gzip.decompress((tmp_path / "a.gz").read_bytes()) == b"same\n"


def test_not_utf8_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"gut\n" + "süß\n".encode("latin-1"))
    with pytest.raises(BadLine, match=r"a\.txt line 2: not UTF-8: byte 0xfc"):
        list(read_lines(path))


def test_what_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not exist"):
        list(read_lines(tmp_path / "none"))
    with pytest.raises(DataError, match="is a folder"):
        list(read_lines(tmp_path))


@pytest.mark.parametrize(
    "data",
    [b"no gzip at all", gzip.compress(b"line\n" * 1000)[:-12], gzip.compress(b"x" * 99)[:14] + b"\xff" * 30],
    ids=["text", "cut", "nonsense"],  # gzip writes down the time
)
def test_broken_gzip(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(data)
    with pytest.raises(DataError, match="not a whole gzip file"):
        list(read_lines(path))


def test_failed_writes_leave_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_lines(path, ["old\n"])

    def broken() -> Iterator[str]:
        yield "new\n" * 1_000_000
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_lines(path, broken())
    with pytest.raises(DataError, match="cannot be written as UTF-8"):
        write_lines(path, ["\ud800"])

    def full(action: str, where: Path) -> None:
        if action == "write":
            raise OSError(28, "No space left on device")

    files.fail_points.append(full)
    try:
        with pytest.raises(OSError, match="No space"):
            write_lines(path, ["new\n"])
    finally:
        files.fail_points.remove(full)
    assert path.read_text() == "old\n"
    assert [item.name for item in tmp_path.iterdir()] == ["a.txt"]
