"""`irloom judge`: keys in, judgments out; from a pipe, and in a terminal of its own."""

import io
import json
import os
import pty
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Done


@pytest.fixture
def pool(tmp_path: Path) -> Path:
    items = [
        {"query_id": "q1", "doc_id": doc_id, "query": "a question", "title": "About", "text": f"text of {doc_id}", "sources": {"secret": 1}}
        for doc_id in ("a", "b", "c")
    ]
    path = tmp_path / "pool.jsonl"
    path.write_text("".join(json.dumps(item) + "\n" for item in items))
    return path


@pytest.fixture
def judge(irloom: Callable[..., Done], pool: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Done]:
    """Judges the pool with keys that come from a pipe."""

    def call(keys: str, *arguments: object) -> Done:
        monkeypatch.setattr(sys, "stdin", io.StringIO(keys))
        return irloom("judge", pool, "--output", tmp_path / "a.qrels", *arguments)

    return call


def test_keys(judge: Callable[..., Done], tmp_path: Path) -> None:
    """2 for a, b skipped, back to b, 0 for b, quit at c; the source of a document is not shown."""
    done = judge("2 x s b 0 q", "--judge", "alice")
    assert done.code == 0, done.err
    assert (tmp_path / "a.qrels").read_text() == "q1 0 a 2\nq1 0 b 0\n"
    assert "'x' is no key here" in done.out
    assert "QUERY q1: a question" in done.out
    assert "text of a" in done.out
    assert "secret" not in done.out
    assert done.out.endswith("2 judgments in " + str(tmp_path / "a.qrels") + ", 1 documents of the pool left.\n")


def test_taken_up_again(judge: Callable[..., Done], tmp_path: Path) -> None:
    judge("2")  # the pipe ends after one key
    done = judge("1\n3\n")
    assert (tmp_path / "a.qrels").read_text() == "q1 0 a 2\nq1 0 b 1\nq1 0 c 3\n"
    assert "text of a" not in done.out
    assert "Everything is judged." in done.out


def test_back_from_the_end(judge: Callable[..., Done], tmp_path: Path) -> None:
    done = judge("1 s 1 b 2 q")
    assert "The end of the pool; 1 were skipped" in done.out
    assert "judged 1 before" in done.out
    assert (tmp_path / "a.qrels").read_text() == "q1 0 a 1\nq1 0 c 2\n"


def test_control_characters_do_not_reach_the_terminal(judge: Callable[..., Done], pool: Path) -> None:
    pool.write_text(json.dumps({"query_id": "q1", "doc_id": "a", "query": "x\x1b[2Jy", "text": "one\ntwo\x07"}) + "\n")
    out = judge("q").out
    assert "\x1b" not in out
    assert "\x07" not in out
    assert "one\ntwo" in out


def test_refused(judge: Callable[..., Done], pool: Path, tmp_path: Path) -> None:
    judge("2", "--judge", "alice")
    done = judge("1", "--judge", "bob")
    assert done.code == 2
    assert "the judgments of 'alice', not of 'bob'" in done.err
    pool.write_text('{"query_id": "q1"}\n')
    done = judge("1", "--judge", "alice")
    assert (done.code, done.out) == (2, "")
    assert "pool.jsonl line 1: field 'doc_id' is missing" in done.err
    assert (tmp_path / "a.qrels").read_text() == "q1 0 a 2\n"


def test_in_a_terminal_until_ctrl_c(pool: Path, tmp_path: Path) -> None:
    """Keys act without Enter; a second process is refused meanwhile; Ctrl-C keeps what was judged and gives the terminal back."""
    output = tmp_path / "a.qrels"
    command = [sys.executable, "-m", "irloom", "judge", str(pool), "--output", str(output)]
    leader, follower = pty.openpty()
    process = subprocess.Popen(command, stdin=follower, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        wait_for(lambda: not termios.tcgetattr(follower)[3] & termios.ICANON)  # a key that comes before would be thrown away
        os.write(leader, b"3")
        wait_for(output.exists)
        second = subprocess.run(command, input="1", capture_output=True, text=True, check=False)
        assert second.returncode == 2
        assert "is being judged by another process" in second.stderr
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
        process.communicate()
        os.close(leader)
        os.close(follower)
    assert (process.returncode, err) == (130, "")
    assert "1 judgments in" in out
    assert output.read_text() == "q1 0 a 3\n"


def wait_for(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.01)
