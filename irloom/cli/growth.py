"""What the commands that change a collection share: their options, and how they say what was done."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from irloom.cli.screen import print_line

if TYPE_CHECKING:
    from irloom.pipelines.builders import EncoderChoice
    from irloom.pipelines.duplicates import Duplicate
    from irloom.pipelines.growing import Grown
    from irloom.pipelines.intake import NearDuplicates

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
MaxMemory = Annotated[
    str | None,
    typer.Option(
        "--max-memory", metavar="SIZE", help="Memory that the process may take while it builds, such as 2GB.", show_default="1.5GB"
    ),
]
DuplicatesAction = Annotated[
    str | None,
    typer.Option(
        "--duplicates", metavar="report|fold", help="Look for near-duplicates: report them, or fold them, that is not index the later one."
    ),
]
Similarity = Annotated[
    float | None,
    typer.Option(
        "--similarity", help="From which Jaccard similarity of word triples on documents are near-duplicates.", show_default="0.8"
    ),
]
DuplicatesFile = Annotated[Path | None, typer.Option("--duplicates-to", metavar="FILE", help="Write the near-duplicates there, as JSONL.")]
_MANY = 20
"""Segments from which on queries are said to get slower."""


def encoders_of(collection: Path, encoder: list[str] | None, vectors: list[str] | None) -> "dict[str, EncoderChoice]":
    """The encoders that the options name, by part."""
    from irloom.indexing.manifest import read_manifest
    from irloom.pipelines.builders import named_encoders

    return named_encoders(collection, read_manifest(collection).parts, models=encoder or (), vectors=vectors or ())


def near_duplicates(action: str | None, similarity: float | None, file: Path | None) -> "NearDuplicates | None":
    """What the options ask for."""
    from irloom.core.errors import ConfigError
    from irloom.core.files import check_target
    from irloom.pipelines.intake import NearDuplicates

    if action is None:
        if similarity is not None or file is not None:
            raise ConfigError("--similarity and --duplicates-to belong to --duplicates report or --duplicates fold")
        return None
    near = NearDuplicates(action, similarity)
    if file is not None:
        check_target(file)
    return near


def memory_of(text: str | None) -> int | None:
    """The memory that the option gives a build."""
    from irloom.pipelines.sizes import build_memory

    return build_memory(text) if text is not None else None


def report_duplicates(duplicates: "Sequence[Duplicate]", *, folded: int, file: Path | None) -> None:
    """Says how many near-duplicates there are, and writes them where that is wanted."""
    from irloom.pipelines.duplicates import write_duplicates

    if file is not None:
        write_duplicates(file, duplicates)
    if not duplicates:
        print_line(f"no near-duplicates{f'; {file} is empty' if file is not None else ''}")
        return
    where = f"; listed in {file}" if file is not None else ""
    first = duplicates[0]
    example = f"such as {first.id!r} of {first.of!r}, {first.jaccard:.2f}"
    done = "not indexed, named by the documents that stand for them" if folded else "indexed like all others"
    print_line(f"near-duplicates: {len(duplicates):,} ({example}), {done}{where}")


def report(grown: "Grown", *, dry_run: bool = False, unchanged: str = "unchanged") -> None:
    """Says what was done, and what the collection holds now; `unchanged` is what to call documents to which nothing was done."""
    from irloom.pipelines.sizes import counted

    counts = [
        (grown.added, "added"),
        (grown.replaced, "replaced"),
        (grown.deleted, "deleted"),
        (grown.folded, "folded"),
        (grown.unchanged, unchanged),
    ]
    done = ", ".join(f"{count:,} {what}" for count, what in counts if count) or "nothing to do"
    if dry_run:
        print_line(f"{grown.path}: {done}; nothing was written, and it would hold {counted(grown.documents, 'document')}")
        return
    print_line(f"{grown.path}: {done}; it holds {counted(grown.documents, 'document')} in {counted(grown.segments, 'segment')}")
    if grown.segments >= _MANY:
        print_line(f"many segments slow queries down; 'irloom compact {grown.path}' makes one of them")
