"""A report as rows of text, and as Markdown: what a reader looks at."""

import re

from irloom.eval.bootstrap import Interval
from irloom.eval.report import ALPHA, MeasureResult, Report
from irloom.eval.reranker_table import TITLE, alarms, fallback_lines, reranker_rows

_SPECIAL = re.compile(r"[\\`*<>|]")


def header(report: Report) -> list[str]:
    """The column titles: the system, each measure, the difference to the baseline in the first measure, the latency."""
    titles = ["system", *report.measures]
    if report.baseline is not None and report.measures:
        titles.append(f"{report.measures[0]} against {report.baseline}")
    if _has_latency(report):
        titles.append("ms per query")
    return titles


def table_rows(report: Report) -> list[list[str]]:
    """A row per system under `header`, in the report's order; a mean reads `0.679 [0.631, 0.727]`."""
    rows = []
    for name, system in report.systems.items():
        row = [name, *(_mean(system.measures[measure]) for measure in report.measures)]
        if report.baseline is not None and report.measures:
            row.append(_delta(system.measures[report.measures[0]].delta))
        if _has_latency(report):
            row.append("" if system.latency_ms is None else f"{system.latency_ms:.2f}")
        rows.append(row)
    return rows


def markdown(report: Report) -> str:
    """The table in Markdown, with the notes under it; ends in a line break.

    The best mean of each measure is bold; raised letters name the systems that are beaten significantly.
    """
    titles = [_escape(title) for title in header(report)]
    lines = ["| " + " | ".join(titles) + " |", "|---" + "|--:" * (len(titles) - 1) + "|"]
    for (name, system), row in zip(report.systems.items(), table_rows(report), strict=True):
        cells = [_escape(cell) for cell in row]
        cells[0] += f" *{system.letter}*" if system.letter else ""
        for place, (measure, result) in enumerate(system.measures.items(), start=1):
            mean, _, interval = cells[place].partition(" ")
            mean = f"**{mean}**" if name in report.best(measure) else mean
            cells[place] = f"{mean}{f'<sup>{result.beats}</sup>' if result.beats else ''} {interval}"
        lines.append("| " + " | ".join(cells) + " |")
    lines += ["", caption(report)]
    if any(system.letter for system in report.systems.values()):
        lines[-1] += f" Raised letters name the systems that are beaten significantly (paired t-test, Holm over all pairs, {ALPHA:g})."
    lines += [f"- {_escape(name)}: {_escape(note)}" for name, system in report.systems.items() for note in system.notes]
    lines += _rerankers(report)
    return "\n".join(lines) + "\n"


def _rerankers(report: Report) -> list[str]:
    rows = [[_escape(cell) for cell in row] for row in reranker_rows(report)]
    if not rows:
        return []
    first, *rest = ["| " + " | ".join(row) + " |" for row in rows]
    told = [f"- {_escape(line)}" for line in (*alarms(report), *fallback_lines(report))]
    rule = "|---|---" + "|--:" * (len(rows[0]) - 2) + "|"
    return ["", f"{TITLE}; in brackets per query:", "", first, rule, *rest, *([""] if told else []), *told]


def caption(report: Report) -> str:
    """One line: the dataset, the number of queries, what the intervals are."""
    dataset = f"{report.dataset}, " if report.dataset else ""
    return f"{dataset}{len(report.query_ids)} queries; in brackets the {report.level:.0%} bootstrap interval of the mean over queries."


def _has_latency(report: Report) -> bool:
    return any(system.latency_ms is not None for system in report.systems.values())


def _mean(result: MeasureResult) -> str:
    interval = result.interval
    return f"{interval.mean:.3f} [{interval.low:.3f}, {interval.high:.3f}]"


def _delta(delta: Interval | None) -> str:
    return "" if delta is None else f"{delta.mean:+.3f} [{delta.low:+.3f}, {delta.high:+.3f}]"


def _escape(text: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", " ".join(text.split()))
