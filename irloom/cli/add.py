"""`irloom add COLLECTION --dataset D`: new documents into every part."""

import typer

from irloom.cli.growth import CollectionPath, DatasetName, EncoderNames, VectorFiles, encoders_of, report
from irloom.cli.screen import progress


def register(root: typer.Typer) -> None:
    """Adds the command."""
    root.command(epilog="Example: irloom add collections/notes --dataset new.jsonl")(add)


def add(collection: CollectionPath, dataset: DatasetName, encoder: EncoderNames = None, vectors: VectorFiles = None) -> None:
    """Add documents with new ids to a collection: text and every part in one commit."""
    from irloom.pipelines.growing import add as add_documents

    with progress() as shown:
        grown = add_documents(collection, dataset, encoders=encoders_of(collection, encoder, vectors), progress=shown)
    report(grown)
