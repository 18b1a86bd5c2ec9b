"""`irloom heads learn` and `irloom heads show`: which attention heads of a model find what a query asks for."""

from pathlib import Path
from typing import Annotated

import typer

from irloom.cli.endings import Commands
from irloom.cli.screen import print_line, print_table, progress

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    help="Find the attention heads of a model that rerank best, or look at those that were found.",
    epilog="Example: irloom heads learn --model path/to/model --dataset scifact --method qrhead --output heads.json",
)


def register(root: typer.Typer) -> None:
    """Adds the command."""
    root.add_typer(app, name="heads")


@app.command(epilog="Example: irloom heads learn --model path/to/model --dataset scifact --method qrhead --output heads.json")
def learn(
    model: Annotated[str, typer.Option(help="The model's folder, hub id or short name.")],
    dataset: Annotated[str, typer.Option("--dataset", "-d", help="The dataset to learn on.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write, for 'irloom rerank --heads'.")],
    method: Annotated[str, typer.Option(help="qrhead, core_heads or retrieval.")] = "qrhead",
    queries: Annotated[int, typer.Option(min=1, help="How many queries are read.")] = 30,
    split: Annotated[str | None, typer.Option(help="Whose judgments are used.", show_default="train, else the dataset's own")] = None,
    seed: Annotated[int, typer.Option(help="Of the choice of queries and the order of documents.")] = 42,
    run: Annotated[Path | None, typer.Option(help="A run file with the queries' documents.", show_default="BM25 finds them")] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Another setting of the search, the value as YAML spells it; once or more."),
    ] = None,
) -> None:
    """Score every head of a model on queries whose relevant documents are known."""
    from irloom.core.files import check_target
    from irloom.pipelines.heads import head_search, learn_heads
    from irloom.pipelines.reranking import read_settings
    from irloom.rerankers.attention.heads_file import write_heads

    check_target(output)
    search = head_search({**read_settings(settings or ()), "method": method, "queries": queries, "split": split, "seed": seed})
    with progress() as shown:
        found = learn_heads(model, dataset, search, run=run, progress=shown)
    write_heads(found, output)
    print_line(f"{len(found.heads):,} heads of {found.model} scored by {found.method}, in {output}; the best:")
    _print(output, 8)


@app.command(epilog="Example: irloom heads show heads.json --top 16")
def show(
    heads: Annotated[Path, typer.Argument(metavar="FILE", help="A file that 'irloom heads learn' wrote.")],
    top: Annotated[int, typer.Option(min=1, help="How many heads are shown.")] = 16,
) -> None:
    """Show the best heads of a file, and how they were found."""
    from irloom.rerankers.attention.heads_file import read_heads

    found = read_heads(heads)
    print_line(f"{len(found.heads):,} heads found by {found.method or 'no one says what'} in {found.model or 'a model that is not named'}")
    for name, value in found.settings.items():
        print_line(f"  {name}: {len(value) if isinstance(value, list) else value}")
    _print(heads, top)


def _print(path: Path, top: int) -> None:
    from irloom.rerankers.attention.heads_file import read_heads

    found = read_heads(path)
    scores = [f"{score:.4f}" for score in found.scores] or [""] * len(found.heads)
    rows = [(f"{layer}-{head}", score) for (layer, head), score in zip(found.heads, scores, strict=True)]
    print_table(("head", "score"), rows[:top], right=(1,))
