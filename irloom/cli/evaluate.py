"""`irloom evaluate RUN... --qrels FILE_OR_DATASET`: run files against judgments."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from irloom.cli.report import print_report
from irloom.cli.screen import print_json


def register(root: typer.Typer) -> None:
    """Adds the command."""
    root.command(epilog="Example: irloom evaluate bm25.trec fused.trec --qrels scifact -m nDCG@10 -m R@100 --baseline bm25")(evaluate)


def evaluate(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Run files in TREC's format; each is called by its file's stem.")],
    qrels: Annotated[str, typer.Option("--qrels", help="A file of judgments, or a dataset.")],
    split: Annotated[str | None, typer.Option(help="The dataset's split.", show_default="the dataset's own")] = None,
    measure: Annotated[list[str] | None, typer.Option("--measure", "-m", help="Such as nDCG@10, R@100, RR@10, AP.")] = None,
    baseline: Annotated[str | None, typer.Option(help="The run that the others are compared with.")] = None,
    interval: Annotated[Literal["percentile", "bca"], typer.Option(help="How the bootstrap's interval is read.")] = "percentile",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A folder for report.html, its other files and the runs.", show_default="none")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, shaped as report.json, and nothing else.")] = False,
) -> None:
    """Evaluate run files."""
    from irloom.pipelines.comparing import DEFAULT_MEASURES, evaluate_runs
    from irloom.pipelines.reporting import report_runs

    asked = measure or DEFAULT_MEASURES
    if output is not None:
        report = report_runs(runs, output=output, qrels=qrels, split=split, measures=asked, baseline=baseline, method=interval)
    else:
        report = evaluate_runs(runs, qrels=qrels, split=split, measures=asked, baseline=baseline, method=interval)
    if as_json:
        print_json(report.to_json())
    else:
        print_report(report)
