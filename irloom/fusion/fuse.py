"""fuse: runs to one run, by a method's name."""

from collections.abc import Sequence

from irloom.core.errors import BadValue
from irloom.core.run import Run
from irloom.fusion.align import aligned_blocks
from irloom.fusion.fused_run import fused_run
from irloom.fusion.methods import Settings, checked_method

DEPTH = 100
"""How many documents of each retriever count unless told otherwise."""


def fuse(
    runs: Sequence[Run],
    method: str = "rrf",
    *,
    c: float = 60,
    phi: float = 0.8,
    weights: Sequence[float] | None = None,
    normalise: str | Sequence[str] | None = None,
    missing: str | None = None,
    depth: int | None = None,
    k: int | None = None,
    names: Sequence[str] = (),
) -> Run:
    """One run of several; ties by document id descending; a query that only some runs have passes through.

    Args:
        runs: the runs, one or more.
        method: by ranks "rrf", "isr", "log_isr", "rbc", "borda" or "condorcet"; by normalised scores "weighted" (their weighted sum),
            "combsum" (their sum), "combmnz" (their sum times the number of runs that have the document), "combanz" (their mean),
            "combmax", "combmin" or "combmed" (their median).
        c: of rrf, 0 or more: how much the first ranks are levelled.
        phi: of rbc, between 0 and 1: how far down a reader goes.
        weights: of weighted, one per run, from 0 up; None for equal ones that add up to 1.
        normalise: of the methods by score, a normaliser's name ("minmax", "centred", "max", "sum", "zscore", "rank", "borda", "none",
            "tmm(FLOOR)"), or one for each run; None for "minmax".
        missing: of the methods by score, what a run gives a document that it lacks: "zero"; "min" for its least normalised score for the
            query; "skip" for nothing, where the method is a mean or a choice. None for the method's own: "zero" of weighted, combsum and
            combmnz, "skip" of the others. The borda normaliser says itself what they get.
        depth: how many documents of each ranking count; None for all.
        k: how many fused documents a query keeps; None for all.
        names: one per run to keep its scores as a column of the fused run (NaN where it lacks the document), or none.

    Raises:
        UnknownName: the method, a normaliser or the policy is unknown.
        BadValue: there is no run; an argument is out of its range, or is given to a method that does not read it.
        DataError: an id is not text, or the method reads scores and one of them is infinite or NaN.

    Paper: Fox and Shaw, "Combination of multiple searches", 1994 (the methods by score); those of the others: `irloom.fusion.ranks`.

    >>> bm25, dense = Run.from_dict({"q": {"a": 12.0, "b": 9.0}}), Run.from_dict({"q": {"b": 0.9, "d": 0.8}})
    >>> fuse([bm25, dense])["q"].doc_ids
    ['b', 'a', 'd']
    """
    settings = Settings(c, phi, weights, normalise, missing)
    chosen = checked_method(method, settings, runs=len(runs))
    if names and (len(names) != len(runs) or len(set(names)) != len(names)):
        raise BadValue("names", list(names), f"a different name for each of the {len(runs)} runs, or none")
    if depth is not None:
        check_depth(depth)
    blocks = aligned_blocks([run if depth is None else run.cut(depth) for run in runs])
    return fused_run(((block, chosen.score(block, settings)) for block in blocks), k=k, names=names)


def check_depth(depth: int) -> None:
    """Refuses a depth below 1."""
    if depth < 1:
        raise BadValue("depth", depth, "1 or more")
