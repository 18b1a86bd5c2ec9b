"""What changed from one evaluation to another over the same queries: means, differences, intervals, p-values."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import DataError, UnknownName
from irloom.core.types import Json
from irloom.eval.bootstrap import Interval, Method, difference_interval
from irloom.eval.evaluate import Evaluation
from irloom.eval.power import detectable_difference
from irloom.eval.significance import holm, paired_t_test, randomisation_test

Test: TypeAlias = Literal["t", "randomisation"]
"""The paired test: Student's t, or Fisher's sign flips."""


@dataclass(frozen=True, slots=True)
class Change:
    """One measure of one system, before and after.

    Attributes:
        system: its name.
        measure: as it prints.
        queries: how many.
        base: the mean before.
        new: the mean after.
        difference: of new - base, with its paired bootstrap interval.
        p_value: of the paired test, two-sided, alone.
        adjusted_p: by Holm over all changes that are looked at together.
        effect_size: Cohen's d of the paired values; infinite where every query differs by the same amount.
        detectable: the least difference that the t-test finds in four cases of five over so many queries that vary as these do; None
            where they do not vary.
    """

    system: str
    measure: str
    queries: int
    base: float
    new: float
    difference: Interval
    p_value: float
    adjusted_p: float
    effect_size: float
    detectable: float | None

    def to_json(self) -> dict[str, Json]:
        """Plain data; an infinite effect size is None."""
        return {
            "system": self.system,
            "measure": self.measure,
            "queries": self.queries,
            "base": self.base,
            "new": self.new,
            "difference": {"mean": self.difference.mean, "low": self.difference.low, "high": self.difference.high},
            "p": self.p_value,
            "p_holm": self.adjusted_p,
            "effect_size": self.effect_size if np.isfinite(self.effect_size) else None,
            "detectable": self.detectable,
        }


def changes_of(
    system: str, base: Evaluation, new: Evaluation, measures: Sequence[str], *, test: Test = "t", method: Method = "percentile"
) -> list[Change]:
    """What changed in each measure; p-values are not adjusted yet, see `adjusted`.

    Args:
        system: its name.
        base: before.
        new: after, over the same queries in any order.
        measures: in both, as they print.
        test: the paired test.
        method: of the bootstrap interval.

    Raises:
        DataError: the two are over different queries.
        UnknownName: there is no such test or interval.
    """
    if test not in get_args(Test):
        raise UnknownName("test", str(test), get_args(Test))
    changes = []
    for measure in measures:
        before, after = paired_values(base, new, measure)
        student = paired_t_test(after, before)
        p_value = student.p_value if test == "t" else randomisation_test(after, before).p_value
        interval = difference_interval(after, before, method=method)
        changes.append(
            Change(
                system,
                measure,
                queries=len(before),
                base=float(before.mean()),
                new=float(after.mean()),
                difference=interval,
                p_value=p_value,
                adjusted_p=p_value,
                effect_size=student.effect_size,
                detectable=detectable_difference(after, before),
            )
        )
    return changes


def adjusted(changes: Sequence[Change]) -> list[Change]:
    """The changes with Holm's correction over all of them."""
    p_values = holm([change.p_value for change in changes]).tolist()
    return [replace(change, adjusted_p=p_value) for change, p_value in zip(changes, p_values, strict=True)]


def paired_values(base: Evaluation, new: Evaluation, measure: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """float64 (q,) each: the values of the base, and those of the new in the base's order of queries.

    Raises:
        DataError: the two are over different queries.
    """
    if base.query_ids == new.query_ids:
        return base.values[measure], new.values[measure]
    problem = different_queries(base.query_ids, new.query_ids)
    if problem:
        raise DataError(problem)
    row_of = {query_id: row for row, query_id in enumerate(new.query_ids)}
    return base.values[measure], new.values[measure][[row_of[query_id] for query_id in base.query_ids]]


def different_queries(base: Sequence[str], new: Sequence[str]) -> str:
    """What an error says of two sides over different queries; "" where they are the same."""
    only_base, only_new = sorted(set(base) - set(new)), sorted(set(new) - set(base))
    if not only_base and not only_new:
        return ""
    return f"over different queries: {_some(only_base)} only in the base, {_some(only_new)} only in the new"


def _some(ids: Sequence[str]) -> str:
    shown = ", ".join(map(repr, ids[:3])) + (", ..." if len(ids) > 3 else "")
    return f"{len(ids):,} ({shown})" if ids else "none"
