"""`irloom add COLLECTION --dataset D`: new documents into every part."""

import typer

from irloom.cli.growth import (
    CollectionPath,
    DatasetName,
    DuplicatesAction,
    DuplicatesFile,
    EncoderNames,
    MaxMemory,
    Similarity,
    VectorFiles,
    encoders_of,
    memory_of,
    near_duplicates,
    report,
    report_duplicates,
)
from irloom.cli.screen import progress


def register(root: typer.Typer) -> None:
    """Adds the command."""
    root.command(epilog="Example: irloom add collections/notes --dataset new.jsonl")(add)


def add(
    collection: CollectionPath,
    dataset: DatasetName,
    encoder: EncoderNames = None,
    vectors: VectorFiles = None,
    duplicates: DuplicatesAction = None,
    similarity: Similarity = None,
    duplicates_to: DuplicatesFile = None,
    max_memory: MaxMemory = None,
) -> None:
    """Add documents with new ids to a collection: text and every part in one commit."""
    from irloom.pipelines.growing import add as add_documents

    encoders, near = encoders_of(collection, encoder, vectors), near_duplicates(duplicates, similarity, duplicates_to)
    with progress() as shown:
        grown = add_documents(collection, dataset, encoders=encoders, duplicates=near, memory=memory_of(max_memory), progress=shown)
    report(grown)
    if near is not None:
        report_duplicates(grown.duplicates, folded=grown.folded, file=duplicates_to)
