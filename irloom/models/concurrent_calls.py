"""call_each: the same call for many jobs, several at once, whose failures are values and do not end the others."""

import queue
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from irloom.core.errors import EndpointError, ModelError

J = TypeVar("J")
R = TypeVar("R")

PATIENCE = 3
"""Jobs that may fail one after the other before a server counts as gone."""
_LOOK = 0.2
"""Seconds of a wait, at most."""
_CLOSED = frozenset({401, 402, 403, 404, 405})
"""Statuses that every further request would get too: no key, no money, no right, no such address."""


def call_each(work: Callable[[J, threading.Event], R], jobs: Sequence[J], *, workers: int) -> list[R | ModelError]:
    """The results of `work` for each job, in the jobs' order; a ModelError that a job raises stands in its place.

    Where a server is gone (`PATIENCE` failures in a row, whatever answered before) or refuses everybody, the jobs that have not begun
    fail without a call, with the reason. Any other exception, an interrupt among them, ends all: no job begins any more, and threads that
    still wait for a server are left to end by themselves.

    Args:
        work: called with a job and an event that says, once set, that nothing more shall be tried.
        jobs: what is to be done.
        workers: calls at once, 1 or more.
    """
    results: list[R | ModelError | None] = [None] * len(jobs)
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    done: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()
    for place in range(len(jobs)):
        waiting.put(place)
    stop, watch = threading.Event(), _Watch()

    def labour() -> None:
        while not stop.is_set():
            try:
                place = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                result: R | ModelError = _outcome(work, jobs[place], stop) if watch.gone is None else watch.gone
                results[place] = result
                watch.saw(result)
            except BaseException as error:  # noqa: BLE001 (raised again by the thread that waits)
                done.put(error)
                return
            done.put(None)

    threads = [threading.Thread(target=labour, daemon=True) for _ in range(min(workers, len(jobs)))]
    try:
        for thread in threads:
            thread.start()
        for _ in jobs:
            error = _waited(done)
            if error is not None:
                raise error
    finally:
        stop.set()
    return [result for result in results if result is not None]


def _waited(done: "queue.SimpleQueue[BaseException | None]") -> BaseException | None:
    """What comes next. An interrupt just before a wait is seen only behind it, so that no wait is long."""
    while True:
        try:
            return done.get(timeout=_LOOK)
        except queue.Empty:
            continue


def _outcome(work: Callable[[J, threading.Event], R], job: J, stop: threading.Event) -> R | ModelError:
    try:
        return work(job, stop)
    except ModelError as error:
        return error


class _Watch:
    """Counts failures, and says when a server is gone."""

    def __init__(self) -> None:
        self.gone: ModelError | None = None
        self._row = 0
        self._lock = threading.Lock()

    def saw(self, result: object) -> None:
        """Takes note of a job's result."""
        with self._lock:
            if self.gone is not None:
                return
            server = result if isinstance(result, EndpointError) else None
            if not isinstance(result, ModelError):
                self._row = 0
            elif server is None or not server.is_about_one_request:
                self._row += 1
                if (server is not None and server.status in _CLOSED) or self._row >= PATIENCE:
                    self.gone = result
