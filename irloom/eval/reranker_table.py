"""What the rerankers of a report did, as rows of text, with the alarms and the reasons of those that fell back."""

from collections.abc import Mapping

from irloom.eval.report import Report
from irloom.eval.reranked import SUMS, Reranked

TITLE = "What the rerankers did"

_TITLES: Mapping[str, str] = {
    "calls": "calls",
    "prompt_tokens": "tokens read",
    "new_tokens": "tokens written",
    "windows": "windows",
    "cut_documents": "documents cut",
    "malformed": "malformed answers",
    "spent_usd": "$",
    "cached": "kept from before",
}


def reranker_rows(report: Report) -> list[list[str]]:
    """The titles, then a row for each reranker: totals, and in brackets means per query; no row at all where no system reranks.

    Columns that no reranker has are left out. Seconds are the stage's own, measured from outside.
    """
    rerankers = [(name, did) for name, system in report.systems.items() for did in system.rerankers]
    if not rerankers:
        return []
    names = [name for name in SUMS if name in _TITLES and any(name in did.sums for _, did in rerankers)]
    fell = any(did.fallbacks for _, did in rerankers)
    compared = any(did.against for _, did in rerankers)
    measure = report.measures[0]
    titles = ["system", "reranker", "queries", "seconds", *(_TITLES[name] for name in names)]
    rows = [[*titles, *(["fell back"] if fell else []), *([f"{measure} against its first stage"] if compared else [])]]
    for name, did in rerankers:
        row = [name, did.stage, f"{did.queries:,}", _seconds(did), *(_sum(did, note) for note in names)]
        row += [f"{sum(did.fallbacks.values()):,} queries"] if fell else []
        row += [_difference(did, measure)] if compared else []
        rows.append(row)
    return rows


def alarms(report: Report) -> list[str]:
    """What a reader must be told of rankings that a reranker made worse, each with its system."""
    return [f"{name}: {did.alarm}" for name, system in report.systems.items() for did in system.rerankers if did.alarm]


def fallback_lines(report: Report) -> list[str]:
    """Why queries fell back, and of how many."""
    return [
        f"{name}, {did.stage}: {reason}: {count:,} of {did.noted:,} queries"
        for name, system in report.systems.items()
        for did in system.rerankers
        for reason, count in did.fallbacks.items()
    ]


def _seconds(did: Reranked) -> str:
    if did.seconds is None:
        return ""
    return f"{did.seconds:,.2f} ({did.seconds / max(1, did.queries):.3g})"


def _sum(did: Reranked, name: str) -> str:
    each = did.per_query(name)
    return "" if each is None else f"{did.sums[name]:,.6g} ({each:,.4g})" if name == "spent_usd" else f"{did.sums[name]:,.0f} ({each:,.4g})"


def _difference(did: Reranked, measure: str) -> str:
    first = next((one for one in did.against if one.measure == measure), None)
    if first is None:
        return ""
    return f"{first.difference.mean:+.3f} [{first.difference.low:+.3f}, {first.difference.high:+.3f}]"
