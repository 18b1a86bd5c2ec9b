"""The command `irloom`: its commands, and what each kind of ending means for the exit code."""

import sys
import warnings
from collections.abc import Sequence

import typer

from irloom.cli import (
    add,
    agreement,
    clicks,
    compact,
    compare,
    components,
    datasets,
    delete,
    diagnose,
    diff,
    doctor,
    download,
    evaluate,
    facets,
    fill,
    fuse,
    heads,
    index,
    info,
    judge,
    migrate,
    pool,
    replay,
    report,
    rerank,
    retrieve,
    run,
    search,
    sync,
    train,
    update,
    verify,
)
from irloom.cli.endings import Commands, guarded, prepare_streams, show_warning

_COMMANDS = (
    index,
    add,
    update,
    delete,
    sync,
    compact,
    migrate,
    search,
    retrieve,
    rerank,
    heads,
    fuse,
    evaluate,
    compare,
    diagnose,
    clicks,
    pool,
    judge,
    fill,
    agreement,
    train,
    run,
    replay,
    diff,
    report,
    verify,
    info,
    facets,
    datasets,
    download,
    components,
    doctor,
)

app = typer.Typer(
    name="irloom",
    cls=Commands,
    help="Index, search, rerank and evaluate real text.",
    epilog="Example: irloom run configs/experiments/scifact.yaml --output runs/scifact",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _module in _COMMANDS:
    _module.register(app)


def _print_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import PackageNotFoundError, version

        try:
            typer.echo(f"irloom {version('irloom')}")
        except PackageNotFoundError:
            typer.echo("irloom from its source, not installed")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(False, "--version", callback=_print_version, is_eager=True, help="Show the version and exit."),
) -> None:
    pass


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs one command and exits: 0 done, 1 a gate failed or damage was found, 2 bad input or a missing extra, 130 Ctrl-C."""
    prepare_streams()
    with warnings.catch_warnings():
        warnings.showwarning = show_warning
        sys.exit(guarded(lambda: app(list(arguments) if arguments is not None else None, prog_name="irloom")))
