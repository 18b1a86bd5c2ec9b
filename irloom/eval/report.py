"""Report: systems side by side on one set of queries, with intervals and differences; what `report.json` holds."""

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import BadValue, UnknownName
from irloom.core.types import Json
from irloom.eval.bootstrap import Interval, bootstrap_means, percentile_interval
from irloom.eval.evaluate import Evaluation


@dataclass(frozen=True, slots=True)
class MeasureResult:
    """One system under one measure.

    Attributes:
        interval: the mean and its bootstrap interval.
        delta: the mean difference to the baseline and its paired interval; None without a baseline and for itself.
        values: float64 (q,), by query.
    """

    interval: Interval
    delta: Interval | None
    values: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SystemResult:
    """One system.

    Attributes:
        measures: by measure as it prints.
        latency_ms: milliseconds per query, or None where it was not measured.
        notes: what a reader should know, such as queries that the run lacks.
    """

    measures: Mapping[str, MeasureResult]
    latency_ms: float | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """Systems side by side.

    Attributes:
        systems: by name, in the order given.
        query_ids: the judged queries, q of them.
        dataset: its name, or "".
        baseline: the system that differences refer to, or None.
        versions: of what made the report, by name.
        level: the share that the intervals hold.
        resamples: how many the bootstrap drew.
        seed: of the bootstrap.
    """

    systems: Mapping[str, SystemResult]
    query_ids: tuple[str, ...]
    dataset: str = ""
    baseline: str | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    level: float = 0.95
    resamples: int = 10_000
    seed: int = 0

    @property
    def measures(self) -> tuple[str, ...]:
        """The measures, as they print."""
        return tuple(next(iter(self.systems.values())).measures) if self.systems else ()

    def to_json(self, *, per_query: bool = True) -> dict[str, Json]:
        """Plain data: `systems.SYSTEM.measures.MEASURE.mean`, `.low`, `.high`, and `.delta` with the same three.

        Args:
            per_query: whether `query_ids` and each measure's `values`, in their order, are in it.
        """
        systems: dict[str, Json] = {name: _system_json(system, per_query) for name, system in self.systems.items()}
        return {
            "dataset": self.dataset,
            "queries": len(self.query_ids),
            "baseline": self.baseline,
            "interval": {"method": "bootstrap percentile", "level": self.level, "resamples": self.resamples, "seed": self.seed},
            "systems": systems,
            **({"query_ids": list(self.query_ids)} if per_query else {}),
            "versions": dict(self.versions),
        }


def make_report(
    evaluations: Mapping[str, Evaluation],
    *,
    dataset: str = "",
    baseline: str | None = None,
    latency_ms: Mapping[str, float] | None = None,
    notes: Mapping[str, Sequence[str]] | None = None,
    versions: Mapping[str, str] | None = None,
    resamples: int = 10_000,
    seed: int = 0,
    level: float = 0.95,
) -> Report:
    """Puts evaluations of the same queries and measures side by side.

    Args:
        evaluations: by system.
        dataset: its name.
        baseline: the system that the others are compared with, or None.
        latency_ms: milliseconds per query by system, where measured.
        notes: by system; queries missing or ignored are noted by themselves.
        versions: by name; None for those of irloom, Python and NumPy.
        resamples: of the bootstrap, 1 or more.
        seed: of the bootstrap.
        level: the share that the intervals hold, between 0 and 1.

    Raises:
        UnknownName: the baseline is no system.
        BadValue: there is no system or no measure, or two systems differ in queries or measures.
    """
    first = _check_alike(evaluations, baseline)
    measures = list(first.values)
    values = np.stack([evaluation.values[measure] for evaluation in evaluations.values() for measure in measures], axis=1)
    means = bootstrap_means(values, resamples=resamples, seed=seed)
    starts = {name: place * len(measures) for place, name in enumerate(evaluations)}
    systems = {}
    for name, evaluation in evaluations.items():
        results = {}
        for column, measure in enumerate(measures, start=starts[name]):
            interval = percentile_interval(means[:, column], float(values[:, column].mean()), level=level)
            delta = None
            if baseline is not None and baseline != name:
                other = column - starts[name] + starts[baseline]
                difference = float((values[:, column] - values[:, other]).mean())
                delta = percentile_interval(means[:, column] - means[:, other], difference, level=level)
            results[measure] = MeasureResult(interval, delta, evaluation.values[measure])
        own_notes = (*(notes or {}).get(name, ()), *_counts(evaluation))
        systems[name] = SystemResult(results, (latency_ms or {}).get(name), own_notes)
    made_by = dict(versions) if versions is not None else current_versions()
    return Report(systems, first.query_ids, dataset, baseline, made_by, level, resamples, seed)


def _check_alike(evaluations: Mapping[str, Evaluation], baseline: str | None) -> Evaluation:
    """The first evaluation, when all have its queries and measures."""
    if not evaluations:
        raise BadValue("evaluations", {}, "at least one system")
    if baseline is not None and baseline not in evaluations:
        raise UnknownName("baseline", baseline, evaluations)
    first_name, first = next(iter(evaluations.items()))
    if not first.values:
        raise BadValue("measures", [], "at least one measure")
    for name, evaluation in evaluations.items():
        if evaluation.query_ids != first.query_ids or list(evaluation.values) != list(first.values):
            raise BadValue("evaluations", name, f"the same queries and measures as {first_name!r}")
    return first


def current_versions() -> dict[str, str]:
    """The versions of irloom, Python and NumPy that run."""
    try:
        own = version("irloom")
    except PackageNotFoundError:
        own = "not installed"
    return {"irloom": own, "python": platform.python_version(), "numpy": np.__version__}


def _counts(evaluation: Evaluation) -> list[str]:
    notes = []
    if evaluation.missing:
        notes.append(f"judged queries that the run lacks: {evaluation.missing}; each counts 0")
    if evaluation.ignored:
        notes.append(f"queries of the run that are not judged: {evaluation.ignored}; they do not count")
    return notes


def _system_json(system: SystemResult, per_query: bool) -> dict[str, Json]:
    measures: dict[str, Json] = {}
    for name, result in system.measures.items():
        entry: dict[str, Json] = dict(_interval_json(result.interval))
        if result.delta is not None:
            entry["delta"] = _interval_json(result.delta)
        if per_query:
            entry["values"] = result.values.tolist()
        measures[name] = entry
    return {"measures": measures, "latency_ms": system.latency_ms, "notes": list(system.notes)}


def _interval_json(interval: Interval) -> dict[str, Json]:
    return {"mean": interval.mean, "low": interval.low, "high": interval.high}
