"""`irloom datasets`: the datasets that have a name."""

from typing import Annotated

import typer

from irloom.cli.screen import print_json, print_line, print_table


def register(root: typer.Typer) -> None:
    """Adds the command."""
    root.command(epilog="Example: IRLOOM_DATA=data irloom datasets")(datasets)


def datasets(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON list.")] = False) -> None:
    """List the named datasets, and which of them are here."""
    from irloom.pipelines.describe import list_datasets

    found = list_datasets()
    if as_json:
        print_json([entry.to_json() for entry in found])
        return
    print_table(["name", "here", "split", "what it is"], [entry.row() for entry in found])
    print_line(
        "A path to a BEIR folder, a JSONL or TSV file or a folder of texts is a dataset too. IRLOOM_DATA names the folder of the others."
    )
