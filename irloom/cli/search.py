"""`irloom search TARGET "text"`: a table of hits with snippets."""

from pathlib import Path
from typing import Annotated

import typer

from irloom.cli.screen import print_json, print_line, print_table

_SNIPPET = 160


def register(root: typer.Typer) -> None:
    """Adds the command."""
    root.command(epilog='Example: irloom search collections/scifact "does vitamin D protect the heart" -k 5')(search)


def search(
    target: Annotated[Path, typer.Argument(help="A collection, or a pipeline's YAML.")],
    text: Annotated[str, typer.Argument(help="What to look for.")],
    k: Annotated[int, typer.Option("-k", "--k", min=0, help="How many documents.")] = 10,
    part: Annotated[str | None, typer.Option(help="The part to search, where the collection has several.")] = None,
    where: Annotated[str | None, typer.Option("--where", "-w", help="Find only documents that this filter allows.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON list of hits with their whole texts.")] = False,
) -> None:
    """Search a collection and show what is found."""
    from dataclasses import asdict

    from irloom.pipelines.searcher import open_searcher

    hits = open_searcher(target, part=part).search(text, k=k, where=where)
    if as_json:
        print_json([asdict(hit) for hit in hits])
    elif not hits:
        print_line("nothing found")
    else:
        rows = [[str(rank), f"{hit.score:.4f}", hit.id, _snippet(hit.title, hit.text)] for rank, hit in enumerate(hits, start=1)]
        print_table(["", "score", "id", "text"], rows, right=(0, 1))


def _snippet(title: str, text: str) -> str:
    joined = " ".join(f"{title}: {text}".split() if title else text.split())
    return joined if len(joined) <= _SNIPPET else joined[: _SNIPPET - 3].rstrip() + "..."
