"""How a command ends: one clear line and an exit code for what can go wrong outside of irloom, a traceback only for what should not."""

import errno
import os
import sys
from collections.abc import Callable
from io import TextIOWrapper
from typing import Any, Final

import typer
from typer.core import TyperGroup

from irloom.core.errors import IrloomError, nearest

FAILED: Final = 1
BAD_INPUT: Final = 2
INTERRUPTED: Final = 130
NO_READER: Final = 141


class Commands(TyperGroup):
    """The commands of `irloom`; an unknown one is answered with the nearest that there is."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names, those of groups first."""
        return sorted(super().list_commands(ctx), key=lambda name: not isinstance(self.commands[name], TyperGroup))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Finds the command that the first argument names."""
        known = self.list_commands(ctx)
        if args and not args[0].startswith("-") and args[0] not in known:
            near = nearest(args[0], known)
            hint = f" Did you mean {near!r}?" if near else ""
            ctx.fail(f"unknown command {args[0]!r}; known: {', '.join(known)}.{hint}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Runs the command with its errors turned into exit codes."""
        code = guarded(lambda: super(Commands, self).invoke(ctx))
        if code:
            raise typer.Exit(code)


def guarded(work: Callable[[], object]) -> int:
    """Does the work and returns the exit code; what only a fault of irloom's own can raise passes through.

    Args:
        work: a command.
    """
    try:
        work()
        sys.stdout.flush()
    except IrloomError as error:
        return _say(str(error))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that Python's last flush finds a reader
        return NO_READER
    except OSError as error:
        if error.errno is None:
            raise
        if error.errno in (errno.EMFILE, errno.ENFILE):
            return _say(f"{error.strerror}: raise the limit with 'ulimit -n', or give fewer files; what was there before is untouched")
        if not error.filename:  # a stream, such as stdout on a full disk
            return _say(f"{error.strerror}; not all could be printed")
        return _say(f"{error.filename}: {error.strerror}; what was there before is untouched")
    except KeyboardInterrupt:
        _say("interrupted; what was there before is untouched")
        return INTERRUPTED
    return 0


def prepare_streams() -> None:
    """Makes stdout and stderr take any text: one that was closed, as by `>&-`, drops it; others escape what their encoding lacks.

    A stdin that was closed has nothing to read.
    """
    sys.stdin = sys.stdin or open(os.devnull, encoding="utf-8")  # noqa: SIM115 (open until the process ends)
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 (open until the process ends)
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _say(text: str) -> int:
    sys.stderr.write(f"irloom: {' '.join(text.split())}\n")
    return BAD_INPUT


def show_warning(message: Warning | str, *_place: object, **_more: object) -> None:
    """Writes a warning as one line, without the place in the code that gave it; takes the place of `warnings.showwarning`."""
    sys.stderr.write(f"irloom: warning: {' '.join(str(message).split())}\n")
