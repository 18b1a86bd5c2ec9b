"""`irloom run EXPERIMENT.yaml`: an experiment from its YAML to the table, the run files and `report.json`."""

import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Annotated

import typer

from irloom.cli.endings import INTERRUPTED
from irloom.cli.report import print_report
from irloom.cli.screen import print_json, print_line, print_table, progress

if TYPE_CHECKING:
    from irloom.eval.report import Report


def register(root: typer.Typer) -> None:
    """Adds the command."""
    root.command(epilog="Example: irloom run configs/experiments/scifact.yaml --output runs/scifact")(run)


def run(
    experiment: Annotated[Path, typer.Argument(metavar="EXPERIMENT.yaml", help="Its dataset, systems, measures and baseline.")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The folder for the report, the run files and the manifest.", show_default="runs/EXPERIMENT"),
    ] = None,
    where: Annotated[str | None, typer.Option("--where", "-w", help="Find only documents that this filter allows.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the content of report.json and nothing else.")] = False,
) -> None:
    """Run an experiment: build, retrieve, rerank, evaluate, compare."""
    from irloom.eval.reranker_table import alarms
    from irloom.pipelines.running import macro_average, run_experiment

    folder = output if output is not None else Path("runs") / experiment.stem
    try:
        with progress() as shown:
            reports = run_experiment(experiment, output=folder, where=where, progress=shown)
    except KeyboardInterrupt:
        sys.stderr.write(f"irloom: interrupted; what was finished is kept in {folder}, and the same command goes on from there\n")
        raise typer.Exit(INTERRUPTED) from None
    if as_json:
        for report in reports:
            for line in alarms(report):
                sys.stderr.write(f"irloom: {line}\n")
        print_json(reports[0].to_json() if len(reports) == 1 else macro_average(reports))
        return
    for report in reports:
        print_report(report)
    if len(reports) > 1:
        _print_means(reports)
        print_line(f"the means and manifest.json are in {folder}, and report.html and run files in a folder there for each dataset")
        return
    print_line(f"report.html, report.json, run files and manifest.json are in {folder}")


def _print_means(reports: "Sequence[Report]") -> None:
    """Prints the mean over the datasets, each counting once."""
    measures = reports[0].measures
    rows = [
        [name, *(f"{fmean(report.systems[name].measures[measure].interval.mean for report in reports):.3f}" for measure in measures)]
        for name in reports[0].systems
    ]
    print_line(f"mean over {len(reports)} datasets")
    print_table(["system", *measures], rows, right=range(1, 1 + len(measures)))
