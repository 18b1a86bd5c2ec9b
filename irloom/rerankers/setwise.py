"""Setwise: a language model chooses the best of a few documents at a time, and a sort makes the order."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias, cast

from irloom.core.contracts import Corpus, Generator
from irloom.core.errors import BadValue, UnknownName
from irloom.core.files import short_hash
from irloom.core.run import Run
from irloom.core.stage import Reranker
from irloom.core.types import Query
from irloom.models.decoders.decoder import Decoder
from irloom.models.seq2seq import Seq2Seq
from irloom.models.settings import at_least
from irloom.rerankers.comparators.contract import ListOrderer, SetSelector
from irloom.rerankers.comparators.setwise import SetwisePrompting
from irloom.rerankers.head import Head, Scored, rerank_head
from irloom.rerankers.scheduled import scheduled
from irloom.rerankers.schedules.bubble import PairBubble, SetBubble
from irloom.rerankers.schedules.contract import Schedule
from irloom.rerankers.schedules.drive import about_groups
from irloom.rerankers.schedules.heap import PairHeap, SetHeap
from irloom.rerankers.schedules.window import Window

SetSort: TypeAlias = "type[SetHeap | SetBubble]"
SET_SCHEDULES: Mapping[str, SetSort] = {"heap": SetHeap, "bubble": SetBubble}
WINDOW = "window"


class Setwise(Reranker):
    """Reranks by choosing the best of a set. Scores are n to 1 by place: sorts have no others.

    Of 100 documents the best 10 take about 75 choices by "heap" with three children, up to 330 by "bubble". Both sort the best `top`
    alone; below them stands the order given. With "window" the model's label probabilities order windows of the list, from its end to
    its head, `passes` times. Choices of a language model are not transitive, so that the order also depends on the one given.

    Args:
        model: a folder, a hub id, a Decoder, a Seq2Seq or a Generator; or any SetSelector, for which the settings of a comparator do not
            count.
        corpus: gives the documents' texts.
        scoring: "generation" or "likelihood"; a window is ordered by likelihood in any case.
        schedule: "heap", "bubble", "window", or a Schedule for sets.
        children: documents that are shown beside the first one, 1 to 22, for "heap" and "bubble".
        top: best documents wanted in order, 1 or more.
        depth: documents to rerank of each ranking, 1 or more.
        window: documents of a window, 23 at most.
        stride: places that windows move.
        passes: how often windows go over the ranking.
        query_tokens: tokens of a query at most, 32 in the published numbers; None for all of it.
        document_tokens: tokens of a document at most, 128 in the published numbers.
        permutations: prompts a set; 1 shows the order given, more show random orders, and their answers vote.
        seed: of the permutations.

    Raises:
        UnknownName: there is no such schedule.
        BadValue: an argument is out of its range, more documents are shown at once than there are labels, or the schedule is for pairs.

    Paper:
        S. Zhuang et al., A Setwise Approach for Effective and Highly Efficient Zero-shot Ranking with Large Language Models,
        SIGIR 2024.
    """

    def __init__(
        self,
        model: str | Decoder | Seq2Seq | Generator | SetSelector,
        corpus: Corpus,
        *,
        scoring: str = "generation",
        schedule: str | Schedule[int] = "heap",
        children: int = 3,
        top: int = 10,
        depth: int = 100,
        window: int = 4,
        stride: int = 2,
        passes: int = 5,
        query_tokens: int | None = None,
        document_tokens: int = 128,
        permutations: int = 1,
        seed: int = 0,
    ) -> None:
        at_least("depth", depth, 1)
        at_least("top", top, 1)
        self.corpus, self.depth, self.top = corpus, depth, top
        self.selector: SetSelector
        if callable(getattr(model, "select", None)):
            self.selector = cast("SetSelector", model)
        else:
            asked = cast("str | Decoder | Seq2Seq | Generator", model)
            self.selector = SetwisePrompting(
                asked,
                scoring=scoring,
                query_tokens=query_tokens,
                document_tokens=document_tokens,
                permutations=permutations,
                seed=seed,
            )
        self.windows: Window | None = None
        self.sort: Schedule[int] | None = None
        if isinstance(schedule, str):
            self._by_name(schedule, children, Window(window, stride, passes))
        elif isinstance(schedule, PairHeap | PairBubble):
            raise BadValue("schedule", schedule, "a schedule for sets, such as SetHeap or SetBubble; this one is for pairs")
        else:
            self.sort = schedule

    def _by_name(self, name: str, children: int, windows: Window) -> None:
        labels = self.selector.labels
        if name == WINDOW:
            if not callable(getattr(self.selector, "order", None)):
                raise BadValue("schedule", name, f"'heap' or 'bubble': {type(self.selector).__name__} chooses, but does not order")
            if windows.size > labels:
                raise BadValue("window", windows.size, f"{labels} at most: there are {labels} labels")
            self.windows = windows
        elif name in SET_SCHEDULES:
            if children >= labels:
                raise BadValue("children", children, f"{labels - 1} at most: there are {labels} labels, one of them for the parent")
            self.sort = SET_SCHEDULES[name](children)
        else:
            raise UnknownName("schedule for sets", name, (*SET_SCHEDULES, WINDOW))

    @property
    def fingerprint(self) -> str:
        """The comparator's, the schedule, depth and top, hashed."""
        return short_hash("setwise", self.selector.fingerprint, repr(self.sort or self.windows), str(self.depth), str(self.top))

    def warm_up(self) -> None:
        """Loads the weights, where there are any."""
        self.selector.warm_up()

    def rerank(self, queries: Sequence[Query], run: Run, *, k: int) -> Run:
        """The best `k` documents of each ranking after reordering.

        Raises:
            BadValue: `k` is negative or two queries share an id.
            UnknownDocument: the corpus lacks a document of the run.
            ModelError: the model cannot be loaded or asked, or every query failed.
        """
        return rerank_head(queries, run, self._score, depth=self.depth, k=k)

    def _score(self, heads: Sequence[Head]) -> list[Scored]:
        if self.sort is not None:
            return scheduled(heads, self.corpus, self.sort, lambda candidates: about_groups(self.selector.select, candidates), top=self.top)
        orderer = cast("ListOrderer", self.selector)
        assert self.windows is not None
        return scheduled(heads, self.corpus, self.windows, lambda candidates: about_groups(orderer.order, candidates), top=self.top)
