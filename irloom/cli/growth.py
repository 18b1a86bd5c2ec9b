"""What the commands that change a collection share: their options, and how they say what was done."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from irloom.cli.screen import print_line

if TYPE_CHECKING:
    from irloom.pipelines.builders import EncoderChoice
    from irloom.pipelines.growing import Grown

CollectionPath = Annotated[Path, typer.Argument(help="The collection.")]
DatasetName = Annotated[
    str, typer.Option("--dataset", "-d", help="A name ('irloom datasets' lists them) or a path: JSONL, TSV, BEIR folder, folder of texts.")
]
EncoderNames = Annotated[
    list[str] | None,
    typer.Option(
        "--encoder", metavar="[PART=]MODEL", help="Encode with this model; not needed where the part names its own. May be repeated."
    ),
]
VectorFiles = Annotated[
    list[str] | None,
    typer.Option(
        "--vectors", metavar="[PART=]FILE", help="Take the vectors of a part from a .npy file; FILE's .ids has their ids. May be repeated."
    ),
]
_MANY = 20
"""Segments from which on queries are said to get slower."""


def encoders_of(collection: Path, encoder: list[str] | None, vectors: list[str] | None) -> "dict[str, EncoderChoice]":
    """The encoders that the options name, by part."""
    from irloom.indexing.manifest import read_manifest
    from irloom.pipelines.builders import named_encoders

    return named_encoders(collection, read_manifest(collection).parts, models=encoder or (), vectors=vectors or ())


def report(grown: "Grown", *, dry_run: bool = False) -> None:
    """Says what was done, and what the collection holds now."""
    counts = [(grown.added, "added"), (grown.replaced, "replaced"), (grown.deleted, "deleted"), (grown.unchanged, "left as they were")]
    done = ", ".join(f"{count:,} {what}" for count, what in counts if count) or "nothing to do"
    pieces = "1 segment" if grown.segments == 1 else f"{grown.segments} segments"
    if dry_run:
        print_line(f"{grown.path}: {done}; nothing was written, and it would hold {grown.documents:,} documents")
        return
    print_line(f"{grown.path}: {done}; it holds {grown.documents:,} documents in {pieces}")
    if grown.segments >= _MANY:
        print_line(f"many segments slow queries down; 'irloom compact {grown.path}' makes one of them")
