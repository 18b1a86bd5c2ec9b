"""A warm process that forks a child for each deed, so that what is killed a thousand times need not be started a thousand times."""

import multiprocessing
import os
import signal
import sys
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Connection
from queue import SimpleQueue
from types import TracebackType
from typing import Self

import pytest

_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


class Warm:
    """A process that did `prepare` (a function of a module) once and forks from then on, so it must have no threads."""

    def __init__(self, prepare: Callable[[], object]) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, prepare), daemon=False)
        with pytest.MonkeyPatch.context() as patch:
            for name in _ONE_THREAD:
                patch.setenv(name, "1")
            self._process.start()
        self._pipe.recv()

    def do(self, deed: Callable[..., object], *args: object, kill_after: float | None = None) -> int:
        """Does the deed (a function of a module) in a child and returns its exit code.

        Args:
            deed: what to do.
            args: for the deed.
            kill_after: seconds after which the child is killed.
        """
        self._pipe.send((deed, args))
        child = self._pipe.recv()
        if kill_after is not None and not self._pipe.poll(kill_after):
            with suppress(ProcessLookupError):  # it ended by itself a moment before
                os.kill(child, signal.SIGKILL)
        return int(self._pipe.recv())

    def end(self) -> None:
        """Ends the process."""
        self._pipe.send(None)
        self._process.join()


class Pool:
    """As many warm processes as there are processors, four at most; a context manager."""

    def __init__(self, prepare: Callable[[], object]) -> None:
        self._all = [Warm(prepare) for _ in range(min(4, os.cpu_count() or 1))]
        self._free: SimpleQueue[Warm] = SimpleQueue()
        for warm in self._all:
            self._free.put(warm)

    def each(self, attempt: Callable[[Warm, int], object], count: int) -> None:
        """Makes the attempts 0 to `count` - 1, each with a warm process to itself; raises what the first that fails raises."""

        def one(number: int) -> None:
            warm = self._free.get()
            try:
                attempt(warm, number)
            finally:
                self._free.put(warm)

        with ThreadPoolExecutor(len(self._all)) as threads:
            tries = [threads.submit(one, number) for number in range(count)]
            try:
                for done in tries:
                    done.result()
            finally:
                for left in tries:
                    left.cancel()

    def do(self, deed: Callable[..., object], *args: object) -> int:
        """Does one deed and returns its exit code."""
        warm = self._free.get()
        try:
            return warm.do(deed, *args)
        finally:
            self._free.put(warm)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for warm in self._all:
            warm.end()


def _serve(pipe: Connection, prepare: Callable[[], object]) -> None:
    prepare()
    pipe.send(os.getpid())
    while (job := pipe.recv()) is not None:
        deed, args = job
        child = forked(deed, *args)
        pipe.send(child)
        pipe.send(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


def forked(deed: Callable[..., object], *args: object) -> int:
    """Does the deed in a child of this process, which ends with 0, or with 1 after an error, and returns the child's number."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        deed(*args)
        code = 0
    except BaseException:  # noqa: BLE001 (whatever it is, the parent is told by the exit code)
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)
