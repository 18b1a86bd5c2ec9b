"""How many threads an index uses when nobody says."""

import os

from irloom.core.errors import BadValue


def processors() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def thread_count(threads: int | None) -> int:
    """What was asked for, or the number of processors.

    Raises:
        BadValue: it is less than 1.
    """
    if threads is not None and threads < 1:
        raise BadValue("threads", threads, "1 or more")
    return threads or processors()
