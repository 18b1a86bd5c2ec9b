"""The pages' Python runs, and their commands are commands that there are."""

import doctest
import re
import shlex
from pathlib import Path

import pytest
from typer.main import get_command

from irloom.cli.main import app

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
FENCED = re.compile(r"^```[a-z]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMANDS = [
    (page.name, line)
    for page in PAGES
    for block in FENCED.findall(page.read_text(encoding="utf-8"))
    for line in block.splitlines()
    if line.startswith("irloom ")
]


@pytest.mark.parametrize("page", [page for page in PAGES if ">>>" in page.read_text(encoding="utf-8")], ids=lambda page: page.name)
def test_python_of_a_page(page: Path) -> None:
    failures, tried = doctest.testfile(str(page), module_relative=False, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert tried
    assert not failures


@pytest.mark.parametrize(("page", "line"), COMMANDS, ids=lambda value: value[:60])
def test_commands_of_a_page(page: str, line: str) -> None:
    """Each command and each of its options exists; what it prints is not looked at here."""
    words = shlex.split(line.partition(" > ")[0], comments=True)[1:]
    command = get_command(app)
    while hasattr(command, "commands") and words and not words[0].startswith("-"):
        assert words[0] in command.commands, f"{page}: {line}"
        command = command.commands[words.pop(0)]
    known = {option for parameter in command.params for option in [*parameter.opts, *parameter.secondary_opts]}
    assert {word for word in words if re.fullmatch(r"--?[a-z][a-z-]*", word)} <= known, f"{page}: {line}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_of_a_page(page: Path) -> None:
    """Each link into the repository leads to a file."""
    targets = re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if "://" not in target and not (page.parent / target).exists()] == []


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) < 150
