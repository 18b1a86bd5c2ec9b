"""`irloom pool RUN... --output POOL`: the first documents of runs, for people or a model to judge."""

from pathlib import Path
from typing import Annotated

import typer

from irloom.cli.screen import print_line, progress


def register(root: typer.Typer) -> None:
    """Adds the command."""
    root.command(epilog="Example: irloom pool bm25.trec dense.trec --dataset scifact --depth 10 --output pool.jsonl")(pool)


def pool(
    output: Annotated[Path, typer.Option("--output", "-o", help="The pool to write, JSONL.")],
    runs: Annotated[
        list[Path] | None, typer.Argument(metavar="RUN...", help="Run files in TREC's format; each is called by its file's stem.")
    ] = None,
    judged: Annotated[
        str | None, typer.Option(help="In the place of runs: judgments, or a dataset; what they judge is pooled, to be judged by another.")
    ] = None,
    depth: Annotated[int, typer.Option(min=1, help="How many documents of each ranking.")] = 10,
    seed: Annotated[int, typer.Option(help="Of the order within a query.")] = 0,
    dataset: Annotated[str | None, typer.Option("--dataset", "-d", help="Whose texts are put in, to be read while judging.")] = None,
    qrels: Annotated[
        list[str] | None, typer.Option("--qrels", help="A file of judgments, or a dataset; what is judged is left out of the pool.")
    ] = None,
) -> None:
    """Pool the first documents of run files for judging, or what is judged already for another judge."""
    from irloom.core.errors import BadValue
    from irloom.core.files import check_target
    from irloom.data.pool import write_pool
    from irloom.pipelines.pooling import pool_files, pool_judged

    check_target(output)
    if bool(runs) == (judged is not None):
        raise BadValue("RUN... and --judged", "both" if runs else "neither", "run files, or judgments with --judged")
    if judged is not None and qrels:
        raise BadValue("--qrels", qrels, "nothing beside --judged, which takes all that is judged")
    with progress() as shown:
        if judged is not None:
            items = pool_judged(judged, seed=seed, dataset=dataset, progress=shown)
        else:
            items = pool_files(runs or (), depth=depth, seed=seed, dataset=dataset, qrels=qrels or (), progress=shown)
    write_pool(items, output)
    print_line(f"{len(items):,} documents of {len({item.query_id for item in items}):,} queries to judge in {output}")
