"""`irloom index KIND`: makes a collection, or adds a part to it; each kind is a subcommand."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from irloom.cli.endings import Commands
from irloom.cli.screen import print_line, progress

if TYPE_CHECKING:
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
) -> None:
    """Index words for BM25."""
    from irloom.pipelines.build import index_bm25

    with progress() as shown:
        built = index_bm25(output, dataset=dataset, analyzer=analyzer, part=part, progress=shown)
    _report(built)


@app.command(epilog="Example: irloom index dense --output collections/scifact --encoder minilm")
def dense(
    output: Output,
    encoder: Annotated[str, typer.Option(help="A model's folder, its hub id, or a short name such as minilm.")],
    dataset: DatasetName = None,
    tokens: Annotated[bool, typer.Option("--tokens", help="Keep the token vectors of the same pass, for maxsim.")] = False,
    part: Part = None,
) -> None:
    """Index one vector a document, by an encoder."""
    from irloom.pipelines.build import index_dense

    with progress() as shown:
        built = index_dense(output, encoder=encoder, dataset=dataset, tokens=tokens, part=part, progress=shown)
    _report(built)


def _report(built: "Built") -> None:
    for name in built.made:
        print_line(f"made part {name} over {built.documents:,} documents in {built.path}")
    for name in built.kept:
        print_line(f"part {name} is in {built.path} already; nothing was built")
