"""A report on the terminal, and `irloom report DIR`, which writes a report's files again."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from irloom.cli.screen import print_line, print_table

if TYPE_CHECKING:
    from irloom.eval.report import Report


def register(root: typer.Typer) -> None:
    """Adds the command."""
    root.command(epilog="Example: irloom report runs/scifact --format latex --format parquet")(report)


def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder that `irloom run` wrote.")],
    formats: Annotated[
        list[str] | None,
        typer.Option("--format", "-f", help="html, json, jsonl, markdown, latex or parquet.", show_default="all but parquet"),
    ] = None,
    dataset: Annotated[str | None, typer.Option(help="Where the texts are.", show_default="the dataset that report.json names")] = None,
) -> None:
    """Write the files of a report again, from report.json and the run files."""
    from irloom.eval.report_files import DEFAULT_FORMATS
    from irloom.pipelines.reporting import rewrite_reports

    for path in rewrite_reports(folder, formats=formats or DEFAULT_FORMATS, dataset=dataset):
        print_line(str(path))


def print_report(report: "Report") -> None:
    """Prints a report."""
    from irloom.eval.reranker_table import alarms
    from irloom.eval.table import caption, header, table_rows

    titles = header(report)
    print_table(titles, table_rows(report), right=range(1, len(titles)))
    print_line(caption(report))
    if "labels of models" in report.facts:
        print_line(report.facts["labels of models"])
    for name, system in report.systems.items():
        for note in system.notes:
            print_line(f"{name}: {note}")
    for name, system in report.systems.items():
        for did in system.rerankers:
            for line in did.lines:
                print_line(f"{name}, {did.stage}: {line}")
    for line in alarms(report):
        print_line(line)
