"""What rerankers of comparator and schedule share: texts are fetched, plans are run, and what they gave becomes scores and notes."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from irloom.core.contracts import Corpus
from irloom.core.errors import shortened
from irloom.core.notes import ORDER_GIVEN
from irloom.rerankers.comparators.contract import FAILED, Candidates
from irloom.rerankers.failures import tell_failures
from irloom.rerankers.head import Head, Scored, order_scores
from irloom.rerankers.portions import with_texts
from irloom.rerankers.schedules.contract import Schedule
from irloom.rerankers.schedules.drive import Ask, Outcome, drive

A = TypeVar("A")


def scheduled(
    heads: Sequence[Head], corpus: Corpus, schedule: Schedule[A], ask: Callable[[Sequence[Candidates]], Ask[A]], *, top: int
) -> list[Scored]:
    """Scores n to 1 by place for each head, and its notes.

    A query whose comparator failed keeps the order given; its note `fallback` says why. Beside the notes that all rerankers have,
    `answers` counts the answers by what was wrong with them, and `wrong` shows the first one with a fault.

    Args:
        heads: queries and the ids of their documents.
        corpus: gives the documents' texts.
        schedule: which documents are compared.
        ask: the comparator over those candidates, as `about_groups` and `about_pairs` make it.
        top: best documents wanted in order.

    Raises:
        UnknownDocument: the corpus lacks a document.
        ModelError: every query failed, or the comparator's model cannot answer at all.
    """
    outcomes: list[Outcome] = []
    for candidates in with_texts(heads, corpus):
        outcomes += drive(schedule, [len(documents) for _, documents in candidates], ask(candidates), top=top)
    scored = [Scored(order_scores(outcome.order), _notes(outcome)) for outcome in outcomes]
    tell_failures(heads, scored)
    return scored


def _notes(outcome: Outcome) -> dict[str, object]:
    spent, faults = outcome.spent, outcome.faults
    notes: dict[str, object] = {
        "calls": spent.calls,
        "prompt_tokens": spent.prompt_tokens,
        "new_tokens": spent.new_tokens,
        "seconds": outcome.seconds,
        "windows": outcome.groups,
        "cut_documents": spent.cut_documents,
        "malformed": faults.total() - faults[FAILED],
        "fallback": f"{ORDER_GIVEN}: {outcome.failed}" if outcome.failed else outcome.narrowed,
        "answers": {"ok": outcome.groups - faults.total(), **faults},
        "wrong": shortened(outcome.wrong),
    }
    return {**notes, "spent_usd": spent.usd} if spent.usd else notes
