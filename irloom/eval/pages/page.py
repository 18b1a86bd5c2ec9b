"""`report.html`: one file that holds all it needs, and asks no network for anything."""

import base64
import hashlib
from dataclasses import replace
from importlib.resources import files

from irloom.core.types import Json
from irloom.eval.pages import sections
from irloom.eval.pages.browser import Material, browser
from irloom.eval.pages.markup import Html, foreign, joined, json_block, plain
from irloom.eval.report import Report

LIMIT = 2_000_000
"""The most bytes of a page."""

_SPARE = 40_000


def page(report: Report, material: Material, *, limit: int = LIMIT) -> str:
    """The page of a report.

    Its tables and plots are there without a script; the script adds the query browser, from one block of JSON. A policy in its head
    forbids every other source and every other script, whatever the texts of the data hold.

    Args:
        report: what it shows.
        material: the queries, judgments, runs and documents behind it.
        limit: the most bytes; what has no room is left out, and the page says so.
    """
    style, script = _asset("report.css"), _asset("report.js")
    body = joined(
        [
            sections.summary(report),
            sections.differences(report),
            sections.latency(report),
            sections.per_query(report, material),
            sections.rerankers(report),
            sections.ceilings(report),
            sections.causes(report),
        ]
    )
    top, foot = _head(report, style, script), sections.facts(report)
    room = limit - _SPARE - sum(len(part.encode()) for part in (top, body, foot, style, script))
    summary = _without_queries(report).to_json(per_query=False)
    room -= len(json_block(summary, identity="data"))
    queries = browser(report, material, room=room)
    data = json_block({"report": summary, "queries": queries}, identity="data")
    return f"{top}{body}{_browser(queries)}</main>\n{foot}{data}<script>{script}</script>\n</body>\n</html>\n"


def _head(report: Report, style: str, script: str) -> Html:
    title = f"{report.dataset or 'Report'}: {', '.join(report.systems)}"
    sources = f"style-src '{_digest(style)}'; script-src '{_digest(script)}'"
    policy = f"default-src 'none'; img-src data:; {sources}; base-uri 'none'; form-action 'none'"
    return Html(
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<link rel="icon" href="data:,">\n'
        f"<title>{plain(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n"
        '<a class="skip" href="#summary">To the summary</a>\n'
        f"<header><h1>{foreign(report.dataset or 'Report')}</h1><p>{_subtitle(report)}</p></header>\n<main>\n"
    )


def _without_queries(report: Report) -> Report:
    """The report with diagnoses that do not name each query's causes: the browser's data has them, in less room."""
    systems = {
        name: replace(system, diagnosis={key: value for key, value in system.diagnosis.items() if key != "queries"})
        if system.diagnosis
        else system
        for name, system in report.systems.items()
    }
    return replace(report, systems=systems)


def _subtitle(report: Report) -> Html:
    systems = len(report.systems)
    text = f"{systems:,} system{'s' * (systems != 1)}, {len(report.query_ids):,} queries"
    return Html(f"{text}, baseline {foreign(report.baseline)}") if report.baseline is not None else plain(text)


def _browser(queries: dict[str, Json]) -> Html:
    left_out = queries["left_out"]
    notes = [Html(f'<p class="note">{plain(str(note))}</p>') for note in left_out] if isinstance(left_out, list) else []
    without = Html('<noscript><p class="note">The query browser needs JavaScript; everything above does not.</p></noscript>')
    return sections.section("queries", "Queries", [*notes, without, Html('<div id="browser"></div>\n')])


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _asset(name: str) -> str:
    return (files("irloom.eval.pages") / name).read_text(encoding="utf-8")
