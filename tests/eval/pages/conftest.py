"""A report of hostile texts, and a page taken apart."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import pytest

from irloom.core.errors import UnknownDocument
from irloom.core.run import Run
from irloom.core.types import Document, Query
from irloom.eval.diagnosis import StageRun, diagnose
from irloom.eval.evaluate import evaluate
from irloom.eval.pages.browser import Material
from irloom.eval.report import Report, make_report
from irloom.eval.report_files import with_diagnoses, with_rerankers
from irloom.eval.reranker_stages import rerankers_of

HOSTILE = (
    "</script><script>alert(1)</script>",
    "<!-- <script> ]]> --> <img src=x onerror=alert(1)>",
    "\"quotes\" & 'apostrophes' `ticks` &lt;b&gt; ${x}",
    "controls \x00 \x07 \x1b[31m \x7f \x85 \u2028 end",
    "right to left \u202e שלום مرحبا \u2067 marks",
    "emoji 👩‍🔬🧪 and 漢字",
    "a lone surrogate \ud800 here",
    "   blanks \n\t and\r\nlines   ",
)
SYSTEMS = ("bm25", "</td><b>", "x & \"y\" 'z'")
MEASURES = ("nDCG@10", "RR@10", "R(rel=2)@100")
VOID = {"meta", "link", "br", "img", "input"}


@dataclass
class Parsed(HTMLParser):
    """A page taken apart; what is not closed in order is an error."""

    ids: list[str] = field(default_factory=list)
    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    scripts: dict[str, str] = field(default_factory=dict)
    tables: dict[str, list[list[str]]] = field(default_factory=dict)
    text: str = ""

    def __post_init__(self) -> None:
        super().__init__()
        self._table = self._script = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        assert len(given) == len(attrs), f"repeated attributes in {tag}"
        self.tags.append((tag, given))
        if "id" in given:
            self.ids.append(str(given["id"]))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "table":
            self._table = str(given["id"])
            self.tables[self._table] = []
        elif tag == "tr":
            self.tables[self._table].append([])
        elif tag in ("td", "th"):
            self.tables[self._table][-1].append("")
        elif tag == "script":
            self._script = given.get("id") or "code"
            assert self._script not in self.scripts
            self.scripts[self._script] = ""

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "script" in self.open:
            self.scripts[self._script] += data
        elif "style" not in self.open:
            self.text += data
            if self.open and {"td", "th"} & set(self.open):
                self.tables[self._table][-1][-1] += data


def parsed(page: str) -> Parsed:
    """The page, of which nothing is left open."""
    found = Parsed()
    found.feed(page)
    found.close()
    assert not found.open
    return found


def data_of(page: str) -> Any:
    """The JSON in the page."""
    return json.loads(parsed(page).scripts["data"])


def cells(rows: list[list[str]]) -> Iterator[tuple[list[str], list[str]]]:
    """The titles and each row, blanks made one."""
    titles, *rest = rows
    for row in rest:
        yield titles, [" ".join(cell.split()) for cell in row]


def _printed(entry: dict[str, Any], sign: str = "") -> str:
    return f"{entry['mean']:{sign}.3f} [{entry['low']:{sign}.3f}, {entry['high']:{sign}.3f}]"


def check_cells(content: Any, tables: dict[str, list[list[str]]]) -> None:
    """Every cell of the tables of means, differences, ceilings and causes is the number of report.json."""
    systems, measures = content["systems"], list(next(iter(content["systems"].values()))["measures"])
    summary = list(cells(tables["summary-table"]))
    assert [row[0] for _, row in summary] == [f"{name} {system['letter']}" for name, system in systems.items()]
    for (titles, row), system in zip(summary, systems.values(), strict=True):
        assert titles == ["system", *measures, "ms per query"]
        for measure, cell in zip(measures, row[1:], strict=False):
            entry = system["measures"][measure]
            assert cell == _printed(entry).replace(" ", f"{entry['beats']} ", 1)
        assert row[-1] == ("" if system["latency_ms"] is None else f"{system['latency_ms']:.2f}")
    for _, row in cells(tables["differences-table"]):
        for measure, cell in zip(measures, row[1:], strict=True):
            entry = systems[row[0]]["measures"][measure]
            p_value = "< 0.001" if entry["p"] < 0.001 else f"{entry['p']:.3f}"
            assert cell == f"{_printed(entry['delta'], '+')} p {p_value}"
    stages = [(name, stage) for name, system in systems.items() for stage in system["diagnosis"]["ceilings"]]
    for (_, row), (name, stage) in zip(cells(tables.get("ceilings-table", [[]])), stages, strict=True):
        assert row == [
            name,
            stage["stage"],
            f"{stage['depth']:,}",
            f"{stage['recall']:.3f}",
            f"{stage['best']:.3f}",
            f"{stage['seconds']:.2f}",
        ]
    for titles, row in cells(tables.get("causes-table", [[]])):
        for name, cell in zip(titles[1:], row[1:], strict=True):
            cause = next(cause for cause in systems[name]["diagnosis"]["counts"] if row[0].startswith(cause.replace("_", " ")))
            assert int(cell.replace(",", "")) == systems[name]["diagnosis"]["counts"][cause]


@pytest.fixture(scope="session")
def hostile() -> tuple[Report, Material]:
    """Three systems of hostile names on eight hostile queries; document d5 is judged and not in the collection."""
    queries = {f"q{place}<": Query(f"q{place}<", text) for place, text in enumerate(HOSTILE)}
    documents = {f"d{place}": Document(f"d{place}", text * 3, title=text) for place, text in enumerate(HOSTILE) if place != 5}

    def fetch(doc_ids: Sequence[str]) -> list[Document]:
        for doc_id in doc_ids:
            if doc_id not in documents:
                raise UnknownDocument(doc_id)
        return [documents[doc_id] for doc_id in doc_ids]

    qrels = {query_id: {f"d{place}": 1 + place % 2, "d5": 2, "d6": 0} for place, query_id in enumerate(queries)}
    ranked = [
        {query_id: {doc_id: float((7 * system + 3 * place + 5 * rank) % 11) for rank, doc_id in enumerate(documents)}
         for place, query_id in enumerate(queries) if place != 7 or system}
        for system in range(3)
    ]  # fmt: skip
    runs = dict(zip(SYSTEMS, map(Run.from_dict, ranked), strict=True))
    report = make_report(
        {name: evaluate(run, qrels, MEASURES) for name, run in runs.items()},
        dataset="</title><script>",
        baseline="bm25",
        latency_ms={"bm25": 0.51, "</td><b>": 48.2},
        notes={"bm25": ["<i>a note</i>"]},
        resamples=200,
        facts={"documents <b>": "7 & more"},
    )
    diagnoses = {name: diagnose([StageRun("<first>", run.cut(5), 0.1), StageRun(name, run, 0.2)], qrels) for name, run in runs.items()}
    notes: dict[str, list[object]] = {"calls": list(range(8)), "spent_usd": [0.001] * 8, "fallback": ["<b>windows</b>", *[""] * 7]}
    noted = Run.from_dict({query_id: {"d6": 1.0} for query_id in queries}).with_notes(notes)
    stages = [StageRun("<first>", runs[SYSTEMS[1]], 0.1), StageRun("</p><script>", noted, 0.2, reranks=True)]
    report = with_rerankers(report, {SYSTEMS[1]: rerankers_of(stages, qrels, MEASURES, judgments="<i>dev")})
    return with_diagnoses(report, diagnoses), Material(queries, qrels, runs, fetch)
