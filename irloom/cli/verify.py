"""`irloom verify COLLECTION`: whether every file is what was written, and the pieces fit each other."""

import typer

from irloom.cli.endings import FAILED
from irloom.cli.growth import CollectionPath
from irloom.cli.screen import print_line, progress


def register(root: typer.Typer) -> None:
    """Adds the command."""
    root.command(epilog="Example: irloom verify collections/scifact")(verify)


def verify(collection: CollectionPath) -> None:
    """Check a collection: every file's checksum, that ids are unique and in order, that parts fit; exit code 1 where one is damaged."""
    from irloom.pipelines.sizes import counted
    from irloom.pipelines.verifying import verify_collection

    with progress() as shown:
        found = verify_collection(collection, progress=shown)
    for line in found.damage:
        print_line(f"damaged: {line}")
    if found.damage:
        raise typer.Exit(FAILED)
    held = f"{counted(found.documents, 'document')} in {counted(found.segments, 'segment')}"
    print_line(f"sound: {found.files} files, {found.bytes:,} bytes, {held}")
