"""`irloom components`: what can be built."""

from typing import Annotated

import typer

from irloom.cli.screen import print_json, print_table


def register(root: typer.Typer) -> None:
    """Adds the command."""
    root.command(epilog="Example: irloom components --json")(components)


def components(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON list.")] = False) -> None:
    """List what can be built, by kind and name, and the extra that each needs."""
    from irloom.core.registry import KINDS, table

    found = [component for kind in KINDS for component in table(kind).values()]
    if as_json:
        keys = ("name", "kind", "summary", "extra", "paper", "file", "config")
        print_json([{key: getattr(component, key) for key in keys} for component in found])
        return
    rows = [[component.kind, component.name, component.extra or "-", component.summary, component.paper or "-"] for component in found]
    print_table(["kind", "name", "extra", "what it does", "paper"], rows)
