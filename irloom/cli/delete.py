"""`irloom delete COLLECTION --ids FILE`: documents out of every part."""

from pathlib import Path
from typing import Annotated

import typer

from irloom.cli.growth import CollectionPath, report
from irloom.cli.screen import progress


def register(root: typer.Typer) -> None:
    """Adds the command."""
    root.command(epilog="Example: irloom delete collections/notes --ids gone.txt")(delete)


def delete(
    collection: CollectionPath,
    ids: Annotated[Path | None, typer.Option("--ids", help="A file of document ids, one a line.")] = None,
    one: Annotated[list[str] | None, typer.Option("--id", help="An id. May be repeated.")] = None,
    ignore_missing: Annotated[bool, typer.Option("--ignore-missing", help="Pass over ids that no document has.")] = False,
) -> None:
    """Delete documents by id. Their text stays on the disk until 'irloom compact'."""
    from irloom.core.errors import ConfigError, DataError
    from irloom.data.lines import read_lines
    from irloom.pipelines.growing import delete as delete_documents

    if ids is None and not one:
        raise ConfigError("name what to delete: --ids FILE with one id a line, or --id ID")
    doc_ids = [*(one or ()), *((line for _, line in read_lines(ids)) if ids is not None else ())]
    if not doc_ids:
        raise DataError(f"{ids} holds no id; it needs one a line")
    with progress() as shown:
        grown = delete_documents(collection, doc_ids, missing="ignore" if ignore_missing else "error", progress=shown)
    report(grown, unchanged="not there")
