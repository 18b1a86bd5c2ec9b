"""`irloom rerank RUN --dataset D --method NAME --output RUN2`: another order of a run's best documents."""

import sys
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
    heads: Annotated[Path | None, typer.Option(help="Attention heads, as 'irloom heads learn' writes them.")] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Another argument of the reranker, the value as YAML spells it; once or more."),
    ] = None,
    depth: Annotated[int, typer.Option(min=1, help="How many documents of each ranking are read; those below keep their order.")] = 100,
    k: Annotated[int | None, typer.Option("-k", "--k", min=0, help="How many documents a query are kept.", show_default="all")] = None,
) -> None:
    """Rerank the best documents of a run file."""
    from irloom.core.errors import BadValue
    from irloom.core.files import check_target
    from irloom.core.locks import sole_maker
    from irloom.pipelines.kept_rankings import KeptRankings
    from irloom.pipelines.reranking import read_settings, rerank_file, write_reranked

    check_target(output)
    if output.exists() and run.exists() and output.samefile(run) and output.is_file():
        raise BadValue("output", str(output), "another file than the run that is given, which stays as it is")
    kept, own = KeptRankings(output), read_settings(settings or ())
    with sole_maker(output):
        try:
            with progress() as shown:
                done = rerank_file(
                    run, dataset=dataset, method=method, model=model, heads=heads, settings=own, depth=depth, k=k, kept=kept, progress=shown
                )
            notes = write_reranked(done, output, tag=method)
        except BaseException:
            if kept.count:
                sys.stderr.write(
                    f"irloom: {kept.count:,} queries are reranked and kept in {kept.path}; the same command goes on from there\n"
                )
            raise
        kept.remove()
    print_line(f"{len(done.run):,} queries, {len(done.run.docs):,} documents in {output}")
    for line in done.did.lines:
        print_line(line)
    if notes is not None:
        print_line(f"what was noted of each query is in {notes}")
    if done.did.alarm:
        sys.stderr.write(f"irloom: {done.did.alarm}\n")
