"""What a reranker notes of each query in `Run.notes`."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from irloom.core.types import Json

NOTES: Final = (
    "calls",  # of the model
    "prompt_tokens",  # that it read
    "new_tokens",  # that it wrote
    "seconds",
    "windows",  # where more than one was needed
    "cut_documents",  # that were cut to fit
    "malformed",  # answers that could not be read as they should
    "fallback",  # why the order given was kept or another way taken, "" where neither
    "spent_usd",
    "cached",  # 1 for a ranking that was kept from before; the other notes are what it cost then
)
"""Names that mean the same with every reranker; a method may have others of its own."""

ORDER_GIVEN: Final = "order given"
"""How a note `fallback` begins where a query could not be reranked and keeps the order it was given."""


def kept_order(notes: Mapping[str, object]) -> bool:
    """Whether a query could not be reranked, as where a server failed: another try may do better, so its ranking is not one to keep.

    >>> kept_order({"fallback": "order given: status 503"}), kept_order({"fallback": "windows"}), kept_order({})
    (True, False, False)
    """
    return str(notes.get("fallback") or "").startswith(ORDER_GIVEN)


def plain_note(value: object) -> Json:
    """A note as JSON has it: numbers of NumPy as Python's, what JSON has no form for as text."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain_note(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain_note(inner) for inner in value]
    return str(value)
