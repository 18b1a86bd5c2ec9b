"""The parts of a report's page, each from the report alone, so that each reads without a script."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from irloom.eval.bootstrap import Interval
from irloom.eval.diagnosis import CAUSES
from irloom.eval.pages.browser import Material, cut
from irloom.eval.pages.markup import Html, foreign, joined, plain, table
from irloom.eval.pages.plots import BARS, Point, deltas, quality_against_latency, share, swatch, won_and_lost
from irloom.eval.report import ALPHA, MeasureResult, Report
from irloom.eval.reranker_table import TITLE, alarms, fallback_lines, reranker_rows

_ENDS = 5
_QUERY = 160


def summary(report: Report) -> Html:
    """Every system in every measure, with intervals and letters."""
    latency = any(system.latency_ms is not None for system in report.systems.values())
    head = [plain("system"), *map(plain, report.measures), *([plain("ms per query")] if latency else [])]
    rows = []
    for place, (name, system) in enumerate(report.systems.items()):
        mark = Html(f' <span class="letter">{plain(system.letter)}</span>') if system.letter else Html("")
        row = [Html(f"{swatch(place)}{foreign(name)}{mark}")]
        row += [_mean(result, best=name in report.best(measure)) for measure, result in system.measures.items()]
        if latency:
            row.append(plain("" if system.latency_ms is None else f"{system.latency_ms:.2f}"))
        rows.append(row)
    caption = f"Means over {len(report.query_ids):,} queries, with {report.level:.0%} bootstrap intervals."
    if len(report.systems) > 1:
        caption += f" Raised letters name the systems that are beaten significantly ({_test()}). The best mean is bold."
    return section("summary", "Summary", [table(plain(caption), head, rows, identity="summary-table"), _notes(report)])


def differences(report: Report) -> Html:
    """Every other system against the baseline in every measure, with intervals and p-values."""
    if report.baseline is None or len(report.systems) < 2:
        return Html("")
    head = [plain("system"), *map(plain, report.measures)]
    rows = [
        [Html(f"{swatch(place)}{foreign(name)}"), *map(_difference, system.measures.values())]
        for place, (name, system) in enumerate(report.systems.items())
        if name != report.baseline
    ]
    caption = Html(f"Mean differences to {foreign(report.baseline)}, their paired intervals, and p ({plain(_test())}).")
    return section("differences", "Against the baseline", [table(caption, head, rows, identity="differences-table")])


def latency(report: Report) -> Html:
    """The first measure against the latency."""
    measure = report.measures[0]
    points = [
        Point(name, place, system.latency_ms, system.measures[measure].interval)
        for place, (name, system) in enumerate(report.systems.items())
        if system.latency_ms is not None and system.latency_ms > 0
    ]
    if not points:
        return Html("")
    legend = Html(f'<p class="note">Bars are the {report.level:.0%} intervals of the means.</p>')
    return section("latency", f"{measure} against latency", [quality_against_latency(points, measure), legend])


def per_query(report: Report, material: Material) -> Html:
    """The differences of every system to the baseline, query by query, and the queries at both ends with their texts."""
    if report.baseline is None or len(report.systems) < 2:
        return Html("")
    measure = report.measures[0]
    base = report.systems[report.baseline].measures[measure].values
    bars = "each query a bar" if len(base) <= BARS else f"{BARS} bars at even distances among all queries"
    parts = [Html(f'<p class="note">{plain(measure)} against {foreign(report.baseline)}, sorted by the difference; {bars}.</p>')]
    for place, (name, system) in enumerate(report.systems.items()):
        if name == report.baseline:
            continue
        values = system.measures[measure].values - base
        plot = deltas(values, name, place=place, identity=f"delta-{place}")
        told = Html(f"<figcaption>{swatch(place)}{foreign(name)}: {plain(won_and_lost(values))}</figcaption>")
        order = np.argsort(-values, kind="stable").tolist()
        ends = [query for query in order[:_ENDS] if values[query] > 0] + [query for query in order[_ENDS:][-_ENDS:] if values[query] < 0]
        parts.append(Html(f"<div><figure>{told}{plot}</figure>{_ends_table(report, material, ends, name=name, place=place)}</div>"))
    return section("per-query", "Query by query", [parts[0], Html(f'<div class="beside">{joined(parts[1:])}</div>\n')])


def ceilings(report: Report) -> Html:
    """What each stage hands on: the recall that the stages after it can reach at most."""
    rows = []
    for place, (name, system) in enumerate(report.systems.items()):
        diagnosis: Mapping[str, Any] = system.diagnosis or {}
        for stage in diagnosis.get("ceilings", []):
            named = [Html(f"{swatch(place)}{foreign(name)}"), foreign(stage["stage"]), plain(f"{stage['depth']:,}")]
            recall = Html(f"{stage['recall']:.3f}{share(stage['recall'], place=place)}")
            rows.append([*named, recall, plain(f"{stage['best']:.3f}"), plain(f"{stage['seconds']:.2f}")])
    if not rows:
        return Html("")
    measure = next(str(system.diagnosis["measure"]) for system in report.systems.values() if system.diagnosis)
    head = [plain(title) for title in ("system", "stage", "depth", "recall", f"best {measure}", "seconds")]
    caption = plain("What each stage hands on: no later stage finds more of the relevant documents, or does better than their best order.")
    return section("ceilings", "Ceiling of each stage", [table(caption, head, rows, identity="ceilings-table", words=2)])


def causes(report: Report) -> Html:
    """How many queries each cause holds for, by system."""
    found = {name: dict(_counts(system.diagnosis)) for name, system in report.systems.items() if system.diagnosis is not None}
    shown = [cause for cause in CAUSES if any(counts.get(cause) for counts in found.values())]
    if not shown:
        return Html("")
    titles = {cause: Html(f'{plain(cause.replace("_", " "))}<span class="why">{plain(CAUSES[cause])}</span>') for cause in shown}
    rows = [[titles[cause], *(plain(f"{counts.get(cause, 0):,}") for counts in found.values())] for cause in shown]
    caption = plain("In how many queries each of these holds; a query can have several.")
    return section("causes", "Why queries lose", [table(caption, [plain("cause"), *map(foreign, found)], rows, identity="causes-table")])


def rerankers(report: Report) -> Html:
    """What each reranker did, and an alarm where one made its ranking worse."""
    head, *rows = reranker_rows(report) or [[]]
    if not rows:
        return Html("")
    told = [Html(f'<p class="alarm" role="alert">{foreign(line)}</p>\n') for line in alarms(report)]
    places = {name: place for place, name in enumerate(report.systems)}
    cells = [[Html(f"{swatch(places[name])}{foreign(name)}"), foreign(stage), *map(plain, rest)] for name, stage, *rest in rows]
    caption = plain("Totals over all queries, and in brackets means per query.")
    parts = [*told, table(caption, [plain(title) for title in head], cells, identity="rerankers-table", words=2)]
    reasons = joined([Html(f"<li>{foreign(line)}</li>") for line in fallback_lines(report)])
    return section("rerankers", TITLE, [*parts, Html(f'<ul class="notes">{reasons}</ul>\n') if reasons else Html("")])


def facts(report: Report) -> Html:
    """What the report was made of."""
    made = {"dataset": report.dataset, "queries": f"{len(report.query_ids):,}", "relevant from grade": str(report.min_grade)}
    made |= report.facts
    made |= {f"{name} version": version for name, version in report.versions.items()}
    made["intervals"] = f"bootstrap {report.method}, {report.level:.0%}, {report.resamples:,} resamples, seed {report.seed}"
    rows = joined([Html(f"<dt>{plain(name)}</dt><dd>{foreign(value)}</dd>\n") for name, value in made.items() if value])
    return Html(f'<footer id="facts"><h2>Made of</h2><dl>\n{rows}</dl></footer>\n')


def section(identity: str, title: str, parts: Sequence[Html]) -> Html:
    """A part of the page under its heading."""
    heading = f'<h2 id="{identity}-title">{plain(title)}</h2>'
    return Html(f'<section id="{identity}" aria-labelledby="{identity}-title">{heading}\n{joined(parts)}</section>\n')


def _ends_table(report: Report, material: Material, queries: Sequence[int], *, name: str, place: int) -> Html:
    if not queries or report.baseline is None:
        return Html("")
    measure = report.measures[0]
    base, own = (report.systems[system].measures[measure].values for system in (report.baseline, name))
    rows = []
    for query in queries:
        query_id = report.query_ids[query]
        text = Html(f'{foreign(cut(material.text(query_id), _QUERY))} <span class="id">{foreign(query_id)}</span>')
        rows.append([text, *map(plain, (f"{base[query]:.3f}", f"{own[query]:.3f}", f"{own[query] - base[query]:+.3f}"))])
    head = [plain("query"), foreign(report.baseline), foreign(name), plain("difference")]
    caption = plain(f"{measure} of the queries at both ends")
    inside = table(caption, head, rows, identity=f"ends-{place}")
    return Html(f"<details><summary>Where {foreign(name)} wins and loses most</summary>{inside}</details>\n")


def _counts(diagnosis: Mapping[str, Any]) -> Mapping[str, int]:
    counts: Mapping[str, int] = diagnosis.get("counts", {})
    return counts


def _notes(report: Report) -> Html:
    notes = [Html(f"<li>{foreign(name)}: {foreign(note)}</li>") for name, system in report.systems.items() for note in system.notes]
    return Html(f'<ul class="notes">{joined(notes)}</ul>\n') if notes else Html("")


def _mean(result: MeasureResult, *, best: bool) -> Html:
    mean = f"<strong>{result.interval.mean:.3f}</strong>" if best else f"{result.interval.mean:.3f}"
    beats = f"<sup>{plain(result.beats)}</sup>" if result.beats else ""
    return Html(f'{mean}{beats} <span class="interval">{plain(_ends(result.interval))}</span>')


def _difference(result: MeasureResult) -> Html:
    if result.delta is None:
        return Html("")
    p_value = f'<span class="p">p {plain(_p(result.p))}</span>' if result.p is not None else ""
    return Html(f'{result.delta.mean:+.3f} <span class="interval">{plain(_ends(result.delta, "+"))}</span> {p_value}')


def _ends(interval: Interval, sign: str = "") -> str:
    return f"[{interval.low:{sign}.3f}, {interval.high:{sign}.3f}]"


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def _test() -> str:
    return f"paired t-test, Holm over all pairs of systems, {ALPHA:g}"
