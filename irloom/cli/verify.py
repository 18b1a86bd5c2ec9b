"""`irloom verify COLLECTION`: whether every file is what was written."""

from pathlib import Path
from typing import Annotated

import typer

from irloom.cli.endings import FAILED
from irloom.cli.screen import print_line


def register(root: typer.Typer) -> None:
    """Adds the command."""
    root.command(epilog="Example: irloom verify collections/scifact")(verify)


def verify(collection: Annotated[Path, typer.Argument(help="The collection.")]) -> None:
    """Check every file of a collection against its checksum; exit code 1 where one is damaged."""
    from irloom.core.errors import Corrupt
    from irloom.indexing.manifest import read_manifest

    try:
        manifest = read_manifest(collection)
    except Corrupt as error:
        print_line(f"damaged: {error}")
        raise typer.Exit(FAILED) from None
    damage = manifest.damage(collection)
    for line in damage:
        print_line(f"damaged: {line}")
    if damage:
        raise typer.Exit(FAILED)
    size = sum(record.bytes for record in manifest.files.values())
    print_line(f"sound: {len(manifest.files)} files, {size:,} bytes, {manifest.documents:,} documents")
