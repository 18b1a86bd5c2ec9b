"""`irloom sync COLLECTION DATASET`: a collection that holds what a folder or dataset holds."""

from typing import Annotated

import typer

from irloom.cli.growth import CollectionPath, EncoderNames, MaxMemory, VectorFiles, encoders_of, memory_of, report
from irloom.cli.screen import progress


def register(root: typer.Typer) -> None:
    """Adds the command."""
    root.command(epilog="Example: irloom sync collections/notes ~/notes")(sync)


def sync(
    collection: CollectionPath,
    dataset: Annotated[str, typer.Argument(help="A folder of texts, or any dataset by its name or path.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    encoder: EncoderNames = None,
    vectors: VectorFiles = None,
    max_memory: MaxMemory = None,
) -> None:
    """Make a collection hold what a dataset holds: add what is new, replace what changed, delete what is gone; one commit."""
    from irloom.pipelines.syncing import sync as sync_documents

    encoders = encoders_of(collection, encoder, vectors)
    with progress() as shown:
        grown = sync_documents(collection, dataset, encoders=encoders, memory=memory_of(max_memory), dry_run=dry_run, progress=shown)
    report(grown, dry_run=dry_run)
