"""`irloom diff A B`: what changed between the manifests of two experiments."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from irloom.cli.endings import FAILED
from irloom.cli.screen import print_json, print_line, print_table

if TYPE_CHECKING:
    from irloom.pipelines.difference import Change

_HASH = 64


def register(root: typer.Typer) -> None:
    """Adds the command."""
    root.command(epilog="Example: irloom diff runs/monday runs/tuesday")(diff)


def diff(
    first: Annotated[Path, typer.Argument(metavar="A", help="The folder of an experiment.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="The folder of another one.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON list.")] = False,
) -> None:
    """Say what changed between two experiments: configuration, data, models, code, libraries, hardware, numbers; exit 1 if anything did."""
    from irloom.pipelines.difference import diff_folders

    changes = diff_folders(first, second)
    if as_json:
        print_json([change.to_json() for change in changes])
    else:
        print_changes(changes)
    if changes:
        raise typer.Exit(FAILED)


def print_changes(changes: Sequence["Change"]) -> None:
    """Prints changes as a table, or that there are none."""
    if not changes:
        print_line("nothing has changed")
        return
    rows = [[change.group, change.key, _short(change.before), _short(change.after)] for change in changes]
    print_table(["what", "which", "before", "now"], rows)


def _short(value: object) -> str:
    text = "" if value is None else str(value)
    return f"{text[:12]}..." if len(text) == _HASH and text.isalnum() else text
