"""`irloom datasets`: the datasets that have a name."""

from typing import Annotated

import typer

from irloom.cli.screen import print_json, print_line, print_table


def register(root: typer.Typer) -> None:
    """Adds the command."""
    root.command(epilog="Example: IRLOOM_DATA=data irloom datasets")(datasets)


def datasets(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON list.")] = False) -> None:
    """List the datasets that have a name here: those under IRLOOM_DATA and those made from the installed Python."""
    from dataclasses import asdict

    from irloom.data.named import list_datasets

    found = list_datasets()
    if as_json:
        print_json([asdict(entry) for entry in found])
        return
    rows = [[entry.name, entry.kind, ", ".join(entry.splits) or "-", entry.description or "-", entry.place or "-"] for entry in found]
    print_table(["name", "kind", "splits", "what it is", "place"], rows)
    print_line(
        "A path to a BEIR folder, a JSONL or TSV file or a folder of texts is a dataset too; IRLOOM_DATA names the folder of others."
    )
