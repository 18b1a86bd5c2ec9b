"""`irloom train RECIPE --output DIR`: trains a model as a recipe says."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from irloom.cli.screen import print_line, progress

if TYPE_CHECKING:
    from irloom.training.loop import Trained


def register(root: typer.Typer) -> None:
    """Adds the command."""
    root.command(epilog="Example: irloom train configs/training/small_reranker.yaml")(train)


def train(
    recipe: Annotated[Path, typer.Argument(help="The recipe, a YAML file.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The model's folder.", show_default="models/NAME in the cache")
    ] = None,
) -> None:
    """Train a model; the same command goes on where a kill or Ctrl-C ended it."""
    from irloom.core.locks import sole_maker
    from irloom.training.place import model_place
    from irloom.training.recipes.recipe import read_recipe
    from irloom.training.small_reranker import WORK, train_small_reranker

    read = read_recipe(recipe)
    folder = output if output is not None else model_place(read.name)
    with sole_maker(folder):
        try:
            with progress() as shown:
                done = train_small_reranker(read, folder, progress=shown, log=_log)
        except BaseException:
            work = folder.with_name(folder.name + WORK)
            if work.exists():
                sys.stderr.write(f"irloom: what was done is kept in {work}; the same command goes on from there\n")
            raise
    skipped = f"; {done.skipped:,} of them changed nothing, since their loss was not finite" if done.skipped else ""
    print_line(f"{read.name}: {done.step:,} steps{skipped}; the model is in {folder}")


def _log(done: "Trained") -> None:
    parts = ", ".join(f"{name} {value:.3f}" for name, value in done.parts.items())
    sys.stderr.write(f"step {done.step:,} after {done.seconds / 60:.0f} min: {parts}\n")
