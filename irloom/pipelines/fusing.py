"""Run files to one fused run, and their weights tuned: what `irloom fuse` does."""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from irloom.core.errors import DataError
from irloom.core.run import Run
from irloom.data.trec import read_run
from irloom.eval.measures.parse import parse_measure
from irloom.fusion.fuse import DEPTH, fuse
from irloom.fusion.tuning import FOLDS, TunedWeights, tune_weights
from irloom.pipelines.judgments import open_judgments

_FUSIONS = ("rrf", "weighted", "fused")


def fuse_files(
    runs: Sequence[str | Path],
    *,
    method: str = "rrf",
    c: float = 60,
    phi: float = 0.8,
    weights: Sequence[float] | None = None,
    normalise: str | None = None,
    missing: str | None = None,
    depth: int | None = None,
    k: int | None = None,
) -> Run:
    """Fuses run files; see `irloom.fusion.fuse.fuse` for the arguments.

    Raises:
        UnknownName: the method, the normaliser or the policy is unknown.
        BadValue: an argument is out of its range, or is given to a method that does not read it.
        DataError: a run cannot be read, or no two runs share a query.
    """
    read = [read_run(path) for path in runs]
    _check_overlap(read, runs)
    return fuse(read, method, c=c, phi=phi, weights=weights or None, normalise=normalise, missing=missing, depth=depth, k=k)


def _check_overlap(runs: Sequence[Run], paths: Sequence[str | Path]) -> None:
    """Refuses runs of which no two share a query, and warns where they share queries but no document: their ids are of two kinds.

    Raises:
        DataError: no two runs share a query.
    """
    if len(runs) < 2:
        return
    if _all_differ([run.query_ids for run in runs]):
        found = ", ".join(
            f"{path} has {run.query_ids[0]!r}" if run.query_ids else f"{path} has none" for path, run in zip(paths, runs, strict=True)
        )
        raise DataError(f"no two runs share a query, so there is nothing to fuse: {found}; are they runs of the same queries?")
    if _all_differ([run.doc_ids for run in runs]):
        found = ", ".join(f"{path} has {run.doc_ids[0]!r}" for path, run in zip(paths, runs, strict=True) if run.doc_ids)
        warnings.warn(f"no two runs share a document: {found}; are they runs over the same collection?", UserWarning, stacklevel=3)


def _all_differ(tables: Sequence[Sequence[str]]) -> bool:
    seen: set[str] = set()
    for table in tables:
        if not seen.isdisjoint(table):
            return False
        seen.update(table)
    return True


def tune_files(
    runs: Sequence[str | Path],
    *,
    qrels: str,
    split: str | None = None,
    measure: str = "nDCG@10",
    normalise: str | None = None,
    missing: str | None = None,
    depth: int | None = None,
    folds: int = FOLDS,
    seed: int = 0,
) -> TunedWeights:
    """Finds the weights of `weighted` for run files; see `irloom.fusion.tuning.tune_weights` for the other arguments.

    Args:
        runs: run files over the queries of the judgments.
        qrels: a file of judgments or a dataset, not that of the test.
        split: of the dataset; None for its protocol's.
        measure: what is to be high.
        normalise: None for "minmax".
        missing: None for "zero".
        depth: how many documents of each ranking count; None for all.
        folds: of the cross-validation.
        seed: of its split.

    Raises:
        UnknownName: the measure, the normaliser, the policy or the dataset is unknown.
        BadValue: an argument is out of its range.
        DataError: a file cannot be read, or runs and judgments share no query.
    """
    judgments = open_judgments(qrels, split=split, measures=[measure])
    return tune_weights(
        [judgments.read_run(path) for path in runs],
        judgments.qrels,
        measure,
        normalise=normalise or "minmax",
        missing=missing or "zero",
        depth=depth,
        min_grade=judgments.protocol.min_grade,
        folds=folds,
        seed=seed,
    )


def warn_of_shallow_fusions(systems: Mapping[str, Any], measures: Sequence[str], *, where: str) -> None:
    """Warns of fusions in systems' nodes whose depth is less than what a measure looks at.

    Args:
        systems: name -> stage tree, as an experiment's YAML has it.
        measures: as they are spelt.
        where: the file that the warning names.
    """
    cuts = {measure: parse_measure(measure).cut or 0 for measure in measures}
    deepest = max(cuts, key=cuts.__getitem__, default="")
    for system, node in systems.items():
        for fusion, depth in _depths(node):
            if deepest and depth < cuts[deepest]:
                text = (
                    f"{where}: systems.{system}: {fusion} looks at the first {depth:,} documents of each retriever, and {deepest} at "
                    f"{cuts[deepest]:,}; what lies deeper counts as not found unless you give depth: {cuts[deepest]}"
                )
                warnings.warn(text, UserWarning, stacklevel=2)


def _depths(node: Any) -> Iterator[tuple[str, int]]:
    """The fusions of a stage tree with their depths."""
    if isinstance(node, list):
        for item in node:
            yield from _depths(item)
    elif isinstance(node, dict):
        for name, arguments in node.items():
            if name in _FUSIONS and isinstance(arguments, dict):
                depth = arguments.get("depth", DEPTH)
                yield name, depth if isinstance(depth, int) else DEPTH
            yield from _depths(arguments)
