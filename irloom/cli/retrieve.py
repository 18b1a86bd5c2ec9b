"""`irloom retrieve TARGET --queries FILE --output RUN`: a run file."""

from pathlib import Path
from typing import Annotated

import typer

from irloom.cli.screen import print_line, progress


def register(root: typer.Typer) -> None:
    """Adds the command."""
    root.command(epilog="Example: irloom retrieve collections/scifact --queries queries.jsonl -k 1000 --output bm25.trec")(retrieve)


def retrieve(
    target: Annotated[Path, typer.Argument(help="A collection, or a pipeline's YAML.")],
    queries: Annotated[str, typer.Option("--queries", "-q", help="A file of queries (JSONL or TSV), or a dataset.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The run file in TREC's format; gzipped where it ends in .gz.")],
    k: Annotated[int, typer.Option("-k", "--k", min=0, help="How many documents a query.")] = 1000,
    split: Annotated[
        str | None, typer.Option(help="The split, where the queries are a dataset's.", show_default="the dataset's own")
    ] = None,
    part: Annotated[str | None, typer.Option(help="The part to search, where the collection has several.")] = None,
    where: Annotated[str | None, typer.Option("--where", "-w", help="Find only documents that this filter allows.")] = None,
) -> None:
    """Retrieve documents for many queries into a run file."""
    from irloom.core.files import check_target
    from irloom.data.trec import write_run
    from irloom.pipelines.retrieving import retrieve_file

    check_target(output)
    with progress() as shown:
        run = retrieve_file(target, queries=queries, k=k, part=part, split=split, where=where, progress=shown)
    write_run(run, output)
    print_line(f"{len(run):,} queries, {len(run.docs):,} documents in {output}")
