"""A report read back from `report.json`."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from irloom.core.errors import DataError
from irloom.eval.bootstrap import Interval
from irloom.eval.report import MeasureResult, Report, SystemResult
from irloom.eval.reranked import Reranked


def read_report(path: str | Path) -> Report:
    """Reads `report.json`; one of an older release lacks what it did not know, such as letters.

    Raises:
        DataError: the file is missing, is no JSON, or is no report with values per query.
    """
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise DataError(f"{path} does not exist; give the folder that `irloom run` wrote") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{path} is no JSON ({error}); run the experiment again") from None
    try:
        return report_from_json(content)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise DataError(f"{path} is no report with values per query ({error!r}); run the experiment again") from None


def report_from_json(content: Mapping[str, Any]) -> Report:
    """The report whose `to_json` this is.

    Raises:
        KeyError: a key is missing.
        TypeError: a value is of another kind.
    """
    interval = content["interval"]
    return Report(
        systems={name: _system(system, len(content["query_ids"])) for name, system in content["systems"].items()},
        query_ids=tuple(content["query_ids"]),
        dataset=_typed(content["dataset"], str),
        baseline=_typed(content["baseline"], str, type(None)),
        versions=_typed(content["versions"], dict),
        level=interval["level"],
        resamples=interval["resamples"],
        seed=interval["seed"],
        min_grade=content.get("min_grade", 1),
        facts=_typed(content.get("facts", {}), dict),
        method=interval["method"].removeprefix("bootstrap "),
    )


def _system(system: Mapping[str, Any], queries: int) -> SystemResult:
    measures = {}
    for name, entry in system["measures"].items():
        values = np.array(entry["values"], np.float64)
        if values.shape != (queries,):
            raise ValueError(f"{name} has {values.shape} values, but there are {queries} queries")
        delta = _interval(entry["delta"]) if "delta" in entry else None
        measures[name] = MeasureResult(_interval(entry), delta, values, entry.get("p"), entry.get("beats", ""))
    latency, diagnosis = _typed(system["latency_ms"], float, int, type(None)), _typed(system.get("diagnosis"), dict, type(None))
    rerankers = tuple(Reranked.from_json(did) for did in system.get("rerankers", ()))
    return SystemResult(measures, latency, tuple(system["notes"]), system.get("letter", ""), diagnosis, rerankers)


def _typed(value: Any, *kinds: type) -> Any:
    if not isinstance(value, kinds):
        raise TypeError(f"{value!r} where {' or '.join(kind.__name__ for kind in kinds)} is wanted")
    return value


def _interval(entry: Mapping[str, Any]) -> Interval:
    return Interval(float(entry["mean"]), float(entry["low"]), float(entry["high"]))
