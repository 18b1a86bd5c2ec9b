"""`irloom run EXPERIMENT.yaml`: an experiment from its YAML to the table, the run files and `report.json`."""

from pathlib import Path
from typing import Annotated

import typer

from irloom.cli.report import print_report
from irloom.cli.screen import print_json, print_line, progress


def register(root: typer.Typer) -> None:
    """Adds the command."""
    root.command(epilog="Example: irloom run configs/experiments/scifact.yaml --output runs/scifact")(run)


def run(
    experiment: Annotated[Path, typer.Argument(metavar="EXPERIMENT.yaml", help="Its dataset, systems, measures and baseline.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The folder for runs/ and report.json.", show_default="runs/EXPERIMENT")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the content of report.json and nothing else.")] = False,
) -> None:
    """Run an experiment: build, retrieve, rerank, evaluate, compare."""
    from irloom.pipelines.running import macro_average, run_experiment

    folder = output if output is not None else Path("runs") / experiment.stem
    with progress() as shown:
        reports = run_experiment(experiment, output=folder, progress=shown)
    if as_json:
        print_json(reports[0].to_json() if len(reports) == 1 else macro_average(reports))
        return
    for report in reports:
        print_report(report)
    print_line(f"run files and report.json are in {folder}")
