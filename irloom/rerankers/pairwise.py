"""Pairwise: a language model compares two documents at a time, and a sort or a sum makes the order."""

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias, cast, get_args

from irloom.core.contracts import Corpus, Generator
from irloom.core.errors import BadValue, UnknownName
from irloom.models.decoders.decoder import Decoder
from irloom.models.seq2seq import Seq2Seq
from irloom.rerankers.comparators.contract import Candidates, PairComparator
from irloom.rerankers.comparators.duot5 import DuoT5
from irloom.rerankers.comparators.prp import PairwisePrompting
from irloom.rerankers.scheduled import ScheduledReranker
from irloom.rerankers.schedules.all_pairs import AllPairs
from irloom.rerankers.schedules.bubble import PairBubble
from irloom.rerankers.schedules.contract import Schedule
from irloom.rerankers.schedules.drive import Ask, about_pairs
from irloom.rerankers.schedules.heap import PairHeap
from irloom.rerankers.schedules.remembered import remembered

Method: TypeAlias = Literal["prp", "duot5"]
PAIR_SCHEDULES: Mapping[str, Schedule[float]] = {"heap": PairHeap(), "bubble": PairBubble(), "all_pairs": AllPairs()}


class Pairwise(ScheduledReranker[float]):
    """Reranks by comparisons of two documents. Scores are n to 1 by place: sorts have no others.

    Of 100 documents the best 10 take about 280 comparisons by "heap", 940 by "bubble" and 4,950 by "all_pairs", each of two
    prompts where both orders are asked. Heap and bubble sort the best `top` alone; below them stands the order given. Comparisons of a
    language model are not transitive, so that their order also depends on the one given.

    Args:
        model: a folder, a hub id, a Decoder, a Seq2Seq or a Generator; or any PairComparator, for which the settings of a comparator do
            not count.
        corpus: gives the documents' texts.
        method: "prp", pairwise ranking prompting, or "duot5".
        scoring: for "prp", "generation" or "likelihood".
        schedule: "heap", "bubble", "all_pairs", or a Schedule for pairs.
        top: best documents wanted in order, 1 or more.
        depth: documents to rerank of each ranking, 1 or more.
        query_tokens: for "prp", tokens of a query at most, 32 in the published numbers; None for all of it.
        document_tokens: for "prp", tokens of a document at most, 128 in the published numbers and when left out.
        both_orders: for "duot5", whether each pair is asked in both orders.

    Raises:
        UnknownName: there is no such method or schedule.
        BadValue: an argument is out of its range or not one that the method uses, or "duot5" is asked for with another model than an
            encoder-decoder.
    """

    name = "pairwise"
    comparator: PairComparator

    def __init__(
        self,
        model: str | Decoder | Seq2Seq | Generator | PairComparator,
        corpus: Corpus,
        *,
        method: Method = "prp",
        scoring: str = "generation",
        schedule: str | Schedule[float] = "heap",
        top: int = 10,
        depth: int = 100,
        query_tokens: int | None = None,
        document_tokens: int | None = None,
        both_orders: bool = True,
    ) -> None:
        super().__init__(corpus, depth=depth, top=top)
        if method not in get_args(Method):
            raise UnknownName("method", method, get_args(Method))
        for name, value, user in (
            ("query_tokens", query_tokens, "prp"),
            ("document_tokens", document_tokens, "prp"),
            ("both_orders", None if both_orders else False, "duot5"),
        ):
            if value is not None and method != user:
                raise BadValue(name, value, f"none for the method {method!r}; {user} has it")
        if isinstance(schedule, str) and schedule not in PAIR_SCHEDULES:
            raise UnknownName("schedule for pairs", schedule, PAIR_SCHEDULES)
        self.schedule = PAIR_SCHEDULES[schedule] if isinstance(schedule, str) else schedule
        if callable(getattr(model, "compare", None)):
            self.comparator = cast("PairComparator", model)
        elif method == "duot5":
            if not isinstance(model, str | Seq2Seq):
                raise BadValue("model", type(model).__name__, "a folder, a hub id or a Seq2Seq for the method 'duot5'")
            self.comparator = DuoT5(model, both_orders=both_orders)
        else:
            asked = cast("str | Decoder | Seq2Seq | Generator", model)
            most = 128 if document_tokens is None else document_tokens
            self.comparator = PairwisePrompting(asked, scoring=scoring, query_tokens=query_tokens, document_tokens=most)

    def _ask(self, candidates: Sequence[Candidates]) -> Ask[float]:
        return remembered(about_pairs(self.comparator.compare, candidates))
