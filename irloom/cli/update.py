"""`irloom update COLLECTION --dataset D`: documents in the place of those that have their ids."""

import typer

from irloom.cli.growth import CollectionPath, DatasetName, EncoderNames, VectorFiles, encoders_of, report
from irloom.cli.screen import progress


def register(root: typer.Typer) -> None:
    """Adds the command."""
    root.command(epilog="Example: irloom update collections/notes --dataset changed.jsonl")(update)


def update(collection: CollectionPath, dataset: DatasetName, encoder: EncoderNames = None, vectors: VectorFiles = None) -> None:
    """Put documents in the place of those that have their ids, and add those whose ids are new; one commit."""
    from irloom.pipelines.growing import update as update_documents

    with progress() as shown:
        grown = update_documents(collection, dataset, encoders=encoders_of(collection, encoder, vectors), progress=shown)
    report(grown)
