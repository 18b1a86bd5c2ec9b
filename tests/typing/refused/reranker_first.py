"""A pipeline begins with a retriever."""

from irloom.core.stage import Reranker


def compose(first: Reranker, second: Reranker) -> object:
    return first >> second  # refused: operator
