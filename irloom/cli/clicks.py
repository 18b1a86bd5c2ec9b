"""`irloom clicks LOG --output QRELS`: judgments from a click log."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from irloom.cli.screen import print_json, print_line, print_table

if TYPE_CHECKING:
    from irloom.pipelines.clicking import Clicked


def register(root: typer.Typer) -> None:
    """Adds the command."""
    root.command(epilog="Example: irloom clicks log.tsv --output clicks.qrels --min-impressions 20")(clicks)


def clicks(
    log: Annotated[Path, typer.Argument(help="TSV (query, document, rank, clicked) or JSONL with those fields.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The file of judgments to write.")],
    propensities: Annotated[
        Path | None, typer.Option(help="TSV: rank, how likely it is looked at.", show_default="estimated from the log")
    ] = None,
    threshold: Annotated[
        list[float] | None, typer.Option(help="From which attraction a grade is given, ascending.", show_default="0.1, 0.3, 0.6")
    ] = None,
    min_impressions: Annotated[int, typer.Option(min=1, help="A pair that was shown less often gets no grade.")] = 10,
    floor: Annotated[float, typer.Option(min=0, help="Impressions at ranks of a lower propensity do not count.")] = 0.01,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Turn clicks into judgments, without the share that the position has in them."""
    from irloom.core.files import check_target
    from irloom.data.qrels import write_qrels
    from irloom.eval.clicks import THRESHOLDS
    from irloom.pipelines.clicking import judge_log

    check_target(output)
    done = judge_log(log, propensities=propensities, thresholds=threshold or THRESHOLDS, min_impressions=min_impressions, floor=floor)
    write_qrels(done.judgments.qrels, output)
    if as_json:
        print_json(_json(done))
        return
    print_table(["rank", "propensity"], [[str(rank), f"{value:.3f}"] for rank, value in sorted(done.propensities.items())], right=(0, 1))
    if not done.converged:
        print_line("The estimate of the propensities was still moving; a longer log would hold it better.")
    counts = ", ".join(f"{count} of grade {grade}" for grade, count in sorted(_grades(done).items()))
    print_line(f"{done.impressions:,} impressions, {done.clicks:,} clicks; {done.judgments.left_out:,} pairs were shown too seldom.")
    print_line(f"{done.judgments.kept:,} judgments in {output}: {counts}.")


def _grades(done: "Clicked") -> dict[int, int]:
    counts: dict[int, int] = {}
    for row in done.judgments.qrels.values():
        for grade in row.values():
            counts[grade] = counts.get(grade, 0) + 1
    return counts


def _json(done: "Clicked") -> dict[str, object]:
    return {
        "impressions": done.impressions,
        "clicks": done.clicks,
        "propensities": {str(rank): value for rank, value in sorted(done.propensities.items())},
        "estimated": done.estimated,
        "converged": done.converged,
        "judgments": done.judgments.kept,
        "left_out": done.judgments.left_out,
        "grades": {str(grade): count for grade, count in sorted(_grades(done).items())},
    }
