"""`irloom info COLLECTION`: what is in a collection."""

from pathlib import Path
from typing import Annotated

import typer

from irloom.cli.screen import print_json, print_line, print_table


def register(root: typer.Typer) -> None:
    """Adds the command."""
    root.command(epilog="Example: irloom info collections/scifact")(info)


def info(
    collection: Annotated[Path, typer.Argument(help="The collection.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show what a collection holds: documents, parts, bytes, where it came from."""
    from irloom.pipelines.describe import describe_collection

    found = describe_collection(collection)
    if as_json:
        print_json(found.to_json())
        return
    source = found.source.get("dataset", "an unknown source")
    print_line(f"{found.path}: {found.documents:,} documents of {source}, {found.bytes:,} bytes, generation {found.generation}")
    print_table(["part", "kind", "bytes", "space", "parameters"], found.rows(), right=(2,))
