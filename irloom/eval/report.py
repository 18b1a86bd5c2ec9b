"""Report: systems side by side on one set of queries, with intervals and differences; what `report.json` holds."""

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import BadValue, UnknownName
from irloom.core.types import Json
from irloom.eval.bootstrap import Interval, Method, bootstrap_means, interval_of
from irloom.eval.evaluate import Evaluation
from irloom.eval.reranked import Reranked
from irloom.eval.significance import letter, letters, pairwise_p

ALPHA = 0.05
"""The level of the paired tests between systems."""


@dataclass(frozen=True, slots=True)
class MeasureResult:
    """One system under one measure.

    Attributes:
        interval: the mean and its bootstrap interval.
        delta: the mean difference to the baseline and its paired interval; None without a baseline and for itself.
        values: float64 (q,), by query.
        p: of the paired t-test against the baseline, by Holm over all pairs of systems; None where `delta` is.
        beats: the letters of the systems that this one beats significantly, by the same tests.
    """

    interval: Interval
    delta: Interval | None
    values: NDArray[np.float64]
    p: float | None = None
    beats: str = ""


@dataclass(frozen=True, slots=True)
class SystemResult:
    """One system.

    Attributes:
        measures: by measure as it prints.
        latency_ms: milliseconds per query, or None where it was not measured.
        notes: what a reader should know, such as queries that the run lacks.
        letter: what `beats` calls it; "" where nothing was tested.
        diagnosis: why it lost, as `Diagnosis.to_json` gives it, or None.
        rerankers: what each of its rerankers did, in their order.
    """

    measures: Mapping[str, MeasureResult]
    latency_ms: float | None = None
    notes: tuple[str, ...] = ()
    letter: str = ""
    diagnosis: Mapping[str, Json] | None = None
    rerankers: tuple[Reranked, ...] = ()


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
        min_grade: the lowest grade that is relevant.
        facts: what else a reader should know of the data and the collection, by name.
        method: how intervals are read off the bootstrap.
    """

    systems: Mapping[str, SystemResult]
    query_ids: tuple[str, ...]
    dataset: str = ""
    baseline: str | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    level: float = 0.95
    resamples: int = 10_000
    seed: int = 0
    min_grade: int = 1
    facts: Mapping[str, str] = field(default_factory=dict)
    method: Method = "percentile"

    @property
    def measures(self) -> tuple[str, ...]:
        """The measures, as they print."""
        return tuple(next(iter(self.systems.values())).measures) if self.systems else ()

    def best(self, measure: str) -> set[str]:
        """The systems whose mean is the best as it is printed, with three digits; none where there is only one system."""
        means = {name: f"{system.measures[measure].interval.mean:.3f}" for name, system in self.systems.items()}
        return {name for name, mean in means.items() if mean == max(means.values(), key=float)} if len(means) > 1 else set()

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
            "interval": {"method": f"bootstrap {self.method}", "level": self.level, "resamples": self.resamples, "seed": self.seed},
            "significance": {"test": "paired t-test", "correction": "Holm over all pairs of systems", "level": ALPHA},
            "min_grade": self.min_grade,
            "systems": systems,
            **({"query_ids": list(self.query_ids)} if per_query else {}),
            "versions": dict(self.versions),
            "facts": dict(self.facts),
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
    min_grade: int = 1,
    facts: Mapping[str, str] | None = None,
    method: Method = "percentile",
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
        min_grade: the lowest grade that is relevant.
        facts: what else a reader should know of the data and the collection, by name.
        method: how intervals are read off the bootstrap, "percentile" or "bca".

    Raises:
        UnknownName: the baseline is no system, or there is no such method.
        BadValue: there is no system or no measure, or two systems differ in queries or measures.
    """
    first = _check_alike(evaluations, baseline)
    measures = list(first.values)
    values = np.stack([evaluation.values[measure] for evaluation in evaluations.values() for measure in measures], axis=1)
    means = bootstrap_means(values, resamples=resamples, seed=seed)
    starts = {name: place * len(measures) for place, name in enumerate(evaluations)}
    tests = {measure: pairwise_p([evaluation.values[measure] for evaluation in evaluations.values()]) for measure in measures}
    beaten = {measure: letters([evaluation.values[measure] for evaluation in evaluations.values()], alpha=ALPHA) for measure in measures}
    systems = {}
    for place, (name, evaluation) in enumerate(evaluations.items()):
        results = {}
        for column, measure in enumerate(measures, start=starts[name]):
            interval = interval_of(means[:, column], values[:, column], method=method, level=level)
            delta = p_value = None
            if baseline is not None and baseline != name:
                other = column - starts[name] + starts[baseline]
                differences = values[:, column] - values[:, other]
                delta = interval_of(means[:, column] - means[:, other], differences, method=method, level=level)
                p_value = float(tests[measure][place, starts[baseline] // len(measures)])
            results[measure] = MeasureResult(interval, delta, evaluation.values[measure], p_value, beaten[measure][place])
        own_notes = (*(notes or {}).get(name, ()), *_counts(evaluation))
        own_letter = letter(place) if len(evaluations) > 1 else ""
        systems[name] = SystemResult(results, (latency_ms or {}).get(name), own_notes, own_letter)
    made_by = dict(versions) if versions is not None else current_versions()
    return Report(systems, first.query_ids, dataset, baseline, made_by, level, resamples, seed, min_grade, facts or {}, method)


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
        if result.p is not None:
            entry["p"] = result.p
        if system.letter:
            entry["beats"] = result.beats
        if per_query:
            entry["values"] = result.values.tolist()
        measures[name] = entry
    named: dict[str, Json] = {"letter": system.letter} if system.letter else {}
    diagnosed: dict[str, Json] = {} if system.diagnosis is None else {"diagnosis": dict(system.diagnosis)}
    done: dict[str, Json] = {"rerankers": [did.to_json() for did in system.rerankers]} if system.rerankers else {}
    return {**named, "measures": measures, "latency_ms": system.latency_ms, "notes": list(system.notes), **done, **diagnosed}


def _interval_json(interval: Interval) -> dict[str, Json]:
    return {"mean": interval.mean, "low": interval.low, "high": interval.high}
