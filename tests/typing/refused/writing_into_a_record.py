"""Records are frozen."""

from irloom.core.types import Query


def change(query: Query) -> None:
    query.text = "other"  # refused: misc
