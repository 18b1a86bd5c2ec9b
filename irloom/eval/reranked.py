"""What a reranker did: calls, tokens, seconds, what it could not do; and an alarm where its run is worse than the one it was given."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

from irloom.core.notes import NOTES
from irloom.core.run import Run
from irloom.core.types import Json, Qrels
from irloom.eval.bootstrap import Interval, Method, difference_interval
from irloom.eval.comparison import paired_values
from irloom.eval.evaluate import evaluate
from irloom.eval.measures.base import Measure

SUMS = tuple(name for name in NOTES if name != "fallback")
"""The notes that are added up over the queries."""

_SHOWN = 0.0005
"""A loss that is printed as -0.001 or more; a lesser one alarms only where its interval lies below 0."""


@dataclass(frozen=True, slots=True)
class Against:
    """A reranked run held against one that it was made of.

    Attributes:
        stage: what gave the other run.
        measure: as it prints.
        before: the mean of the other run.
        after: the mean of the reranked one.
        difference: of after - before, with its paired bootstrap interval.
    """

    stage: str
    measure: str
    before: float
    after: float
    difference: Interval

    @property
    def is_worse(self) -> bool:
        """Whether the reranked run lost, be it by chance or not."""
        return self.difference.high < 0 or self.difference.mean <= -_SHOWN

    @property
    def text(self) -> str:
        """In words, with both means, the difference and its interval."""
        ends = f"[{self.difference.low:+.3f}, {self.difference.high:+.3f}]"
        chance = "" if self.difference.high < 0 else ", which so few queries can give by chance"
        return f"{self.measure} {self.after:.3f} after {self.before:.3f} of {self.stage}, {self.difference.mean:+.3f} {ends}{chance}"


@dataclass(frozen=True, slots=True)
class Reranked:
    """What one reranker did to one run.

    Attributes:
        stage: its name.
        queries: how many rankings it was given.
        seconds: that it took for all of them; None where no one measured.
        noted: of how many queries it notes something.
        sums: the notes out of `SUMS` that it has, over all queries.
        fallbacks: how many queries were not done as they should, by the reason.
        judgments: what the comparisons are made by, such as "scifact test"; "" where there are none.
        judged: how many queries they judge.
        against: the run that it was given and that of the first stage, by measure; none where nothing is judged.
    """

    stage: str
    queries: int
    seconds: float | None
    noted: int
    sums: Mapping[str, float]
    fallbacks: Mapping[str, int]
    judgments: str = ""
    judged: int = 0
    against: tuple[Against, ...] = ()

    @property
    def alarm(self) -> str:
        """What a reader must be told where the run is worse than one that it was made of; "" where it is not."""
        lost = [one.text for one in self.against if one.is_worse]
        if not lost:
            return ""
        where = f"by the judgments of {self.judgments} ({self.judged:,} queries)"
        return f"ALARM: {self.stage} made the ranking worse {where}: {'; '.join(lost)}"

    @property
    def lines(self) -> tuple[str, ...]:
        """What it did in a sentence or two, without the alarm; none where it notes nothing."""
        return tuple(_told(self)) if self.noted else ()

    def per_query(self, name: str) -> float | None:
        """The mean of a note over the queries that it notes something of; None where it has no such note."""
        return self.sums[name] / self.noted if name in self.sums and self.noted else None

    def to_json(self) -> dict[str, Json]:
        """Plain data, totals and means per query."""
        return {
            "stage": self.stage,
            "queries": self.queries,
            "seconds": self.seconds,
            "noted": self.noted,
            "totals": dict(self.sums),
            "per_query": {name: self.per_query(name) for name in self.sums},
            "fallbacks": dict(self.fallbacks),
            "judgments": self.judgments,
            "judged": self.judged,
            "against": [
                {
                    "stage": one.stage,
                    "measure": one.measure,
                    "before": one.before,
                    "after": one.after,
                    "difference": {"mean": one.difference.mean, "low": one.difference.low, "high": one.difference.high},
                    "worse": one.is_worse,
                }
                for one in self.against
            ],
            "alarm": self.alarm,
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "Reranked":
        """What `to_json` gave."""
        against = tuple(
            Against(one["stage"], one["measure"], one["before"], one["after"], Interval(**one["difference"])) for one in content["against"]
        )
        named = {name: content[name] for name in ("stage", "queries", "seconds", "noted", "fallbacks", "judgments", "judged")}
        return cls(sums=content["totals"], against=against, **named)


def reranked(stage: str, run: Run, *, seconds: float | None = None) -> Reranked:
    """What the notes of a reranked run say.

    Args:
        stage: the reranker's name.
        run: what it gave.
        seconds: that it took for all queries; None for the sum of its notes, where it has any.

    >>> run = Run.from_dict({"q": {"a": 1.0}, "r": {"a": 1.0}}).with_notes({"calls": [3, 4], "fallback": ["", "windows"]})
    >>> did = reranked("listwise", run)
    >>> did.sums, did.fallbacks
    ({'calls': 7.0}, {'windows': 1})
    """
    columns = {name: values for name, values in run.notes.items() if name in NOTES}
    noted = sum(any(value is not None for value in row) for row in zip(*columns.values(), strict=True))
    numbers = {name: [float(value) for value in columns.get(name, ()) if isinstance(value, Real)] for name in SUMS}
    sums = {name: sum(values) for name, values in numbers.items() if values}
    fallbacks = Counter(str(value) for value in columns.get("fallback", ()) if value)
    return Reranked(stage, len(run), seconds if seconds is not None else sums.get("seconds"), noted, sums, dict(fallbacks))


def against(
    stage: str,
    before: Run,
    after: Run,
    qrels: Qrels,
    measures: Sequence[str | Measure],
    *,
    min_grade: int = 1,
    method: Method = "percentile",
) -> tuple[Against, ...]:
    """A reranked run held against one that it was made of, over the judged queries that either has; none where one has none of them.

    Args:
        stage: what gave the run before.
        before: the run.
        after: the reranked one.
        qrels: grades by query, then document.
        measures: what is compared.
        min_grade: the lowest grade that is relevant to a binary measure that names none itself.
        method: how the interval is read off the bootstrap.
    """
    known = {query_id: row for query_id, row in qrels.items() if query_id in after or query_id in before}
    if not all(any(query_id in run for query_id in known) for run in (before, after)):
        return ()
    old, new = (evaluate(run, known, measures, min_grade=min_grade) for run in (before, after))
    found = []
    for measure in old.values:
        first, last = paired_values(old, new, measure)
        found.append(Against(stage, measure, float(first.mean()), float(last.mean()), difference_interval(last, first, method=method)))
    return tuple(found)


def _told(did: Reranked) -> list[str]:
    """The sentences of `Reranked.lines`."""
    parts = [f"{did.sums[name]:,.0f} {words}" for name, words in _WORDS.items() if name in did.sums]
    seconds = did.sums.get("seconds", did.seconds)
    if seconds is not None:
        parts.append(f"{seconds / did.noted:.3g} s a query")
    if "spent_usd" in did.sums:
        parts.append(f"${did.sums['spent_usd']:,.4f}")
    lines = [f"{did.noted:,} queries: {', '.join(parts)}"] if parts else []
    troubles = [f"{did.sums[name]:,.0f} {words}" for name, words in _TROUBLES.items() if did.sums.get(name)]
    if troubles:
        lines.append("; ".join(troubles))
    if did.fallbacks:
        reasons = "; ".join(f"{reason} ({count:,})" for reason, count in did.fallbacks.items())
        lines.append(f"{sum(did.fallbacks.values()):,} of {did.noted:,} queries fell back: {reasons}")
    return lines


_WORDS: Mapping[str, str] = {"calls": "calls", "prompt_tokens": "tokens read", "new_tokens": "tokens written", "windows": "windows"}
_TROUBLES: Mapping[str, str] = {
    "cached": "rankings were kept from before, with what they cost then",
    "cut_documents": "documents were cut to fit",
    "malformed": "answers could not be read as they should",
}
