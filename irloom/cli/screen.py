"""What commands print with: tables and lines on stdout, progress on stderr."""

import json
import logging
import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from irloom.core.files import Progress

_WIDE = 200
_SECONDS = 10.0
_SHORT = 1.0
_CONTROLS = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)], " ")


def console() -> "Console":
    """Stdout; as wide as its terminal, and wide enough for any table where it goes into a file or a pipe."""
    from rich.console import Console

    class Piped(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError  # which ends a command as it does where no table is printed; rich would exit with 1

    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else _WIDE
    return Piped(width=width, highlight=False, markup=False, emoji=False, soft_wrap=False)


def print_table(titles: Sequence[str], rows: Iterable[Sequence[str]], *, right: Iterable[int] = ()) -> None:
    """Prints rows of plain text under their titles.

    Args:
        titles: of the columns.
        rows: cells, shown as they are, but for control characters, which could steer a terminal: blanks take their place.
        right: the columns of numbers.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    numbers = set(right)
    for place, title in enumerate(titles):
        table.add_column(title, justify="right" if place in numbers else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell.translate(_CONTROLS)) for cell in row))
    console().print(table)


def print_line(text: str) -> None:
    """Prints one line."""
    sys.stdout.write(f"{text}\n")


def print_text(text: str) -> None:
    """Prints text of any length, wrapped at words; line ends stay, blanks take the place of other control characters."""
    from rich.text import Text

    console().print(Text("\n".join(line.translate(_CONTROLS) for line in text.splitlines())))


def print_json(content: object) -> None:
    """Prints one JSON value and nothing else; in ASCII where the stream cannot hold every letter."""
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    sys.stdout.write(json.dumps(content, indent=1, ensure_ascii=encoding != "utf8") + "\n")


@contextmanager
def progress() -> Iterator["Progress"]:
    """Shows on stderr how far long work is, its rate and the time left: bars on a terminal, else a line now and then.

    What irloom warns of meanwhile, and what indexing logs of its choices, is shown there too.
    """
    logger, indexing, told = logging.getLogger("irloom"), logging.getLogger("irloom.indexing"), _Told()
    before = indexing.level
    indexing.setLevel(logging.INFO)
    logger.addHandler(told)
    try:
        if sys.stderr.isatty():
            with _bars() as shown:
                yield shown
        else:
            yield _Lines()
    finally:
        logger.removeHandler(told)
        indexing.setLevel(before)


@contextmanager
def _bars() -> Iterator["Progress"]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, Task, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            speed = task.finished_speed or task.speed
            return Text(_rate(speed) if speed else "")

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        Rate(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Bars(*columns, console=Console(stderr=True)) as bars:
        tasks = {}

        def show(label: str, done: int, total: int) -> None:
            if label not in tasks:
                tasks[label] = bars.add_task(label, total=total or None)
            bars.update(tasks[label], completed=done, total=total or None)

        yield show


class _Told(logging.Handler):
    """Shows a log line on the stderr of the moment, which bars let through above them."""

    def emit(self, record: logging.LogRecord) -> None:
        warned = "irloom: warning: " if record.levelno >= logging.WARNING else ""
        sys.stderr.write(f"{warned}{' '.join(record.getMessage().split())}\n")


class _Lines:
    """One line when a piece of work starts to take long, every ten seconds, and when it is done; none where it took less than a second.

    The rate is that of the time since the last line, so that what an earlier, stopped build had finished does not count.
    """

    def __init__(self) -> None:
        self._works: dict[str, _Work] = {}

    def __call__(self, label: str, done: int, total: int) -> None:
        now = time.monotonic()
        work = self._works.get(label)
        if work is None or (work.finished and done < total):  # the same work again, over another segment
            work = self._works[label] = _Work(now, now, done)
        finished = total > 0 and done >= total
        if work.finished or not (finished or now - work.last >= _SECONDS):
            return
        if finished:
            work.finished = True
            if now - work.start < _SHORT:
                return
            sys.stderr.write(f"{label}: {done:,} of {total:,} in {_duration(now - work.start)}\n")
            return
        rate = (done - work.done) / (now - work.last)
        left = f", {_duration((total - done) / rate)} left" if total and rate > 0 else ""
        work.last, work.done = now, done
        sys.stderr.write(f"{label}: {done:,}{f' of {total:,}' if total else ''}, {_rate(rate)}{left}\n")


@dataclass(slots=True)
class _Work:
    start: float
    last: float
    done: int
    finished: bool = False


def _rate(rate: float) -> str:
    return f"{rate:,.0f}/s" if rate >= 10 else f"{rate:.1f}/s"


def _duration(seconds: float) -> str:
    """Seconds, minutes and seconds, or hours and minutes."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600:,} h {whole % 3600 // 60} min"
