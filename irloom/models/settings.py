"""Checks of the settings that a model is given; None means that the setting was left out."""

from collections.abc import Sequence
from typing import Final

from irloom.core.errors import BadValue

DTYPES: Final = ("float32", "float16", "bfloat16")
"""Types that a network may compute in."""


def one_of(name: str, value: str | None, known: Sequence[str]) -> None:
    """Refuses a word that is not among the known ones.

    Raises:
        BadValue: it is not.
    """
    if value is not None and value not in known:
        raise BadValue(name, value, f"one of {', '.join(known)}")


def at_least(name: str, value: int | None, least: int) -> None:
    """Refuses a number below the least.

    Raises:
        BadValue: it is below.
    """
    if value is not None and value < least:
        raise BadValue(name, value, f"{least} or more")
