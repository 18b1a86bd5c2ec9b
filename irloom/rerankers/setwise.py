"""Setwise: a language model chooses the best of a few documents at a time, and a sort makes the order."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from irloom.core.contracts import Corpus, Generator
from irloom.core.errors import BadValue
from irloom.models.decoders.decoder import Decoder
from irloom.models.seq2seq import Seq2Seq
from irloom.rerankers.comparators.contract import Candidates, ListOrderer, SetSelector
from irloom.rerankers.comparators.setwise import SetwisePrompting
from irloom.rerankers.scheduled import ScheduledReranker
from irloom.rerankers.schedules.all_pairs import AllPairs
from irloom.rerankers.schedules.bubble import PairBubble, SetBubble
from irloom.rerankers.schedules.contract import Schedule
from irloom.rerankers.schedules.drive import Ask, about_groups
from irloom.rerankers.schedules.heap import PairHeap, SetHeap
from irloom.rerankers.schedules.lists import LIST_SETTINGS, check_identifiers, check_settings, list_schedule
from irloom.rerankers.schedules.remembered import remembered

SET_SCHEDULES: Mapping[str, Callable[[int], Schedule[int]]] = {"heap": SetHeap, "bubble": SetBubble}


class Setwise(ScheduledReranker[Any]):
    """Reranks by choosing the best of a set. Scores are n to 1 by place: sorts have no others.

    Of 100 documents the best 10 take about 85 choices by "heap" with three children, 300 by "bubble". Both sort the best `top`
    alone; below them stands the order given. With a schedule for lists the model's label probabilities order windows of the list, from
    its end to its head, `passes` times, or groups of it. Choices of a language model are not transitive, so that the order also
    depends on the one given.

    Args:
        model: a folder, a hub id, a Decoder, a Seq2Seq or a Generator; or any SetSelector, for which the settings of a comparator do not
            count.
        corpus: gives the documents' texts.
        scoring: "generation" or "likelihood"; lists are ordered by likelihood in any case.
        schedule: "heap", "bubble", or a Schedule for sets; or a name for lists: "window", "full", "top_down", "tournament",
            "self_consistency".
        children: documents that are shown beside the first one, 1 to 22, for "heap" and "bubble"; 3 when left out.
        top: best documents wanted in order, 1 or more; for "heap", "bubble" and "top_down".
        depth: documents to rerank of each ranking, 1 or more.
        window: documents of a window, a partition or a group at most, for schedules for lists but "full"; 4 when left out, 23 at most.
        stride: places that windows move, half a window when left out; for "window" and "self_consistency".
        passes: how often windows go over the ranking, 5 times when left out; for "window" and "self_consistency".
        repeats: how many of "tournament", or shuffles of each window of "self_consistency"; 10 when left out.
        query_tokens: tokens of a query at most, 32 in the published numbers; None for all of it.
        document_tokens: tokens of a document at most, 128 in the published numbers.
        permutations: prompts a set; 1 shows the order given, more show random orders, and their answers vote.
        seed: of all shuffles.

    Raises:
        UnknownName: there is no such schedule.
        BadValue: an argument is out of its range or not one that the schedule uses, more documents are shown at once than there are
            labels, or the schedule is for pairs.

    Paper:
        S. Zhuang et al., A Setwise Approach for Effective and Highly Efficient Zero-shot Ranking with Large Language Models,
        SIGIR 2024.
    """

    name = "setwise"
    comparator: SetSelector

    def __init__(
        self,
        model: str | Decoder | Seq2Seq | Generator | SetSelector,
        corpus: Corpus,
        *,
        scoring: str = "generation",
        schedule: str | Schedule[int] = "heap",
        children: int | None = None,
        top: int = 10,
        depth: int = 100,
        window: int | None = None,
        stride: int | None = None,
        passes: int | None = None,
        repeats: int | None = None,
        query_tokens: int | None = None,
        document_tokens: int = 128,
        permutations: int = 1,
        seed: int = 0,
    ) -> None:
        super().__init__(corpus, depth=depth, top=top)
        if callable(getattr(model, "select", None)):
            self.comparator = cast("SetSelector", model)
        else:
            asked = cast("str | Decoder | Seq2Seq | Generator", model)
            self.comparator = SetwisePrompting(
                asked,
                scoring=scoring,
                query_tokens=query_tokens,
                document_tokens=document_tokens,
                permutations=permutations,
                seed=seed,
            )
        settings = {"children": children, "window": window, "stride": stride, "passes": passes, "repeats": repeats}
        check_settings("schedule for sets", schedule, settings, {**dict.fromkeys(SET_SCHEDULES, ("children",)), **LIST_SETTINGS})
        self.is_for_lists = isinstance(schedule, str) and schedule in LIST_SETTINGS
        if not isinstance(schedule, str):
            self.schedule = _for_sets(schedule)
        elif schedule in SET_SCHEDULES:
            self.schedule = _set_sort(schedule, 3 if children is None else children, self.comparator.labels)
        else:
            if not callable(getattr(self.comparator, "order", None)):
                raise BadValue("schedule", schedule, f"'heap' or 'bubble': {type(self.comparator).__name__} chooses, but does not order")
            self.schedule = list_schedule(
                schedule, window=window, stride=stride, passes=passes, repeats=repeats, seed=seed, top=top, usual=(4, 5)
            )
            check_identifiers(self.schedule, self.comparator.labels, depth=depth)

    def _ask(self, candidates: Sequence[Candidates]) -> Ask[Any]:
        asked = cast("ListOrderer", self.comparator).order if self.is_for_lists else self.comparator.select
        return remembered(about_groups(asked, candidates))


def _for_sets(schedule: Schedule[int]) -> Schedule[int]:
    """The schedule, unless it is for pairs: numbers that mean places would be read as wins."""
    if isinstance(schedule, PairHeap | PairBubble | AllPairs):
        raise BadValue("schedule", schedule, "a schedule for sets, such as SetHeap or SetBubble; this one is for pairs")
    return schedule


def _set_sort(name: str, children: int, labels: int) -> Schedule[int]:
    if children >= labels:
        raise BadValue("children", children, f"{labels - 1} at most: there are {labels} labels, one of them for the parent")
    return SET_SCHEDULES[name](children)
