"""The commands that there are, their help, and completion."""

import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

COMMANDS = ["index", "search", "retrieve", "rerank", "fuse", "evaluate", "run", "verify", "info", "datasets", "components", "doctor"]
ALL = [[name] for name in COMMANDS] + [["index", "bm25"], ["index", "dense"]]


@pytest.mark.parametrize("words", [[], *ALL], ids=" ".join)
def test_help_has_an_example(irloom, words) -> None:
    done = irloom(*words, "--help")
    assert done.code == 0
    assert re.search(r"Example: .*irloom", done.out)


def test_help_lists_every_command(irloom) -> None:
    out = irloom("--help").out
    places = [out.index(f"│ {name} ") for name in COMMANDS]
    assert places == sorted(places)


def test_version(irloom) -> None:
    try:
        installed = version("irloom")
    except PackageNotFoundError:
        pytest.skip("irloom is not installed, only on the path")
    assert irloom("--version").out == f"irloom {installed}\n"


def test_unknown_command_names_the_nearest(irloom) -> None:
    done = irloom("serch", "x", "y")
    assert done.code == 2
    said = " ".join(done.err.replace("│", " ").split())  # the box breaks lines where it must
    assert "unknown command 'serch'" in said
    assert "Did you mean 'search'?" in said


def test_unknown_option(irloom) -> None:
    done = irloom("search", "x", "y", "--prat", "bm25")
    assert done.code == 2
    assert "--part" in done.err


def test_missing_option(irloom) -> None:
    done = irloom("retrieve", "x")
    assert done.code == 2
    assert "--queries" in done.err or "--output" in done.err


def test_completion_script() -> None:
    """The shell's script is printed by the program that it completes."""
    code = "from irloom.cli.main import main; main()"
    environment = {"_IRLOOM_COMPLETE": "complete_bash", "COMP_WORDS": "irloom ev", "COMP_CWORD": "1", "PATH": "/usr/bin:/bin"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    assert done.stdout.split() == ["evaluate"]


def test_as_a_module() -> None:
    """`python -m irloom` is the command, also from a checkout that was not installed."""
    done = subprocess.run(
        [sys.executable, "-m", "irloom", "--version"], capture_output=True, text=True, cwd=Path(__file__).parents[2], check=False
    )
    assert (done.returncode, done.stdout.split()[0], done.stderr) == (0, "irloom", "")
