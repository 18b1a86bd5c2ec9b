"""`irloom fuse RUN... --method rrf --output RUN`: one run of several."""

from pathlib import Path
from typing import Annotated

import typer

from irloom.cli.screen import print_line


def register(root: typer.Typer) -> None:
    """Adds the command."""
    root.command(epilog="Example: irloom fuse bm25.trec dense.trec --method rrf --output fused.trec")(fuse)


def fuse(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Run files in TREC's format, two or more.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The run file to write.")],
    method: Annotated[str, typer.Option(help="rrf or weighted.")] = "rrf",
    weight: Annotated[list[float] | None, typer.Option("--weight", "-w", help="The weight of each run in turn, for weighted.")] = None,
    depth: Annotated[int, typer.Option(min=1, help="How many documents of each ranking count.")] = 100,
    k: Annotated[int, typer.Option("-k", "--k", min=0, help="How many documents a query.")] = 1000,
) -> None:
    """Fuse run files into one."""
    from irloom.pipelines.run_files import fuse_files

    fused = fuse_files(runs, method=method, weights=weight, depth=depth, k=k, output=output)
    print_line(f"{len(fused):,} queries, {len(fused.docs):,} documents in {output}")
