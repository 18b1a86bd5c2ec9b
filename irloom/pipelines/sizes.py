"""Sizes and counts as people write them: `2GB` is a number of bytes."""

import re
from typing import Final

from irloom.core.errors import BadValue

_UNITS = {
    letter + ending: base**power for power, letter in enumerate("kmgt", 1) for ending, base in (("", 1000), ("b", 1000), ("ib", 1024))
}
LEAST_MEMORY: Final = 512 * 10**6
"""The least memory that a build can be held to."""
_LIBRARIES = 384 * 10**6
"""Bytes that Python, compiled kernels and what else is always there take."""
_NAMES = ("kB", "MB", "GB", "TB")
_SIZE = re.compile(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*([a-z]*)\s*", re.IGNORECASE | re.ASCII)


def parse_size(text: str, *, name: str = "size", least: int = 1) -> int:
    """The bytes of a size such as `2GB`, `512MiB`, `1.5g` or `4000`: k, M, G and T count in thousands, Ki, Mi, Gi and Ti in 1,024s.

    Args:
        text: a number and a unit, in letters of either case; a number alone is bytes.
        name: what it is called in errors.
        least: the fewest bytes that make sense.

    Raises:
        BadValue: it is no size, or less than `least`.

    >>> parse_size("2GB"), parse_size("512 MiB"), parse_size("1.5k")
    (2000000000, 536870912, 1500)
    """
    found = _SIZE.fullmatch(text)
    unit = found[2].lower() if found else ""
    if found is None or unit not in ("", "b", *_UNITS):
        raise BadValue(name, text, "a size such as 2GB, 512MiB or 4000000")
    size = int(float(found[1]) * _UNITS.get(unit, 1))
    if size < least:
        raise BadValue(name, text, f"{size_text(least)} or more")
    return size


def build_memory(text: str) -> int:
    """What is left for a build's own tables of the memory that a process may take, such as `2GB`.

    Raises:
        BadValue: it is no size, or too little.
    """
    return parse_size(text, name="max-memory", least=LEAST_MEMORY) - _LIBRARIES


def size_text(size: int) -> str:
    """A size for people, in thousands: three digits and a unit.

    >>> size_text(999), size_text(2_000_000_000), size_text(123_456)
    ('999 bytes', '2.00 GB', '123 kB')
    """
    if size < 1000:
        return f"{size} bytes"
    power = 1
    while size >= 999.5 * 1000**power and power < len(_NAMES):
        power += 1
    value = size / 1000**power
    digits = 0 if value >= 99.95 else 1 if value >= 9.995 else 2
    return f"{value:.{digits}f} {_NAMES[power - 1]}"


def counted(count: int, thing: str) -> str:
    """A number of things, such as `1 document` or `2,000 documents`."""
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"
