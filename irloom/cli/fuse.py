"""`irloom fuse RUN... --method rrf --output RUN`: one run of several."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from irloom.cli.screen import print_line

if TYPE_CHECKING:
    from irloom.fusion.tuning import TunedWeights

_METHODS = "rrf, isr, log_isr, rbc, borda, condorcet; weighted, combsum, combmnz, combanz, combmax, combmin, combmed"
_NORMALISERS = "minmax, centred, max, sum, zscore, rank, borda, none or tmm(FLOOR)"


def register(root: typer.Typer) -> None:
    """Adds the command."""
    root.command(epilog="Example: irloom fuse bm25.trec dense.trec --method rrf --output fused.trec")(fuse)


def fuse(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Run files in TREC's format.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The run file to write.")],
    method: Annotated[str, typer.Option(help=f"{_METHODS}.")] = "rrf",
    c: Annotated[float, typer.Option("--c", help="Of rrf: how much the first ranks are levelled.")] = 60,
    phi: Annotated[float, typer.Option(help="Of rbc: how far down a reader goes.")] = 0.8,
    weight: Annotated[
        list[float] | None, typer.Option("--weight", "-w", help="Of weighted: one for each run in turn.", show_default="equal")
    ] = None,
    tune: Annotated[str | None, typer.Option(help="Of weighted: judgments (a file or a dataset) that choose the weights.")] = None,
    split: Annotated[str | None, typer.Option(help="Of --tune: the dataset's split.", show_default="the dataset's own")] = None,
    measure: Annotated[str, typer.Option("--measure", "-m", help="Of --tune: what is to be high.")] = "nDCG@10",
    folds: Annotated[int, typer.Option(help="Of --tune: parts of the cross-validation; 0 for none.")] = 5,
    seed: Annotated[int, typer.Option(help="Of --tune: of the split into parts.")] = 0,
    normalise: Annotated[str | None, typer.Option(help=f"Of methods by score: {_NORMALISERS}.", show_default="minmax")] = None,
    missing: Annotated[
        str | None, typer.Option(help="What a run gives a document that it lacks: zero, min or skip.", show_default="the method's own")
    ] = None,
    depth: Annotated[int | None, typer.Option(min=1, help="How many documents of each ranking count.", show_default="all")] = None,
    k: Annotated[int | None, typer.Option("-k", "--k", min=0, help="How many documents a query are kept.", show_default="all")] = None,
) -> None:
    """Fuse run files into one."""
    from irloom.core.errors import BadValue
    from irloom.core.files import check_target
    from irloom.data.trec import write_run
    from irloom.pipelines.fusing import fuse_files, tune_files

    check_target(output)
    if tune is not None:
        if method != "weighted" or weight:
            raise BadValue("tune", tune, "--method weighted without --weight: it is the weights that are tuned")
        found = tune_files(
            runs, qrels=tune, split=split, measure=measure, normalise=normalise, missing=missing, depth=depth, folds=folds, seed=seed
        )
        weight = list(found.weights)
        print_line(_told(found, measure, folds, seed))
    fused = fuse_files(runs, method=method, c=c, phi=phi, weights=weight, normalise=normalise, missing=missing, depth=depth, k=k)
    write_run(fused, output, tag=method)
    print_line(f"{len(fused):,} queries, {len(fused.docs):,} documents in {output}")


def _told(found: "TunedWeights", measure: str, folds: int, seed: int) -> str:
    weights = " ".join(f"{weight:.2f}" for weight in found.weights)
    told = f"weights {weights}: {measure} {found.score:.4f} on the judgments that chose them"
    if found.held_out is None:
        return f"{told}; too few queries for {folds}-fold cross-validation" if folds else told
    return f"{told}, {found.held_out:.4f} by {len(found.folds)}-fold cross-validation (seed {seed})"
