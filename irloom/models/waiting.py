"""How long a query waits for a server: the time in which at least one of its requests is under way."""

from typing import TypeAlias

Spans: TypeAlias = tuple[tuple[float, float], ...]
"""When requests began and ended, in seconds of one clock."""


def merged(*spans: Spans) -> Spans:
    """All of them, in order of time; those that overlap or touch become one.

    >>> merged(((3.0, 4.0),), ((1.0, 2.0), (1.5, 3.0)), ((6.0, 7.0),))
    ((1.0, 4.0), (6.0, 7.0))
    """
    found: list[tuple[float, float]] = []
    for begun, ended in sorted(span for some in spans for span in some):
        if found and begun <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], ended))
        else:
            found.append((begun, ended))
    return tuple(found)


def seconds_in(spans: Spans) -> float:
    """Seconds that lie in at least one of them.

    >>> seconds_in(((0.0, 2.0), (1.0, 3.0), (5.0, 6.0)))
    4.0
    """
    return sum((ended - begun for begun, ended in merged(spans)), 0.0)
