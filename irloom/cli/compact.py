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
    from irloom.pipelines.sizes import counted, size_text

    with progress() as shown:
        done = compact_collection(collection, progress=shown)
    if not done.merged:
        print_line(f"{done.path}: nothing to do; it is one segment without deleted documents, or empty")
        return
    pieces, gone = counted(done.merged, "segment"), counted(done.dropped, "deleted document")
    left = f"one of {counted(done.documents, 'document')}" if done.documents else "none"
    print_line(f"{done.path}: {pieces} became {left}, without {gone}; {size_text(done.bytes_before)} became {size_text(done.bytes)}")
