"""What the query browser of a report shows: each query's values, and for as many as there is room for the hits and what was missed."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import numpy as np

from irloom.core.errors import UnknownDocument
from irloom.core.run import Run
from irloom.core.types import Document, Json, Qrels, Query
from irloom.eval.diagnosis import CAUSES
from irloom.eval.pages.markup import printable
from irloom.eval.report import Report, SystemResult

Fetch = Callable[[Sequence[str]], list[Document]]

HITS = 10
"""How many hits of each system are shown."""

_MISSED = 10
_DIGITS = 4
_SNIPPETS = (160, 90)
_WIDEST, _NARROW = 400, 100
_TITLE = 120
_BATCH = 50
_OVERHEAD = 1000


@dataclass(frozen=True, slots=True)
class Material:
    """What a report's page and its values per query are made of, beside the report.

    Attributes:
        queries: by id; one that is not there has no text.
        qrels: the judgments.
        runs: by system; a system may have none.
        fetch: gives documents; None where there is no text.
    """

    queries: Mapping[str, Query]
    qrels: Qrels
    runs: Mapping[str, Run]
    fetch: Fetch | None = None

    def text(self, query_id: str) -> str:
        """The query's text, or ""."""
        return self.queries[query_id].text if query_id in self.queries else ""


@dataclass
class _Documents:
    """The documents that the page names, each once, by number."""

    material: Material
    known: dict[str, Document] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)

    def number(self, doc_id: str) -> int:
        return self.numbers.setdefault(doc_id, len(self.numbers))

    def learn(self, doc_ids: Sequence[str]) -> None:
        """Fetches what is not known yet; a judged document may be missing from the collection."""
        if self.material.fetch is not None:
            self.known |= _fetched(self.material.fetch, [doc_id for doc_id in dict.fromkeys(doc_ids) if doc_id not in self.known])

    def entry(self, doc_id: str, snippet: int) -> list[Json]:
        document = self.known.get(doc_id)
        return [doc_id, cut(document.title, _TITLE), cut(document.text, snippet)] if document else [doc_id, "", ""]


def browser(report: Report, material: Material, *, room: int) -> dict[str, Json]:
    """The browser's data in at most about `room` bytes of JSON.

    Every query's values come first, in all measures or, where there is no room, in the first; then the hits of as many queries as
    possible, those first on which the systems differ most. `left_out` says what is not there.
    """
    order = by_interest(report)
    values, left_out = _values(report, material, order, room=room)
    ids = {query_id: place for place, query_id in enumerate(report.query_ids)}
    shown = [query_id for query_id in (report.query_ids[place] for place in order) if query_id in set(values["ids"])]
    rest = room - _size(values) - _OVERHEAD
    details: dict[str, Json] = {}
    entries: list[Json] = []
    documents = _Documents(material)
    for snippet in _SNIPPETS:
        documents.numbers = {}
        details, entries = _details(report, material, documents, shown, snippet=snippet, room=rest)
        if len(details) == len(shown):
            break
    if len(details) < len(ids):
        left_out.append(f"hits are shown for the {len(details):,} of {len(ids):,} queries on which the systems differ most")
    return {"systems": list(report.systems), "hits": HITS, **values, "details": details, "documents": entries, "left_out": [*left_out]}


def by_interest(report: Report) -> list[int]:
    """The places of the queries: first where the systems differ most in the first measure, then where they are worst."""
    values = np.stack([system.measures[report.measures[0]].values for system in report.systems.values()])
    order: list[int] = np.lexsort((values.mean(axis=0), -np.ptp(values, axis=0))).tolist()
    return order


def cut(text: str, width: int) -> str:
    """The text in one line, without what HTML cannot hold, and not longer than that."""
    line = " ".join(printable(text).split())
    return line if len(line) <= width else f"{line[: width - 1]}…"


def compact(value: float) -> float:
    """A value with four digits after the point, and without the point where it is whole."""
    rounded = round(value, _DIGITS)
    return int(rounded) if rounded == int(rounded) else rounded


def _values(report: Report, material: Material, order: Sequence[int], *, room: int) -> tuple[dict[str, list[Json]], list[str]]:
    """Ids, texts and values of the queries, and what had to be left out to keep them in half of the room."""
    everything = list(range(len(report.query_ids)))
    first = report.measures[:1]
    block: dict[str, list[Json]] = {}
    for measures, width in ((report.measures, _WIDEST), (report.measures, _NARROW), (first, _NARROW)):
        block = _block(report, material, everything, measures=measures, width=width)
        if _size(block) <= room // 2:
            left = [] if measures == report.measures else [f"values per query are shown in {first[0]} only; per_query.jsonl has all"]
            return block, left
    fitting = max(1, len(everything) * (room // 2) // _size(block) * 9 // 10)
    some = sorted(order[:fitting])
    left = [f"the page lists {len(some):,} of {len(everything):,} queries, in {first[0]} only; per_query.jsonl has all"]
    return _block(report, material, some, measures=first, width=_NARROW), left


def _block(report: Report, material: Material, places: Sequence[int], *, measures: Sequence[str], width: int) -> dict[str, list[Json]]:
    ids = [report.query_ids[place] for place in places]
    values: list[Json] = [
        [[compact(value) for value in system.measures[measure].values[places].tolist()] for measure in measures]
        for system in report.systems.values()
    ]
    texts: list[Json] = [cut(material.text(query_id), width) for query_id in ids]
    causes: list[Json] = [_causes(system, ids) for system in report.systems.values()]
    return {"measures": [*measures], "ids": [*ids], "texts": texts, "values": values, "cause_names": [*CAUSES], "causes": causes}


def _causes(system: SystemResult, ids: Sequence[str]) -> list[Json]:
    """By query the sum of 2^i over the places i in `CAUSES` of what holds; nothing where the system has no diagnosis."""
    if system.diagnosis is None:
        return []
    found = cast(Mapping[str, Sequence[str]], system.diagnosis.get("queries", {}))
    bits = {cause: 1 << place for place, cause in enumerate(CAUSES)}
    return [sum(bits.get(cause, 0) for cause in found.get(query_id, ())) for query_id in ids]


def _details(
    report: Report, material: Material, documents: _Documents, query_ids: Sequence[str], *, snippet: int, room: int
) -> tuple[dict[str, Json], list[Json]]:
    """Hits and missed documents of the first queries that fit, and the documents that these name."""
    details: dict[str, Json] = {}
    entries: list[Json] = []
    for start in range(0, len(query_ids), _BATCH):
        batch = query_ids[start : start + _BATCH]
        found = {query_id: _Found.of(report, material, query_id) for query_id in batch}
        documents.learn([doc_id for one in found.values() for doc_id in one.shown()])
        for query_id, one in found.items():
            known = len(documents.numbers)
            detail = one.detail(documents)
            new = [documents.entry(doc_id, snippet) for doc_id in list(documents.numbers)[known:]]
            room -= _size(detail) + len(query_id) + 4 + sum(map(_size, new))
            if room < 0:
                return details, entries
            details[query_id] = detail
            entries += new
    return details, entries


@dataclass(frozen=True, slots=True)
class _Found:
    """What the systems found for one query.

    Attributes:
        ranked: by system, the documents in their order.
        missed: the relevant documents that one of them lacks among its first hits, best grade first.
        grades: the judgments.
    """

    ranked: Sequence[Sequence[str]]
    missed: Sequence[str]
    grades: Mapping[str, int]

    @classmethod
    def of(cls, report: Report, material: Material, query_id: str) -> "_Found":
        runs = [material.runs.get(name) for name in report.systems]
        ranked = [run[query_id].doc_ids if run is not None and query_id in run else [] for run in runs]
        grades = material.qrels.get(query_id, {})
        relevant = sorted(
            (doc_id for doc_id, grade in grades.items() if grade >= report.min_grade), key=lambda doc_id: (-grades[doc_id], doc_id)
        )
        return cls(ranked, [doc_id for doc_id in relevant if not all(doc_id in row[:HITS] for row in ranked)], grades)

    def shown(self) -> list[str]:
        """The documents that the page names."""
        return [*(doc_id for row in self.ranked for doc_id in row[:HITS]), *self.missed[:_MISSED]]

    def detail(self, documents: _Documents) -> dict[str, Json]:
        ranks = [{doc_id: rank for rank, doc_id in enumerate(row, 1)} for row in self.ranked]
        judged = [doc_id for doc_id in dict.fromkeys(self.shown()) if doc_id in self.grades]
        return {
            "hits": [[documents.number(doc_id) for doc_id in row[:HITS]] for row in self.ranked],
            "missed": [[documents.number(doc_id), *(rank.get(doc_id, 0) for rank in ranks)] for doc_id in self.missed[:_MISSED]],
            "more": max(0, len(self.missed) - _MISSED),
            "grades": {str(documents.number(doc_id)): self.grades[doc_id] for doc_id in judged},
        }


def _fetched(fetch: Fetch, doc_ids: Sequence[str]) -> dict[str, Document]:
    """The documents that there are."""
    if not doc_ids:
        return {}
    try:
        return {document.id: document for document in fetch(doc_ids)}
    except UnknownDocument:
        half = len(doc_ids) // 2
        return {} if not half else _fetched(fetch, doc_ids[:half]) | _fetched(fetch, doc_ids[half:])


def _size(content: object) -> int:
    """The bytes of its JSON in the page."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return len(text.encode("utf-8", "replace")) + 5 * sum(map(text.count, "<>&")) + 1
