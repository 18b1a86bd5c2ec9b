"""Single keys from a terminal, or from a pipe one letter at a time."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

END = ""
"""What `read_key` gives when there is no more to read."""


@contextmanager
def single_keys() -> Iterator[None]:
    """Makes the terminal hand over each key as it is pressed, without echo; Ctrl-C still interrupts. Nothing happens for a pipe."""
    if not sys.stdin.isatty():
        yield
        return
    import termios
    import tty

    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    tty.setcbreak(descriptor)
    try:
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def read_key(stream: IO[str] | None = None) -> str:
    """The next key in lower case, or `END`; white space is passed over."""
    source = stream or sys.stdin
    while (key := source.read(1)) and key.isspace():
        pass
    return "" if key in ("", "\x04") else key.lower()
