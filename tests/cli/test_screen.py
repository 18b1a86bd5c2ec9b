"""Tables, JSON and progress as text."""

import json

from irloom.cli import screen


def test_table_shows_markup_and_scripts_as_they_are(capsys, monkeypatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    screen.print_table(["id", "text"], [["1", "[bold]x[/bold] :smile:"], ["2", "\x1b[31mred\x1b[0m 漢字"]])
    out = capsys.readouterr().out
    assert "[bold]x[/bold] :smile:" in out
    assert "漢字" in out
    assert "\x1b" not in out


def test_json_is_alone(capsys) -> None:
    screen.print_json({"a": [1, "é"]})
    assert json.loads(capsys.readouterr().out) == {"a": [1, "é"]}


def said_by(capsys, monkeypatch, times, calls):
    """What progress writes on stderr when it is called at these times, in seconds."""
    clock = iter(times)
    monkeypatch.setattr("irloom.cli.screen.time.monotonic", lambda: next(clock))
    with screen.progress() as shown:
        for call in calls:
            shown(*call)
    said = capsys.readouterr()
    assert said.out == ""
    return said.err


def test_progress_without_a_terminal_is_seldom_and_on_stderr(capsys, monkeypatch) -> None:
    calls = [("encoding", done, 4_000) for done in (0, 1_000, 2_000, 3_000, 4_000, 4_000)]
    said = said_by(capsys, monkeypatch, [100.0, 101.0, 105.0, 112.0, 113.0, 114.0], calls)
    assert said == "encoding: 3,000 of 4,000, 250/s, 4 s left\nencoding: 4,000 of 4,000 in 13 s\n"


def test_progress_without_a_total(capsys, monkeypatch) -> None:
    assert said_by(capsys, monkeypatch, [100.0, 111.0], [("documents", 1, 0), ("documents", 1_234, 0)]) == "documents: 1,234, 112/s\n"


def test_the_rate_leaves_out_what_was_done_before(capsys, monkeypatch) -> None:
    """A build that takes up finished shards goes through them in no time; the time left is that of the rest."""
    calls = [("vectors", done, 10_000) for done in (256, 9_000, 9_010, 9_020)]
    said = said_by(capsys, monkeypatch, [0.0, 10.0, 15.0, 20.0], calls)
    assert said == "vectors: 9,000 of 10,000, 874/s, 1 s left\nvectors: 9,020 of 10,000, 2.0/s, 8 min 10 s left\n"


def test_the_same_work_over_another_segment(capsys, monkeypatch) -> None:
    calls = [("postings", 5, 5), ("postings", 0, 7), ("postings", 7, 7)]
    assert said_by(capsys, monkeypatch, [0.0, 5.0, 7_300.0], calls) == "postings: 7 of 7 in 2 h 1 min\n"  # the first took no time


def test_no_time_left_where_nothing_moves(capsys, monkeypatch) -> None:
    assert said_by(capsys, monkeypatch, [0.0, 60.0], [("bytes", 5, 9), ("bytes", 5, 9)]) == "bytes: 5 of 9, 0.0/s\n"


def test_bars_on_a_terminal(capsys, monkeypatch) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with screen.progress() as shown:
        shown("encoding [x]", 0, 0)
        shown("encoding [x]", 5, 10)
    assert "encoding [x]" in capsys.readouterr().err


def test_warnings_and_what_indexing_logs_are_shown_while_work_is(capsys) -> None:
    import logging

    logger = logging.getLogger("irloom.indexing.ann")
    with screen.progress():
        logger.info("takes %s", "hnsw")
        logger.warning("finds little")
        logging.getLogger("irloom.rerankers").warning("1 of 2 queries\nfailed")
        logging.getLogger("irloom.retrievers").info("nothing of this")
    logger.info("nothing of this")
    assert capsys.readouterr().err == "takes hnsw\nirloom: warning: finds little\nirloom: warning: 1 of 2 queries failed\n"
