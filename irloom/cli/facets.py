"""`irloom facets COLLECTION [FIELD ...]`: the fields that filters can name, and how often their values occur."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from irloom.cli.screen import print_json, print_line, print_table

if TYPE_CHECKING:
    from irloom.indexing.facets import Facet

_SHOWN = 3
_LONGEST = 60


def register(root: typer.Typer) -> None:
    """Adds the command."""
    root.command(epilog="Example: irloom facets collections/docs lang --where 'year >= 2020'")(facets)


def facets(
    collection: Annotated[Path, typer.Argument(help="The collection.")],
    fields: Annotated[list[str] | None, typer.Argument(metavar="FIELD", help="The fields; without any, an overview of all.")] = None,
    where: Annotated[str | None, typer.Option("--where", "-w", help="Count only documents that this filter allows.")] = None,
    run: Annotated[Path | None, typer.Option(help="Count only documents that this run file holds.")] = None,
    query: Annotated[str | None, typer.Option(help="Count only what the run holds for this query.")] = None,
    top: Annotated[int, typer.Option(min=0, help="How many values of each field.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON list.")] = False,
) -> None:
    """Count the values of metadata fields."""
    from irloom.pipelines.faceting import facets_of

    found = facets_of(collection, fields or (), where=where, run=run, query=query, top=top)
    if as_json:
        print_json([facet.to_json() for facet in found])
    elif not fields:
        _print_overview(found)
    else:
        for facet in found:
            _print_facet(facet)


def _print_overview(facets: "list[Facet]") -> None:
    if not facets:
        print_line("no document has metadata; filters can name id, parent and title")
        return
    rows = [
        [facet.field, f"{facet.documents:,}", f"{facet.distinct:,}", ", ".join(_spelt(value) for value, _ in facet.counts[:_SHOWN])]
        for facet in facets
    ]
    print_line(f"{facets[0].total:,} documents")
    print_table(["field", "documents", "values", "most frequent"], rows, right=(1, 2))


def _print_facet(facet: "Facet") -> None:
    print_line(f"{facet.field}: {facet.distinct:,} values in {facet.documents:,} of {facet.total:,} documents")
    rows = [[_spelt(value), f"{count:,}", f"{100 * count / max(1, facet.total):.1f} %"] for value, count in facet.counts]
    print_table([facet.field, "documents", "share"], rows, right=(1, 2))


def _spelt(value: str | float | bool) -> str:
    """The value as a filter spells it."""
    import json

    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
