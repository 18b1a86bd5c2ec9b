"""Exit codes, and one line instead of a traceback."""

import errno
import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from irloom.cli.endings import guarded, show_warning
from irloom.core.errors import BadValue, MissingExtra, UnknownName


def raising(error: BaseException):
    def work() -> None:
        raise error

    return work


def test_done() -> None:
    assert guarded(lambda: None) == 0


@pytest.mark.parametrize(
    "error",
    [BadValue("k", -1, "0 or more"), MissingExtra("torch", extra="models"), UnknownName("retriever", "bm52", ["bm25"])],
    ids=lambda error: type(error).__name__,
)
def test_our_errors_are_one_line(error, capsys) -> None:
    assert guarded(raising(error)) == 2
    assert capsys.readouterr().err == f"irloom: {error}\n"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES], ids=errno.errorcode.get)
def test_a_disk_that_cannot_be_written_to(number, capsys) -> None:
    assert guarded(raising(OSError(number, os.strerror(number), "out/manifest.json"))) == 2
    assert capsys.readouterr().err == f"irloom: out/manifest.json: {os.strerror(number)}; what was there before is untouched\n"


def test_interrupt(capsys) -> None:
    assert guarded(raising(KeyboardInterrupt())) == 130
    assert capsys.readouterr().err.count("\n") == 1


def test_a_fault_of_our_own_shows_itself() -> None:
    with pytest.raises(ZeroDivisionError):
        guarded(raising(ZeroDivisionError()))
    with pytest.raises(OSError, match="a text alone"):
        guarded(raising(OSError("a text alone")))


def test_a_reader_that_goes_away() -> None:
    """`irloom components --json | head -1` ends without a traceback."""
    code = "from irloom.cli.main import main; main(['components', '--json'])"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=Path(__file__).parents[2]
    ) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 141


def test_warnings_are_one_line(capsys) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = show_warning
        warnings.warn("2 documents are\nempty", UserWarning, stacklevel=1)
    assert capsys.readouterr().err == "irloom: warning: 2 documents are empty\n"


@pytest.mark.parametrize("closed", ["stdin", "stdout", "stderr"])
def test_a_stream_that_is_closed_from_the_start(closed: str) -> None:
    """`irloom components >&-` ends without a traceback."""
    program = f"import sys; sys.{closed} = None; from irloom.cli.main import main; main(['components'])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=Path(__file__).parents[2], check=False)
    assert done.returncode == 0
    assert done.stderr == ""
    assert ("bm25" in done.stdout) == (closed != "stdout")


def test_a_stream_of_few_letters(irloom, tmp_path: Path) -> None:
    """What stdout's encoding lacks is escaped; JSON stays JSON."""
    (tmp_path / "c.jsonl").write_text('{"_id": "ü", "text": "ein Käfer"}\n', encoding="utf-8")
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}

    def call(*arguments: object) -> str:
        command = [sys.executable, "-m", "irloom", *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2], env=environment, check=False)
        assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
        return done.stdout

    assert irloom("index", "bm25", "--output", tmp_path / "c", "--dataset", tmp_path / "c.jsonl").code == 0
    assert "ein K\\xe4fer" in call("search", tmp_path / "c", "Käfer")
    assert json.loads(call("search", tmp_path / "c", "Käfer", "--json"))[0]["id"] == "ü"


def test_a_reader_that_goes_away_from_a_table() -> None:
    """`irloom components | head -0` ends as it does without a table; 1 would say that a gate failed."""
    code = "from irloom.cli.main import main; main(['components'])"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=Path(__file__).parents[2]
    ) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 141


def test_too_many_open_files(capsys) -> None:
    assert guarded(raising(OSError(errno.EMFILE, os.strerror(errno.EMFILE), "a"))) == 2
    assert "raise the limit with 'ulimit -n'" in capsys.readouterr().err


def test_a_full_disk_behind_stdout(capsys) -> None:
    assert guarded(raising(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))) == 2
    assert capsys.readouterr().err == f"irloom: {os.strerror(errno.ENOSPC)}; not all could be printed\n"
