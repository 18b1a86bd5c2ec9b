"""`irloom datasets`: the datasets that have a name, what is expected in them, and where they lie."""

from typing import TYPE_CHECKING, Annotated

import typer

from irloom.cli.endings import FAILED
from irloom.cli.screen import print_json, print_line, print_table, progress

if TYPE_CHECKING:
    from irloom.data.listing import DatasetInfo


def register(root: typer.Typer) -> None:
    """Adds the command."""
    root.command(epilog="Example: irloom datasets beir/scifact --check")(datasets)


def datasets(
    name: Annotated[str, typer.Argument(help="One dataset or group to look at; all of them where none is named.", show_default=False)] = "",
    check: Annotated[
        bool, typer.Option("--check", help="Read it to its end and compare its counts; exit code 1 where they differ.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """List the datasets that have a name here, with counts and licence: local ones, generated ones, and those that can be fetched."""
    from dataclasses import asdict

    from irloom.core.errors import BadValue
    from irloom.data.named import list_datasets

    if not name:
        if check:
            raise BadValue("--check", "without a name", "one dataset, as in: irloom datasets beir/scifact --check")
        found = list_datasets()
        if as_json:
            print_json([asdict(entry) for entry in found])
        else:
            _print_all(found)
        return
    _print_one(name, check=check, as_json=as_json)


def _print_all(found: "list[DatasetInfo]") -> None:
    from irloom.data.catalogue import GROUPS

    print_table(
        ["name", "kind", "documents", "queries", "licence", "what it is", "place"],
        [
            [
                entry.name,
                entry.kind,
                _number(entry.documents),
                _number(entry.queries),
                entry.licence or "-",
                entry.description or "-",
                entry.place or (f"fetch {_bytes(entry.size)}".rstrip() if entry.fetchable else "-"),
            ]
            for entry in found
        ],
        right=(2, 3),
    )
    print_line(
        "groups, whose figure is the mean over their datasets: " + ", ".join(f"{name} ({len(held)})" for name, held in GROUPS.items())
    )
    print_line("irds:ID, hf:REPOSITORY and a path are datasets too; IRLOOM_DATA names the folder of local ones, 'irloom download' fetches.")


def _print_one(name: str, *, check: bool, as_json: bool) -> None:
    from irloom.data.catalogue import GROUPS, expand_dataset
    from irloom.data.named import about

    shown = [about(member) for member in expand_dataset(name)]
    problems = [_compare(facts) for facts in shown] if check else []
    if as_json:
        print_json(shown if name in GROUPS else shown[0])
    else:
        for facts in shown:
            print_table(["dataset", str(facts["name"])], [[key, _cell(value)] for key, value in facts.items() if key != "name"])
    if any(problems):
        raise typer.Exit(FAILED)


def _compare(facts: dict[str, object]) -> str:
    """Counts a dataset into its facts; what is not as expected."""
    from irloom.data.catalogue import CATALOGUE
    from irloom.data.checked import count, difference
    from irloom.data.named import load_dataset

    name = str(facts["name"])
    with progress() as shown:
        found = count(load_dataset(name, progress=shown), progress=shown)
    facts["found"] = {"documents": found.documents, "queries": found.queries, "judgments": found.judgments}
    wrong = difference(found, CATALOGUE[name].counts) if name in CATALOGUE else ""
    facts["check"] = wrong or ("as expected" if name in CATALOGUE else "nothing is expected of it")
    return wrong


def _cell(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{number:,} {what}" for what, number in value.items() if number) or "-"
    return ", ".join(map(str, value)) or "-" if isinstance(value, list) else str(value) or "-"


def _number(value: int) -> str:
    return f"{value:,}" if value else "-"


def _bytes(size: int) -> str:
    if not size:
        return ""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"
