import io
import sys

import pytest

from irloom.cli.keys import END, read_key, single_keys


def test_keys_of_a_pipe() -> None:
    """White space is passed over, capitals are small letters, Ctrl-D and the end of the pipe are the end."""
    pipe = io.StringIO(" 2\n\tQé\x04")
    assert [read_key(pipe) for _ in range(5)] == ["2", "q", "é", END, END]


def test_a_pipe_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("b"))
    with single_keys():
        assert read_key() == "b"
