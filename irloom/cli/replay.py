"""`irloom replay DIR`: an experiment done again, and whether every number is the same."""

from pathlib import Path
from typing import Annotated

import typer

from irloom.cli.diff import print_changes
from irloom.cli.endings import FAILED
from irloom.cli.screen import print_json, print_line, progress


def register(root: typer.Typer) -> None:
    """Adds the command."""
    root.command(epilog="Example: irloom replay runs/scifact")(replay)


def replay(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder that 'irloom run' wrote.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Keep the replay's folder.", show_default="a folder that goes away")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Run an experiment again from its manifest; exit 1 if a number, or what decides it, is not the same."""
    from irloom.pipelines.replay import replay_experiment

    with progress() as shown:
        done = replay_experiment(folder, output=output, progress=shown)
    if as_json:
        print_json(done.to_json())
    else:
        print_changes(done.changes)
        numbers = f"{done.numbers:,} numbers"
        same = f"every number is the same: {numbers}" if done.numbers else "no number was there to compare"
        print_line(same if done.same_numbers else f"numbers differ; {numbers} were compared")
        if done.same_numbers and not done.same:
            print_line("but what decides the numbers is no more what it was, see above")
    if not done.same:
        raise typer.Exit(FAILED)
