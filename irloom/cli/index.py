"""`irloom index KIND`: makes a collection, or adds a part to it; each kind is a subcommand."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from irloom.cli.endings import Commands
from irloom.cli.growth import DuplicatesAction, DuplicatesFile, MaxMemory, Similarity, memory_of, near_duplicates, report_duplicates
from irloom.cli.screen import print_line, progress

if TYPE_CHECKING:
    from irloom.indexing.ann.wish import AnnWish
    from irloom.pipelines.build import Built

Output = Annotated[Path, typer.Option("--output", "-o", help="The collection, which is made, or to which the part is added.")]
DatasetName = Annotated[
    str | None,
    typer.Option(
        "--dataset",
        "-d",
        help="A name ('irloom datasets' lists them) or a path: BEIR folder, JSONL, TSV, folder of texts. Not needed to add a part.",
    ),
]
Part = Annotated[str | None, typer.Option(help="The name of the part.", show_default="after the kind and its arguments")]

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    help="Make a collection, or add a part to it.",
    epilog="Example: irloom index bm25 --output collections/scifact --dataset scifact",
)


def register(root: typer.Typer) -> None:
    """Adds the command."""
    root.add_typer(app, name="index")


@app.command(epilog="Example: irloom index bm25 --output collections/scifact --dataset scifact")
def bm25(
    output: Output,
    dataset: DatasetName = None,
    analyzer: Annotated[str, typer.Option(help="The text analysis: english, unicode, code, cjk or a Snowball language.")] = "english",
    part: Part = None,
    duplicates: DuplicatesAction = None,
    similarity: Similarity = None,
    duplicates_to: DuplicatesFile = None,
    max_memory: MaxMemory = None,
) -> None:
    """Index words for BM25."""
    from irloom.pipelines.build import index_bm25

    near, memory = near_duplicates(duplicates, similarity, duplicates_to), memory_of(max_memory)
    with progress() as shown:
        built = index_bm25(output, dataset=dataset, analyzer=analyzer, part=part, duplicates=near, memory=memory, progress=shown)
    _report(built, duplicates_to, asked=near is not None)


@app.command(epilog="Example: irloom index dense --output collections/scifact --encoder minilm")
def dense(
    output: Output,
    encoder: Annotated[str | None, typer.Option(help="A model's folder, its hub id, or a short name such as minilm.")] = None,
    vectors: Annotated[Path | None, typer.Option(help="In place of a model: a .npy file of vectors that were made elsewhere.")] = None,
    ids: Annotated[
        Path | None, typer.Option(help="The ids of the file's rows, one a line.", show_default="the .npy with the suffix .ids")
    ] = None,
    space: Annotated[str | None, typer.Option(help="A name for what made the vectors.", show_default="a hash of the file")] = None,
    dataset: DatasetName = None,
    tokens: Annotated[bool, typer.Option("--tokens", help="Keep the token vectors of the same pass, for maxsim.")] = False,
    part: Part = None,
    faiss: Annotated[
        str | None,
        typer.Option("--faiss", metavar="KIND", help="An approximate index beside the vectors: auto, flat, hnsw, ivf, ivf-pq, ..."),
    ] = None,
    faiss_recall: Annotated[float, typer.Option("--faiss-recall", help="The share of the best hits that it is to find.")] = 0.95,
    faiss_memory: Annotated[
        str | None, typer.Option("--faiss-memory", metavar="SIZE", help="Memory that it may take.", show_default="half of the machine's")
    ] = None,
    duplicates: DuplicatesAction = None,
    similarity: Similarity = None,
    duplicates_to: DuplicatesFile = None,
    max_memory: MaxMemory = None,
) -> None:
    """Index one vector a document, by an encoder or from a file."""
    from irloom.core.errors import ConfigError
    from irloom.pipelines.build import index_dense, index_vectors

    if (encoder is None) == (vectors is None):
        raise ConfigError("name what makes the vectors: either --encoder MODEL or --vectors FILE.npy")
    if encoder is not None and (ids is not None or space is not None):
        raise ConfigError("--ids and --space belong to --vectors; a model names its own space")
    if vectors is not None and tokens:
        raise ConfigError("--tokens needs --encoder: a file of vectors has none of tokens")
    near, wish = near_duplicates(duplicates, similarity, duplicates_to), _wish(faiss, faiss_recall, faiss_memory, memory_of(max_memory))
    with progress() as shown:
        if encoder is not None:
            built = index_dense(
                output, encoder=encoder, dataset=dataset, tokens=tokens, part=part, faiss=wish, duplicates=near, progress=shown
            )
        else:
            assert vectors is not None, "one of the two is there"
            built = index_vectors(
                output, vectors=vectors, ids=ids, space=space, dataset=dataset, part=part, faiss=wish, duplicates=near, progress=shown
            )
    _report(built, duplicates_to, asked=near is not None)


def _wish(kind: str | None, recall: float, memory: str | None, building: int | None) -> "AnnWish | None":
    """What is asked of an index; where nothing is said of its own memory it keeps to what building may take."""
    if kind is None:
        return None
    from irloom.indexing.ann.wish import AnnWish
    from irloom.pipelines.sizes import parse_size

    return AnnWish(kind, recall=recall, memory=parse_size(memory, name="faiss-memory") if memory is not None else building)


def _report(built: "Built", duplicates_to: Path | None, *, asked: bool) -> None:
    if built.compacted:
        print_line(f"compacted {built.path} first, so that deleted documents are not indexed again")
    for name in built.made:
        print_line(f"made part {name} over {built.documents:,} documents in {built.path}")
        if name in built.indexes:
            print_line(f"{name}: {built.indexes[name]}")
    for name in built.kept:
        print_line(f"part {name} is in {built.path} already; nothing was built")
    if asked:
        report_duplicates(built.duplicates, folded=built.folded, file=duplicates_to)
