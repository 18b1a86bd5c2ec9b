"""`irloom fuse RUN... --method rrf --output RUN`: one run of several."""

from pathlib import Path
from typing import Annotated

import typer

from irloom.cli.screen import print_line


def register(root: typer.Typer) -> None:
    """Adds the command."""
    root.command(epilog="Example: irloom fuse bm25.trec dense.trec --method rrf --output fused.trec")(fuse)


def fuse(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Run files in TREC's format.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The run file to write.")],
    method: Annotated[str, typer.Option(help="rrf, weighted, combsum or combmnz.")] = "rrf",
    c: Annotated[float, typer.Option("--c", help="Of rrf: how much the first ranks are levelled.")] = 60,
    weight: Annotated[
        list[float] | None, typer.Option("--weight", "-w", help="Of weighted: one for each run in turn.", show_default="equal")
    ] = None,
    normalise: Annotated[str, typer.Option(help="Of the others than rrf: minmax, max, sum, zscore, rank, none or tmm(FLOOR).")] = "minmax",
    missing: Annotated[str, typer.Option(help="What a run gives a document that it lacks: zero, or min.")] = "zero",
    depth: Annotated[int | None, typer.Option(min=1, help="How many documents of each ranking count.", show_default="all")] = None,
    k: Annotated[int | None, typer.Option("-k", "--k", min=0, help="How many documents a query are kept.", show_default="all")] = None,
) -> None:
    """Fuse run files into one."""
    from irloom.core.files import check_target
    from irloom.data.trec import write_run
    from irloom.pipelines.fusing import fuse_files

    check_target(output)
    fused = fuse_files(runs, method=method, c=c, weights=weight, normalise=normalise, missing=missing, depth=depth, k=k)
    write_run(fused, output, tag=method)
    print_line(f"{len(fused):,} queries, {len(fused.docs):,} documents in {output}")
