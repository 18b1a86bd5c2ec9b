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
        out, err = process.communicate(timeout=120)
    finally:
        process.kill()
        process.communicate()
        os.close(leader)
        os.close(follower)
    assert (process.returncode, err) == (130, "")
    assert "1 judgments in" in out
    assert output.read_text() == "q1 0 a 3\n"


def wait_for(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120  # a loaded machine takes its time to start Python
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def server():
    """A chat endpoint that grades by the letter of the document."""
    from tests.answering import Reply, Request, answering

    def reply(request: Request, number: int) -> Reply:
        (message,) = request.body["messages"]
        grade = {"a": "##final score: 2", "b": "nothing to say", "c": "##final score: 3"}[message["content"].partition("text of ")[2][0]]
        usage = {"prompt_tokens": 10, "completion_tokens": 5}
        return Reply({"choices": [{"message": {"content": grade}}], "usage": usage})

    with answering(reply) as running:
        yield running


def test_a_model_judges(irloom, pool, server, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("IRLOOM_CACHE", str(tmp_path / "cache"))
    output = tmp_path / "umbrela.qrels"
    call = ("judge", pool, "--output", output, "--model", "gpt", "--endpoint", f"{server.url}/v1")
    done = irloom(*call)
    assert done.code == 0, done.err
    assert output.read_text() == "q1 0 a 2\nq1 0 b 0\nq1 0 c 3\n"
    assert "3 judged now, 30 tokens read and 15 written." in done.out
    assert "1 (33.3%) could not be read and stand as 0." in done.out
    assert server.requests[0].body["frequency_penalty"] == 0.5
    assert server.requests[0].body["temperature"] == 0
    log = (tmp_path / "umbrela.qrels.log.jsonl").read_text()
    assert "secret" not in log
    assert irloom(*call).code == 0
    other = irloom("judge", pool, "--output", tmp_path / "other.qrels", "--model", "gpt", "--endpoint", f"{server.url}/v1")
    assert other.code == 0
    assert len(server.requests) == 3  # the file was whole, and the second one came from the cache
    assert irloom("evaluate", pool, "--qrels", output).code == 2
    (tmp_path / "run.trec").write_text("q1 Q0 a 1 1.0 t\n")
    assert "3 of 3 judgments are a model's and no person's" in irloom("evaluate", tmp_path / "run.trec", "--qrels", output).out


def test_an_alarm_where_nothing_can_be_read(irloom, pool, tmp_path, monkeypatch) -> None:
    from tests.answering import Reply, answering

    monkeypatch.setenv("IRLOOM_CACHE", str(tmp_path / "cache"))
    with answering(lambda request, number: Reply({"choices": [{"message": {"content": "no idea"}}]})) as running:
        done = irloom("judge", pool, "-o", tmp_path / "a.qrels", "--model", "gpt", "--endpoint", f"{running.url}/v1")
    assert done.code == 0
    assert "irloom: ALARM: 3 of 3 labels (100.0%) are answers that could not be read and stand as 0" in done.err


def test_holes_are_judged_and_filled(irloom, run_file, animals, tmp_path, monkeypatch) -> None:
    from tests.answering import Reply, answering

    monkeypatch.setenv("IRLOOM_CACHE", str(tmp_path / "cache"))
    labels, filled = tmp_path / "labels.qrels", tmp_path / "filled.qrels"
    with answering(lambda request, number: Reply({"choices": [{"message": {"content": "1"}}]})) as running:
        model = ("--model", "gpt", "--endpoint", f"{running.url}/v1")
        done = irloom("judge", run_file, "--holes", "--qrels", animals, "-o", labels, "--prompt", "llmjudge", *model)
        asked = len(running.requests)
    assert done.code == 0, done.err
    assert asked > 0
    assert "answers in another form" in done.out
    made = irloom("fill", animals, labels, "--output", filled)
    assert made.code == 0, made.err
    assert f"4 judgments of people and {asked} labels of 'llmjudge by gpt'" in made.out
    again = irloom("judge", run_file, "--holes", "--qrels", filled, "-d", animals, "-o", tmp_path / "more.qrels", *model)
    assert "There are no holes" in again.out


def test_a_server_that_is_gone_is_one_line(irloom, pool, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("IRLOOM_CACHE", str(tmp_path / "cache"))
    settings = ("--set", "retries=0", "--set", "timeout=2")
    done = irloom("judge", pool, "-o", tmp_path / "a.qrels", "--model", "gpt", "--endpoint", "http://127.0.0.1:9/v1", *settings)
    assert done.code == 2
    assert len(done.err.strip().splitlines()) <= 2
    assert not (tmp_path / "a.qrels").exists()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--endpoint", "http://x/v1"], "--model"),
        (["--samples", "3"], "--model"),
        (["--model", "gpt", "--judge", "alice"], "--judge"),
        (["--model", "gpt", "--endpoint", "http://x/v1", "--prompt", "umbrella"], "Did you mean 'umbrela'"),
        (["--model", "gpt", "--endpoint", "http://x/v1", "--set", "wrokers=2"], "Did you mean 'workers'"),
        (["--model", "no/such/model/here"], "no/such/model/here"),
        (["--qrels", "x"], "--holes"),
        (["--holes"], "--qrels"),
    ],
)
def test_options_that_do_not_go_together(irloom, pool, tmp_path, more, said) -> None:
    done = irloom("judge", pool, "-o", tmp_path / "a.qrels", *more)
    assert done.code == 2
    assert said in done.err
    assert not (tmp_path / "a.qrels").exists()
