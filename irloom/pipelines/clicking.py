"""A click log to judgments: what `irloom clicks` does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from irloom.core.errors import BadLine, DataError, shortened
from irloom.data.click_log import read_clicks
from irloom.data.lines import read_lines
from irloom.eval.clicks import THRESHOLDS, ClickJudgments, judge_clicks
from irloom.eval.propensities import estimate_propensities


@dataclass(frozen=True, slots=True)
class Clicked:
    """Judgments of a log, and the propensities that they rest on.

    Attributes:
        judgments: of the log.
        propensities: by rank.
        estimated: whether they were estimated from the log.
        converged: whether the estimate stood still; True where they were given.
        impressions: of the log.
        clicks: of the log.
    """

    judgments: ClickJudgments
    propensities: Mapping[int, float]
    estimated: bool
    converged: bool
    impressions: int
    clicks: int


def judge_log(
    path: str | Path,
    *,
    propensities: str | Path | None = None,
    thresholds: Sequence[float] = THRESHOLDS,
    min_impressions: int = 10,
    floor: float = 0.01,
) -> Clicked:
    """Judges by a click log; see `judge_clicks` for the numbers.

    Args:
        path: the log, TSV or JSONL.
        propensities: a TSV of rank and propensity; None to estimate them from the log.
        thresholds: from which attraction each grade is given, ascending.
        min_impressions: with fewer, a pair has no grade.
        floor: impressions at ranks of a lower propensity do not count.

    Raises:
        DataError: a file cannot be read, or the log does not tell enough.
        BadValue: a number is out of its range.
    """
    log = read_clicks(path)
    if propensities is None:
        examination = estimate_propensities(log)
        values, converged = examination.propensities, examination.converged
    else:
        values, converged = read_propensities(propensities), True
    judgments = judge_clicks(log, values, thresholds=thresholds, min_impressions=min_impressions, floor=floor)
    return Clicked(judgments, values, propensities is None, converged, int(log.impressions.sum()), int(log.clicks.sum()))


def read_propensities(path: str | Path) -> dict[int, float]:
    """Reads a TSV of rank and propensity, with or without a header.

    Raises:
        BadLine: not two columns, a rank that is no whole number from 1 or stands there twice, a propensity that is no number of 0 or more.
        DataError: the file cannot be read or is empty.
    """
    path, values = Path(path), dict[int, float]()
    for number, line in read_lines(path):
        columns = line.split()
        if len(columns) != 2:
            raise BadLine(path, number, f"{len(columns)} columns; expected 2: rank, propensity")
        if number == 1 and not columns[0].isdecimal():
            continue
        value = _number(columns[1])
        if not (columns[0].isdecimal() and int(columns[0]) >= 1) or not 0 <= value < float("inf"):
            raise BadLine(path, number, f"{shortened(repr(line))}; expected a rank from 1 and a propensity of 0 or more")
        if int(columns[0]) in values:
            raise BadLine(path, number, f"rank {columns[0]} stands there twice")
        values[int(columns[0])] = value
    if not values:
        raise DataError(f"{path} holds no propensity; each line needs a rank and a number")
    return values


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")
