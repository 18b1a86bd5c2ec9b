"""A report as rows of text, and as Markdown: what a reader looks at."""

from irloom.eval.bootstrap import Interval
from irloom.eval.report import MeasureResult, Report


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
    """The table in Markdown, with the notes under it; ends in a line break."""
    titles = [_escape(title) for title in header(report)]
    lines = ["| " + " | ".join(titles) + " |", "|---" + "|--:" * (len(titles) - 1) + "|"]
    lines += ["| " + " | ".join(map(_escape, row)) + " |" for row in table_rows(report)]
    lines += ["", caption(report)]
    lines += [f"- {name}: {note}" for name, system in report.systems.items() for note in system.notes]
    return "\n".join(lines) + "\n"


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
    return text.replace("|", "\\|")
