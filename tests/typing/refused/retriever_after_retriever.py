"""Only a reranker stands on the right of >>."""

from irloom.core.stage import Pipeline, Retriever


def compose(first: Retriever, second: Retriever) -> Pipeline:
    return first >> second  # refused: operator
