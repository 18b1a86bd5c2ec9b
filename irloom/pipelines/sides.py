"""The two sides of a comparison: run files and experiments as values by query, and which systems belong together."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from irloom.core.errors import BadValue, DataError, UnknownName
from irloom.core.run import Run
from irloom.core.types import Qrels
from irloom.eval.comparison import different_queries
from irloom.eval.evaluate import Evaluation, evaluate
from irloom.eval.judged import no_shared_query
from irloom.eval.report_reading import read_report
from irloom.pipelines.comparing import run_name
from irloom.pipelines.judgments import Judgments

REPORT = "report.json"


@dataclass(frozen=True, slots=True)
class Side:
    """What was there before, or what is there now.

    Attributes:
        path: as it was named.
        systems: values by system; `DATASET/SYSTEM` where an experiment has several datasets.
        is_run: whether it is a run file, whose one system has no name of weight.
    """

    path: Path
    systems: Mapping[str, Evaluation]
    is_run: bool


def is_run_file(path: Path) -> bool:
    """Whether a path is taken for a run file: what is no folder and no report.

    Raises:
        DataError: there is nothing.
    """
    if not path.exists():
        raise DataError(f"{path} does not exist; give a run file, or the folder that `irloom run` wrote")
    return not path.is_dir() and path.suffix != ".json"


def read_experiment_side(path: Path) -> Side:
    """An experiment's folder, or its report.json.

    Raises:
        DataError: there is no report with values per query.
    """
    file = path / REPORT if path.is_dir() else path
    systems = {}
    for name, place in _reports(file).items():
        report = read_report(place)
        for system, result in report.systems.items():
            for measure, found in result.measures.items():
                if not np.isfinite(found.values).all() or not len(found.values):
                    raise DataError(f"{place}: the values of {measure} of {system} are not all finite numbers; run the experiment again")
            values = {measure: found.values for measure, found in result.measures.items()}
            systems[f"{name}/{system}" if name else system] = Evaluation(report.query_ids, values, 0, 0)
    if not systems:
        raise DataError(f"{file} has no systems; run the experiment again")
    return Side(path, systems, is_run=False)


def read_run_sides(
    paths: Sequence[Path], judgments: Judgments, measures: Sequence[str], *, missing_as_zero: bool = False
) -> dict[Path, Side]:
    """Run files, evaluated.

    Args:
        paths: one or two.
        judgments: that they are held against.
        measures: that are computed.
        missing_as_zero: whether a judged query that one of them lacks counts 0 there; else it is an error.

    Raises:
        DataError: a file cannot be read, shares no query with the judgments, or lacks a judged query that the other has.
    """
    runs = {path: judgments.read_run(path) for path in paths}
    for path, run in runs.items():
        if not any(query_id in judgments.qrels for query_id in run):
            raise DataError(f"{path}: {no_shared_query(run, judgments.qrels)}")
    if not missing_as_zero:
        _check_alike(runs, judgments.qrels)
    found = {}
    for path, run in runs.items():
        evaluation = evaluate(run, judgments.qrels, measures, min_grade=judgments.protocol.min_grade)
        found[path] = Side(path, {run_name(path): evaluation}, is_run=True)
    return found


def pairs_of(base: Side, new: Side, systems: Sequence[str] = ()) -> dict[str, tuple[Evaluation, Evaluation]]:
    """The systems that are compared: those of the same name, or the only one of each side, under the name that it has in the new one.

    Args:
        base: before.
        new: after.
        systems: those that are wanted, with or without their dataset; none for all of the base.

    Raises:
        UnknownName: a side lacks a system that is wanted.
        BadValue: a system of the base is gone, the sides have no name in common, or systems are named of two run files.
    """
    if systems and base.is_run and new.is_run:
        raise BadValue("system", ", ".join(systems), "none: a run file is one system; systems of experiments can be named")
    old, young = (side.systems if side.is_run else _chosen(side, systems) for side in (base, new))
    if len(old) == len(young) == 1:
        (name, before), (other, after) = next(iter(old.items())), next(iter(young.items()))
        return {name if new.is_run and not base.is_run else other: (before, after)}
    gone = [name for name in old if name not in young]
    if gone:
        expected = f"systems that {new.path} has too: {', '.join(young)}; name those to compare with --system"
        raise BadValue(f"systems of {base.path}", ", ".join(gone), expected)
    return {name: (before, young[name]) for name, before in old.items()}


def _chosen(side: Side, systems: Sequence[str]) -> Mapping[str, Evaluation]:
    if not systems:
        return side.systems
    chosen: dict[str, Evaluation] = {}
    for wanted in systems:
        matching = {name: found for name, found in side.systems.items() if wanted in (name, name.partition("/")[2])}
        if not matching:
            raise UnknownName("system", wanted, side.systems, where=str(side.path))
        chosen |= matching
    return chosen


def _reports(file: Path) -> dict[str, Path]:
    """The reports behind a report.json by dataset: itself under "", or those below one that only has means over datasets."""
    try:
        content = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    except ValueError:
        content = {}  # reading it as a report says what is wrong
    datasets = content.get("datasets") if isinstance(content, dict) else None
    if not isinstance(datasets, dict) or "systems" not in content or "query_ids" in content:
        return {"": file}
    return {Path(name).name: file.parent / Path(name).name / REPORT for name in datasets}


def _check_alike(runs: Mapping[Path, Run], qrels: Qrels) -> None:
    if len(runs) < 2:
        return
    (base, first), (new, second) = runs.items()
    problem = different_queries(*([query_id for query_id in qrels if query_id in run] for run in (first, second)))
    if problem:
        raise DataError(
            f"{base} and {new} are {problem}; make both over the same queries, or, where a run lacks a query because it found nothing, "
            "let it count 0 with --missing-as-zero"
        )
