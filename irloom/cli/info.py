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
    """Show what a collection holds: documents, parts, segments, bytes, where it came from."""
    from irloom.pipelines.describe import describe_collection

    found = describe_collection(collection)
    if as_json:
        print_json(found.to_json())
        return
    print_line(found.summary())
    print_table(["part", "kind", "bytes", "trained", "space", "parameters"], found.rows(), right=(2, 3))
    for part in found.parts:
        if part.index:
            print_line(f"{part.name}: {part.index}")
    if len(found.segments) > 1 or found.deleted:
        print_table(["segment", "documents", "deleted", "bytes"], found.segment_rows(), right=(1, 2, 3))
