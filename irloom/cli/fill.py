"""`irloom fill HUMAN LABELS --output QRELS`: judgments of people with their holes filled by a model."""

from pathlib import Path
from typing import Annotated

import typer

from irloom.cli.screen import print_line


def register(root: typer.Typer) -> None:
    """Adds the command."""
    root.command(epilog="Example: irloom fill scifact umbrela.qrels --output filled.qrels")(fill)


def fill(
    human: Annotated[str, typer.Argument(metavar="QRELS", help="The judgments of people: a file, or a dataset.")],
    labels: Annotated[Path, typer.Argument(metavar="LABELS", help="A model's labels, as 'irloom judge --model' wrote them.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The file of judgments to write, with whose each is beside it.")],
    split: Annotated[str | None, typer.Option(help="The dataset's split.", show_default="the dataset's own")] = None,
) -> None:
    """Fill the holes of people's judgments with a model's labels, told apart in a file beside them."""
    from irloom.pipelines.filling import fill as fill_holes
    from irloom.pipelines.label_provenance import provenance_path

    done = fill_holes(human, labels, output, split=split)
    print_line(f"{done.human:,} judgments of people and {done.model:,} labels of {done.judge!r} in {output}")
    for count, why in (
        (done.judged, "people judged the document"),
        (done.elsewhere, "people judged nothing of the query"),
        (done.unread, "the model's answer could not be read"),
    ):
        if count:
            print_line(f"{count:,} labels were left out: {why}.")
    print_line(f"whose each judgment is, is in {provenance_path(output)}")
