"""A report on the terminal: its table, what it says of itself, its notes."""

from typing import TYPE_CHECKING

from irloom.cli.screen import print_line, print_table

if TYPE_CHECKING:
    from irloom.eval.report import Report


def print_report(report: "Report") -> None:
    """Prints a report."""
    from irloom.eval.table import caption, header, table_rows

    titles = header(report)
    print_table(titles, table_rows(report), right=range(1, len(titles)))
    print_line(caption(report))
    for name, system in report.systems.items():
        for note in system.notes:
            print_line(f"{name}: {note}")
