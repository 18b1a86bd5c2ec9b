"""Run files to one fused run: what `irloom fuse` does."""

from collections.abc import Sequence
from pathlib import Path

from irloom.core.errors import BadValue
from irloom.core.run import Run
from irloom.data.trec import read_run
from irloom.fusion.fuse import fuse


def fuse_files(
    runs: Sequence[str | Path],
    *,
    method: str = "rrf",
    c: float = 60,
    weights: Sequence[float] | None = None,
    normalise: str = "minmax",
    missing: str = "zero",
    depth: int | None = None,
    k: int | None = None,
) -> Run:
    """Fuses run files; see `irloom.fusion.fuse.fuse` for the arguments.

    Raises:
        UnknownName: the method, the normaliser or the policy is unknown.
        BadValue: an argument is out of its range, or weights are given to a method that has none.
        DataError: a run cannot be read.
    """
    if weights and method != "weighted":
        raise BadValue("weights", list(weights), f"none: the method {method!r} has no weights; 'weighted' has")
    read = [read_run(path) for path in runs]
    return fuse(read, method, c=c, weights=weights or None, normalise=normalise, missing=missing, depth=depth, k=k)
