"""fuse: runs to one run, by a method's name."""

from collections.abc import Sequence

from irloom.core.errors import BadValue, UnknownName
from irloom.core.run import Run
from irloom.fusion.align import align
from irloom.fusion.scoring import reciprocal_ranks, times_found, weighted_sum

METHODS = ("rrf", "weighted", "combsum", "combmnz")
DEPTH = 100
"""How many documents of each retriever count unless told otherwise."""


def fuse(
    runs: Sequence[Run],
    method: str = "rrf",
    *,
    c: float = 60,
    weights: Sequence[float] | None = None,
    normalise: str | Sequence[str] = "minmax",
    missing: str = "zero",
    depth: int | None = None,
    k: int | None = None,
    names: Sequence[str] = (),
) -> Run:
    """One run of several; ties by document id descending; a query that only some runs have passes through.

    Args:
        runs: the runs, one or more.
        method: "rrf", or of the normalised scores "weighted" (their weighted sum), "combsum" (their sum) or "combmnz" (their sum times
            the number of runs that have the document).
        c: of rrf, 0 or more: how much the first ranks are levelled.
        weights: of weighted, one per run, from 0 up; None for equal ones that add up to 1.
        normalise: a normaliser's name ("minmax", "max", "sum", "zscore", "rank", "none", "tmm(FLOOR)"), or one for each run.
        missing: what a run gives a document that it lacks: "zero", or "min" for its least normalised score for the query.
        depth: how many documents of each ranking count; None for all.
        k: how many fused documents a query keeps; None for all.
        names: one per run to keep its scores as a column of the fused run (NaN where it lacks the document), or none.

    Raises:
        UnknownName: the method, a normaliser or the policy is unknown.
        BadValue: there is no run, or `c`, `depth`, `k`, `weights` or `names` is out of its range.
        DataError: a score is infinite, and the method reads scores.

    Paper: Fox and Shaw, "Combination of multiple searches", 1994 (combsum, combmnz); see also `reciprocal_ranks`.

    >>> bm25, dense = Run.from_dict({"q": {"a": 12.0, "b": 9.0}}), Run.from_dict({"q": {"b": 0.9, "d": 0.8}})
    >>> fuse([bm25, dense])["q"].doc_ids
    ['b', 'a', 'd']
    """
    if method not in METHODS:
        raise UnknownName("fusion method", method, METHODS)
    if names and (len(names) != len(runs) or len(set(names)) != len(names)):
        raise BadValue("names", list(names), f"a different name for each of the {len(runs)} runs, or none")
    check_rank_constant(c)
    if depth is not None:
        check_depth(depth)
    aligned = align([run if depth is None else run.cut(depth) for run in runs])
    if method == "rrf":
        scores = reciprocal_ranks(aligned, c=c)
    else:
        even = [1 / len(runs) if method == "weighted" else 1.0] * len(runs)
        given = weights if method == "weighted" and weights is not None else even
        scores = weighted_sum(aligned, given, normalise=normalise, missing=missing)
        if method == "combmnz":
            scores *= times_found(aligned)
    return aligned.to_run(scores, k=k, names=names)


def check_rank_constant(c: float) -> None:
    """Refuses a negative `c`."""
    if not 0 <= c < float("inf"):
        raise BadValue("c", c, "0 or more")


def check_depth(depth: int) -> None:
    """Refuses a depth below 1."""
    if depth < 1:
        raise BadValue("depth", depth, "1 or more")
