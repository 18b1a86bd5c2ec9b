"""`irloom compare BASE NEW --gate "nDCG@10 >= base - 0.005"`: what changed, and whether it may."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from irloom.cli.endings import FAILED
from irloom.cli.screen import print_json, print_line, print_table

if TYPE_CHECKING:
    from irloom.eval.comparison import Change, Test
    from irloom.eval.gates import GateResult
    from irloom.pipelines.gating import Comparison


def register(root: typer.Typer) -> None:
    """Adds the command."""
    root.command(epilog='Example: irloom compare main.trec branch.trec --qrels scifact --gate "nDCG@10 >= base - 0.005"')(compare)


def compare(
    base: Annotated[Path, typer.Argument(metavar="BASE", help="A run file, the folder of an experiment, or its report.json.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The same, of the version that is to be let through.")],
    gate: Annotated[
        list[str] | None,
        typer.Option("--gate", "-g", help="A condition, such as 'nDCG@10 >= base - 0.005' or 'nDCG@10 noninferior base - 0.01'."),
    ] = None,
    qrels: Annotated[str | None, typer.Option("--qrels", help="For run files: a file of judgments, or a dataset.")] = None,
    split: Annotated[str | None, typer.Option(help="The dataset's split.", show_default="the dataset's own")] = None,
    measure: Annotated[list[str] | None, typer.Option("--measure", "-m", help="To be shown besides those of the gates.")] = None,
    system: Annotated[list[str] | None, typer.Option("--system", "-s", help="Of experiments.", show_default="all")] = None,
    missing_as_zero: Annotated[
        bool, typer.Option("--missing-as-zero", help="A judged query that one run file lacks counts 0 instead of being an error.")
    ] = False,
    test: Annotated[Literal["t", "randomisation"], typer.Option(help="The paired test.")] = "t",
    interval: Annotated[Literal["percentile", "bca"], typer.Option(help="How the bootstrap's interval is read.")] = "percentile",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Compare two versions; exit code 1 where a gate does not hold."""
    from irloom.pipelines.gating import compare

    comparison = compare(
        base,
        new,
        qrels=qrels,
        split=split,
        gates=gate or (),
        measures=measure or (),
        systems=system or (),
        missing_as_zero=missing_as_zero,
        test=test,
        method=interval,
    )
    if as_json:
        print_json(comparison.to_json())
    else:
        _print(comparison)
    if not comparison.passed:
        raise typer.Exit(FAILED)


def _print(comparison: "Comparison") -> None:
    print_changes(comparison.changes, test=comparison.test)
    print_gates(comparison.gates)


def print_changes(changes: "Sequence[Change]", *, test: "Test") -> None:
    """Prints a table of changes and what its columns mean."""
    titles = ["system", "measure", "queries", "base", "new", "difference", "p", "detectable"]
    print_table(titles, map(_row, changes), right=range(2, len(titles)))
    named = "paired t-test" if test == "t" else "sign-flip randomisation test"
    print_line("In brackets the 95% bootstrap interval of the difference; detectable: what so many queries show in four cases of five;")
    print_line(f"p of the {named}, by Holm over all rows.")


def print_gates(gates: "Sequence[GateResult]") -> None:
    """Prints how each gate ended, a line each."""
    for result in gates:
        print_line(_verdict(result))


def _row(change: "Change") -> list[str]:
    difference = change.difference
    return [
        change.system,
        change.measure,
        f"{change.queries:,}",
        f"{change.base:.4f}",
        f"{change.new:.4f}",
        f"{difference.mean:+.4f} [{difference.low:+.4f}, {difference.high:+.4f}]",
        _probability(change.adjusted_p),
        "" if change.detectable is None else f"{change.detectable:.4f}",
    ]


def _verdict(result: "GateResult") -> str:
    held = f"{result.found:.4f} against {result.bound:.4f}"
    tested = "" if result.p_value is None else f", p = {_probability(result.p_value)}"
    return f"{'passed' if result.passed else 'FAILED'}  {result.system}: {result.gate.text}  ({held}{tested})"


def _probability(p_value: float) -> str:
    return f"{p_value:.4f}" if p_value >= 0.0001 else "<0.0001"
