"""`irloom rerank RUN --dataset D --method NAME --output RUN2`: another order of a run's best documents."""

from pathlib import Path
from typing import Annotated

import typer

from irloom.cli.screen import print_line, progress


def register(root: typer.Typer) -> None:
    """Adds the command."""
    root.command(
        epilog="Example: irloom rerank bm25.trec --dataset scifact --method maxsim --model minilm --depth 100 --output maxsim.trec"
    )(rerank)


def rerank(
    run: Annotated[Path, typer.Argument(help="A run file in TREC's format.")],
    dataset: Annotated[str, typer.Option("--dataset", "-d", help="The dataset that the run's documents and queries are of.")],
    method: Annotated[str, typer.Option(help="A reranker; 'irloom components' lists them.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The run file to write.")],
    model: Annotated[str | None, typer.Option(help="The model's folder, hub id or short name.")] = None,
    depth: Annotated[int, typer.Option(min=1, help="How many documents of each ranking are read; those below keep their order.")] = 100,
    k: Annotated[int | None, typer.Option("-k", "--k", min=0, help="How many documents a query are kept.", show_default="all")] = None,
) -> None:
    """Rerank the best documents of a run file."""
    from irloom.core.files import check_target
    from irloom.data.trec import write_run
    from irloom.pipelines.reranking import rerank_file

    check_target(output)
    with progress() as shown:
        reranked = rerank_file(run, dataset=dataset, method=method, model=model, depth=depth, k=k, progress=shown)
    write_run(reranked, output, tag=method)
    print_line(f"{len(reranked):,} queries, {len(reranked.docs):,} documents in {output}")
