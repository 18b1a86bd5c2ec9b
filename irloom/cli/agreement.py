"""`irloom agreement QRELS QRELS...`: how far judges agree."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from irloom.cli.screen import print_json, print_line, print_table

if TYPE_CHECKING:
    from irloom.pipelines.agreeing import Agreement, PairAgreement
    from irloom.pipelines.system_orders import SystemOrders


def register(root: typer.Typer) -> None:
    """Adds the command."""
    root.command(epilog="Example: irloom agreement alice.qrels bob.qrels --min-grade 2")(agreement)


def agreement(
    judgments: Annotated[list[str], typer.Argument(metavar="QRELS QRELS...", help="Files of judgments, or datasets; a judge each.")],
    min_grade: Annotated[
        int | None, typer.Option(help="Compare only whether a grade is at least this.", show_default="compares grades")
    ] = None,
    runs: Annotated[
        list[Path] | None,
        typer.Option(
            "--runs", "--run", metavar="RUN", help="A run file, twice or more: also say whether the judges put these into the same order."
        ),
    ] = None,
    measure: Annotated[str, typer.Option("--measure", "-m", help="What runs are put in order by.")] = "nDCG@10",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Say how far judges agree: Cohen's kappa for two, Fleiss' kappa and Krippendorff's alpha for all; with --runs the order of systems."""
    from irloom.pipelines.agreeing import agreement_of
    from irloom.pipelines.system_orders import orders_of

    found = agreement_of(judgments, min_grade=min_grade)
    orders = orders_of(judgments, runs, measure=measure) if runs else None
    if as_json:
        print_json({**found.to_json(), **({"systems": orders.to_json()} if orders is not None else {})})
        return
    _print(found)
    if orders is not None:
        _print_orders(orders)


def _print(found: "Agreement") -> None:
    from irloom.pipelines.agreeing import RELEVANT

    told = [
        (f"{pair.items:,}", f"{pair.same:.1%}", _value(pair.kappa), _value(pair.weighted), _value(pair.relevant)) for pair in found.pairs
    ]
    titles = ["judge", "judge", "judged by both", "same grade", "Cohen's kappa", "with squared weights", f"{RELEVANT} or more, or less"]
    binary = all(math.isnan(pair.relevant) for pair in found.pairs)
    shown = len(titles) - binary
    rows = [[pair.first, pair.second, *cells][:shown] for pair, cells in zip(found.pairs, told, strict=True)]
    print_table(titles[:shown], rows, right=range(2, shown))
    if len(found.pairs) == 1 and len(found.judged) == 2:
        _print_grades(found.pairs[0])
    _print_histograms(found.grades)
    for name, count in found.unread.items():
        print_line(f"{count:,} of the {found.judged[name]:,} labels of {name} stand as 0 since the model's answer could not be read.")
    print_line(f"Fleiss' kappa {_value(found.fleiss)} over the {found.shared:,} documents that all judged.")
    alphas = f"{_value(found.nominal)} with grades as names, {_value(found.ordinal)} as ranks"
    print_line(f"Krippendorff's alpha {alphas}, over the {found.compared:,} that two or more judged.")


def _print_histograms(grades: "Mapping[str, Mapping[int, int]]") -> None:
    every = sorted({grade for row in grades.values() for grade in row})
    rows = [
        [name, *(f"{row.get(grade, 0):,} ({row.get(grade, 0) / max(1, sum(row.values())):.0%})" for grade in every)]
        for name, row in grades.items()
    ]
    print_table(["grades given", *map(str, every)], rows, right=range(1, len(every) + 1))


def _print_orders(orders: "SystemOrders") -> None:
    judges = list(orders.means)
    systems = list(orders.means[judges[0]])
    rows = [[system, *(f"{orders.means[judge][system]:.3f}" for judge in judges)] for system in systems]
    print_table([f"{orders.measure} by the judgments of", *judges], rows, right=range(1, len(judges) + 1))
    pairs = [[pair.first, pair.second, _value(pair.tau), _value(pair.tau_b), _value(pair.rho)] for pair in orders.pairs]
    print_table(["judge", "judge", "Kendall's tau-a", "tau-b", "Spearman's rho"], pairs, right=range(2, 5))
    print_line(f"Orders of {len(systems):,} systems, by means over the {orders.queries:,} queries that all judged.")


def _print_grades(pair: "PairAgreement") -> None:
    firsts, seconds = (sorted({grades[side] for grades in pair.table}) for side in (0, 1))
    rows = [[f"{pair.first} {first}", *(str(pair.table.get((first, second), 0)) for second in seconds)] for first in firsts]
    print_table(["grades", *(f"{pair.second} {second}" for second in seconds)], rows, right=range(1, len(seconds) + 1))


def _value(value: float) -> str:
    return "undefined" if math.isnan(value) else f"{value:.3f}"
