"""`irloom doctor`: whether what irloom needs is here."""

from typing import Annotated

import typer

from irloom.cli.endings import FAILED
from irloom.cli.screen import print_json, print_table


def register(root: typer.Typer) -> None:
    """Adds the command."""
    root.command(epilog="Example: irloom doctor")(doctor)


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON list.")] = False) -> None:
    """Check the environment: packages, extras, folders, a kernel; exit code 1 where something needed does not work."""
    from irloom.pipelines.doctor import examine

    checks = examine()
    if as_json:
        print_json([{"name": check.name, "state": check.state, "found": check.found} for check in checks])
    else:
        print_table(["", "what", "found"], [[check.state, check.name, check.found] for check in checks])
    if any(check.state == "bad" for check in checks):
        raise typer.Exit(FAILED)
