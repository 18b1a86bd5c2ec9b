"""`irloom download NAME`: a named collection fetched, checked and placed."""

from typing import Annotated

import typer

from irloom.cli.screen import print_line, progress


def register(root: typer.Typer) -> None:
    """Adds the command."""
    root.command(epilog="Example: irloom download beir/scifact beir/nfcorpus")(download)


def download(names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Datasets or groups of the catalogue.")]) -> None:
    """Fetch named datasets before they are needed; what is here already stays, and what broke off goes on."""
    from irloom.data.catalogue import expand_dataset
    from irloom.data.named import fetch_dataset

    wanted = list(dict.fromkeys(member for name in names for member in expand_dataset(name)))
    with progress() as shown:
        for name in wanted:
            print_line(f"{name}: {fetch_dataset(name, progress=shown)}")
