"""`irloom compact COLLECTION`: one segment, without the deleted documents."""

import typer

from irloom.cli.growth import CollectionPath
from irloom.cli.screen import print_line, progress


def register(root: typer.Typer) -> None:
    """Adds the command."""
    root.command(epilog="Example: irloom compact collections/notes")(compact)


def compact(collection: CollectionPath) -> None:
    """Merge all segments into one and let go of what was deleted; no text is analysed and no document encoded again."""
    from irloom.pipelines.growing import compact as compact_collection
    from irloom.pipelines.sizes import size_text

    with progress() as shown:
        done = compact_collection(collection, progress=shown)
    if not done.merged:
        print_line(f"{done.path}: one segment without deleted documents already; nothing to do")
        return
    sizes = f"{size_text(done.bytes_before)} became {size_text(done.bytes)}"
    print_line(
        f"{done.path}: {done.merged} segments became one of {done.documents:,} documents, {done.dropped:,} deleted ones went; {sizes}"
    )
