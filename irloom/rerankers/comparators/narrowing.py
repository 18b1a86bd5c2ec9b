"""Lists that do not fit one prompt are ordered in windows of fewer documents."""

from collections.abc import Callable, Sequence

from irloom.rerankers.comparators.contract import FAILED, NARROWED, Answer, Candidates
from irloom.rerankers.schedules.drive import about_groups, drive
from irloom.rerankers.schedules.window import Window


def narrowed(
    order: Callable[[Sequence[Candidates]], Sequence[Answer[list[int]]]], fits: Callable[[Candidates], bool], request: Candidates, why: str
) -> Answer[list[int]]:
    """The order of a list by the largest windows that fit, each half as large as the one tried before; it fails where two do not fit.

    Args:
        order: orders lists that fit.
        fits: whether a list does, with one word a document at least.
        request: the query and its documents.
        why: what is said of a query that fails.
    """
    query, documents = request
    size = len(documents) // 2
    while size > 1 and not fits((query, documents[:size])):
        size //= 2
    if size < 2:
        return Answer(list(range(len(documents))), fault=FAILED, detail=why)
    schedule = Window(size, max(1, size // 2))
    (outcome,) = drive(schedule, [len(documents)], about_groups(order, [request]), top=len(documents))
    if outcome.failed:
        return Answer(outcome.order, outcome.spent, FAILED, outcome.failed)
    return Answer(outcome.order, outcome.spent, NARROWED, f"windows of {size}, since {why}")
