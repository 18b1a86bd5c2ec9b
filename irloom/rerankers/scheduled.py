"""What rerankers of comparator and schedule share: texts are fetched, plans are run, and what they gave becomes scores and notes."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import ClassVar, Generic, TypeVar

from irloom.core.contracts import Corpus
from irloom.core.errors import shortened
from irloom.core.files import short_hash
from irloom.core.notes import ORDER_GIVEN
from irloom.core.run import Run
from irloom.core.stage import Reranker
from irloom.core.types import Query
from irloom.models.prompting.prefix_store import keeping_prefixes
from irloom.models.settings import at_least
from irloom.models.waiting import seconds_in
from irloom.rerankers.comparators.contract import FAILED, Candidates, Comparator
from irloom.rerankers.failures import tell_failures
from irloom.rerankers.head import Head, Scored, order_scores, rerank_head
from irloom.rerankers.portions import with_texts
from irloom.rerankers.schedules.contract import Schedule
from irloom.rerankers.schedules.drive import Ask, Outcome, drive

A = TypeVar("A")


class ScheduledReranker(Reranker, Generic[A]):
    """Reranks by what a comparator says of the groups that a schedule forms. Scores are n to 1 by place: an order has no others.

    A method's own class makes `comparator` and `schedule`, and says in `_ask` what the comparator is asked.

    Args:
        corpus: gives the documents' texts.
        depth: documents to rerank of each ranking, 1 or more.
        top: best documents wanted in order, 1 or more.

    Raises:
        BadValue: a number is out of its range.
    """

    name: ClassVar[str]
    comparator: Comparator
    schedule: Schedule[A]

    def __init__(self, corpus: Corpus, *, depth: int, top: int) -> None:
        at_least("depth", depth, 1)
        at_least("top", top, 1)
        self.corpus, self.depth, self.top = corpus, depth, top

    @abstractmethod
    def _ask(self, candidates: Sequence[Candidates]) -> Ask[A]:
        """The comparator over those candidates, as `about_groups` and `about_pairs` make it."""

    @property
    def fingerprint(self) -> str:
        """The comparator's, the schedule, depth and top, hashed."""
        return short_hash(self.name, self.comparator.fingerprint, repr(self.schedule), str(self.depth), str(self.top))

    def warm_up(self) -> None:
        """Loads the weights, where there are any.

        Raises:
            ModelError: the model cannot be loaded, or not be asked in this way.
        """
        self.comparator.warm_up()

    def rerank(self, queries: Sequence[Query], run: Run, *, k: int) -> Run:
        """The best `k` documents of each ranking after reordering.

        Raises:
            BadValue: `k` is negative or two queries share an id.
            UnknownDocument: the corpus lacks a document of the run.
            ModelError: the model cannot be loaded or asked, a logit is NaN, or every query failed.
        """
        return rerank_head(queries, run, self._score, depth=self.depth, k=k)

    def _score(self, heads: Sequence[Head]) -> list[Scored]:
        return scheduled(heads, self.corpus, self.schedule, self._ask, top=self.top)


def scheduled(
    heads: Sequence[Head], corpus: Corpus, schedule: Schedule[A], ask: Callable[[Sequence[Candidates]], Ask[A]], *, top: int
) -> list[Scored]:
    """Scores n to 1 by place for each head, and its notes.

    A query whose comparator failed keeps the order given; its note `fallback` says why. Beside the notes that all rerankers have,
    `answers` counts the answers by what was wrong with them, and `wrong` shows the first one with a fault; `unlisted` counts identifiers
    that a server did not name, where it left any out.

    Args:
        heads: queries and the ids of their documents.
        corpus: gives the documents' texts.
        schedule: which documents are compared.
        ask: the comparator over candidates, as `ScheduledReranker._ask` gives it.
        top: best documents wanted in order.

    Raises:
        UnknownDocument: the corpus lacks a document.
        ModelError: every query failed, or the comparator's model cannot answer at all.
    """
    outcomes: list[Outcome] = []
    for candidates in with_texts(heads, corpus):
        with keeping_prefixes():
            outcomes += drive(schedule, [len(documents) for _, documents in candidates], ask(candidates), top=top)
    scored = [Scored(order_scores(outcome.order), _notes(outcome)) for outcome in outcomes]
    tell_failures(heads, scored, error=next((outcome.gone for outcome in outcomes if outcome.gone), None))
    return scored


def _notes(outcome: Outcome) -> dict[str, object]:
    spent, faults = outcome.spent, outcome.faults
    notes: dict[str, object] = {
        "calls": spent.calls,
        "prompt_tokens": spent.prompt_tokens,
        "new_tokens": spent.new_tokens,
        "seconds": seconds_in(spent.spans) if spent.spans else outcome.seconds,
        "windows": outcome.groups,
        "cut_documents": len(spent.cut_documents),
        "malformed": faults.total() - faults[FAILED],
        "fallback": f"{ORDER_GIVEN}: {outcome.failed}" if outcome.failed else outcome.narrowed,
        "answers": {"ok": outcome.groups - faults.total(), **faults},
        "wrong": shortened(outcome.wrong),
    }
    more = {"spent_usd": spent.usd, "unlisted": spent.unlisted}
    return {**notes, **{name: value for name, value in more.items() if value}}
