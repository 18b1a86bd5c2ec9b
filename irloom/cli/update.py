"""`irloom update COLLECTION --dataset D`: documents in the place of those that have their ids."""

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
    root.command(epilog="Example: irloom update collections/notes --dataset changed.jsonl")(update)


def update(
    collection: CollectionPath,
    dataset: DatasetName,
    encoder: EncoderNames = None,
    vectors: VectorFiles = None,
    duplicates: DuplicatesAction = None,
    similarity: Similarity = None,
    duplicates_to: DuplicatesFile = None,
    max_memory: MaxMemory = None,
) -> None:
    """Put documents in the place of those that have their ids, and add those whose ids are new; one commit."""
    from irloom.pipelines.growing import update as update_documents

    encoders, near = encoders_of(collection, encoder, vectors), near_duplicates(duplicates, similarity, duplicates_to)
    with progress() as shown:
        grown = update_documents(collection, dataset, encoders=encoders, duplicates=near, memory=memory_of(max_memory), progress=shown)
    report(grown)
    if near is not None:
        report_duplicates(grown.duplicates, folded=grown.folded, file=duplicates_to)
