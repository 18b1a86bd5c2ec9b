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


def test_progress_without_a_terminal_is_seldom_and_on_stderr(capsys, monkeypatch) -> None:
    clock = iter([100.0, 101.0, 105.0, 112.0, 113.0, 114.0])
    monkeypatch.setattr("irloom.cli.screen.time.monotonic", lambda: next(clock))
    with screen.progress() as shown:
        for done in (0, 1_000, 2_000, 3_000, 4_000, 4_000):
            shown("encoding", done, 4_000)
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "encoding: 3,000 of 4,000\nencoding: 4,000 of 4,000\n"


def test_progress_without_a_total(capsys, monkeypatch) -> None:
    clock = iter([100.0, 111.0])
    monkeypatch.setattr("irloom.cli.screen.time.monotonic", lambda: next(clock))
    with screen.progress() as shown:
        shown("documents", 1, 0)
        shown("documents", 1_234, 0)
    assert capsys.readouterr().err == "documents: 1,234\n"


def test_bars_on_a_terminal(capsys, monkeypatch) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with screen.progress() as shown:
        shown("encoding [x]", 0, 0)
        shown("encoding [x]", 5, 10)
    assert "encoding [x]" in capsys.readouterr().err
