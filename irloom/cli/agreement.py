"""`irloom agreement QRELS QRELS...`: how far judges agree."""

import math
from typing import TYPE_CHECKING, Annotated

import typer

from irloom.cli.screen import print_json, print_line, print_table

if TYPE_CHECKING:
    from irloom.pipelines.agreeing import Agreement, PairAgreement


def register(root: typer.Typer) -> None:
    """Adds the command."""
    root.command(epilog="Example: irloom agreement alice.qrels bob.qrels --min-grade 2")(agreement)


def agreement(
    judgments: Annotated[list[str], typer.Argument(metavar="QRELS QRELS...", help="Files of judgments, or datasets; a judge each.")],
    min_grade: Annotated[
        int | None, typer.Option(help="Compare only whether a grade is at least this.", show_default="compares grades")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Say how far judges agree: Cohen's kappa for two, Fleiss' kappa and Krippendorff's alpha for all."""
    from irloom.pipelines.agreeing import agreement_of

    found = agreement_of(judgments, min_grade=min_grade)
    if as_json:
        print_json(found.to_json())
    else:
        _print(found)


def _print(found: "Agreement") -> None:
    rows = [
        [pair.first, pair.second, f"{pair.items:,}", f"{pair.same:.1%}", _value(pair.kappa), _value(pair.weighted)] for pair in found.pairs
    ]
    print_table(["judge", "judge", "judged by both", "same grade", "Cohen's kappa", "with squared weights"], rows, right=range(2, 6))
    if len(found.pairs) == 1 and len(found.judged) == 2:
        _print_grades(found.pairs[0])
    print_line(f"Fleiss' kappa {_value(found.fleiss)} over the {found.shared:,} documents that all judged.")
    alphas = f"{_value(found.nominal)} with grades as names, {_value(found.ordinal)} as ranks"
    print_line(f"Krippendorff's alpha {alphas}, over the {found.compared:,} that two or more judged.")


def _print_grades(pair: "PairAgreement") -> None:
    firsts, seconds = (sorted({grades[side] for grades in pair.table}) for side in (0, 1))
    rows = [[f"{pair.first} {first}", *(str(pair.table.get((first, second), 0)) for second in seconds)] for first in firsts]
    print_table(["grades", *(f"{pair.second} {second}" for second in seconds)], rows, right=range(1, len(seconds) + 1))


def _value(value: float) -> str:
    return "undefined" if math.isnan(value) else f"{value:.3f}"
