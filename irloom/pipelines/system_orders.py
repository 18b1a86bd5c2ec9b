"""Whether judges put systems into the same order: run files, each evaluated by the judgments of each judge."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from irloom.core.errors import BadValue, DataError
from irloom.core.types import Json
from irloom.eval.evaluate import evaluate
from irloom.eval.kendall import kendall_tau, kendall_tau_a
from irloom.eval.spearman import spearman_rho
from irloom.pipelines.agreeing import judge_names
from irloom.pipelines.comparing import read_runs
from irloom.pipelines.judgments import Judgments, open_judgments


@dataclass(frozen=True, slots=True)
class OrderAgreement:
    """Two judges' orders of the same systems.

    Attributes:
        first: a judge.
        second: the other.
        tau: Kendall's tau-a, over all pairs of systems; NaN for a single system.
        tau_b: Kendall's tau-b, which leaves ties out; the same as tau-a where nothing ties.
        rho: Spearman's.
    """

    first: str
    second: str
    tau: float
    tau_b: float
    rho: float


@dataclass(frozen=True, slots=True)
class SystemOrders:
    """What systems are worth to each judge.

    Attributes:
        measure: as it prints.
        queries: how many all judges judged; the means are over those.
        means: by judge, then system.
        pairs: each two judges.
    """

    measure: str
    queries: int
    means: Mapping[str, Mapping[str, float]]
    pairs: tuple[OrderAgreement, ...]

    def to_json(self) -> dict[str, Json]:
        """Plain data; what is NaN is null."""
        pairs: list[Json] = [
            {
                "judges": [pair.first, pair.second],
                "kendall_tau_a": _number(pair.tau),
                "kendall_tau_b": _number(pair.tau_b),
                "spearman": _number(pair.rho),
            }
            for pair in self.pairs
        ]
        means: dict[str, Json] = {judge: dict(row) for judge, row in self.means.items()}
        return {"measure": self.measure, "queries": self.queries, "means": means, "pairs": pairs}


def orders_of(judgments: Sequence[str | Path], runs: Sequence[str | Path], *, measure: str = "nDCG@10") -> SystemOrders:
    """Evaluates run files by each judge's judgments over the queries that all judged, and compares the orders.

    Args:
        judgments: two or more files of judgments, or datasets; each a judge.
        runs: two or more TREC run files; each a system.
        measure: as ir_measures spells it.

    Raises:
        BadValue: fewer than two of either, or two of one name.
        UnknownName: a dataset or the measure is unknown.
        DataError: a file cannot be read, no query was judged by all, or a run has none of those queries.

    Paper: Upadhyay et al., "UMBRELA", arXiv 2406.06519, 2024, section 4; Rahmani et al., "LLMJudge", arXiv 2408.08896, 2024.
    """
    names = judge_names(judgments)
    if len(runs) < 2:
        raise BadValue("--runs", [str(path) for path in runs], "two run files or more, since orders are compared")
    opened = [open_judgments(str(path), measures=[measure]) for path in judgments]
    shared = set.intersection(*(set(one.qrels) for one in opened))
    if not shared:
        raise DataError(f"no query was judged by all of {', '.join(names)}, so that systems cannot be compared by them")
    means = {name: _means(one, shared, runs, measure) for name, one in zip(names, opened, strict=True)}
    rows = {name: list(row.values()) for name, row in means.items()}
    pairs = tuple(
        OrderAgreement(a, b, kendall_tau_a(rows[a], rows[b]), kendall_tau(rows[a], rows[b]), spearman_rho(rows[a], rows[b]))
        for a, b in combinations(names, 2)
    )
    return SystemOrders(measure, len(shared), means, pairs)


def _means(judgments: Judgments, shared: set[str], runs: Sequence[str | Path], measure: str) -> dict[str, float]:
    qrels = {query_id: row for query_id, row in judgments.qrels.items() if query_id in shared}
    least = judgments.protocol.min_grade
    return {name: evaluate(run, qrels, [measure], min_grade=least).mean(measure) for name, run in read_runs(runs, judgments)}


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value
