"""What `irloom diff` prints of changes."""

import pytest

from irloom.cli.diff import print_changes
from irloom.pipelines.difference import Change


def test_hashes_are_shortened_and_numbers_are_not(capsys: pytest.CaptureFixture[str]) -> None:
    print_changes([Change("data", "files.corpus.jsonl", "a" * 64, "b" * 64), Change("numbers", "mean", 0.123456789012345, None)])
    out = capsys.readouterr().out
    assert "aaaaaaaaaaaa..." in out
    assert "a" * 13 not in out
    assert "0.123456789012345" in out


def test_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    print_changes([])
    assert capsys.readouterr().out == "nothing has changed\n"
