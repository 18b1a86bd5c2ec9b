"""The file itself: well formed, closed to the network, small, and its numbers those of report.json."""

import json
import re
from typing import Any

import numpy as np
import pytest

from irloom.core.run import Run
from irloom.core.types import Document, Query
from irloom.eval.bootstrap import Interval
from irloom.eval.pages.browser import Material
from irloom.eval.pages.page import LIMIT, page
from irloom.eval.report import MeasureResult, Report, SystemResult

from .conftest import HOSTILE, MEASURES, SYSTEMS, Parsed, cells, check_cells, data_of, parsed


@pytest.fixture(scope="module")
def made(hostile: tuple[Report, Material]) -> str:
    return page(*hostile)


@pytest.fixture(scope="module")
def parts(made: str) -> Parsed:
    return parsed(made)


def test_it_is_well_formed(parts: Parsed) -> None:
    assert len(set(parts.ids)) == len(parts.ids)
    for identity in ("summary", "differences", "latency", "per-query", "rerankers", "ceilings", "causes", "queries", "facts", "browser"):
        assert identity in parts.ids
    for _, attributes in parts.tags:
        for name in ("aria-labelledby", "for"):
            assert attributes.get(name, parts.ids[0]) in parts.ids
    assert [tag for tag, _ in parts.tags].count("h1") == 1


def test_nothing_refers_to_anything_outside(made: str, parts: Parsed) -> None:
    for tag, attributes in parts.tags:
        assert tag not in ("iframe", "object", "embed", "base", "form", "img", "audio", "video", "source")
        assert {"src", "srcset", "style", "action", "xlink:href"}.isdisjoint(attributes)
        assert not any(name.startswith("on") for name in attributes)
        if "href" in attributes:
            assert attributes["href"] in ("data:,", "#summary")
    policy = next(attributes["content"] for _, attributes in parts.tags if attributes.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert "http" not in policy
    style = re.search("<style>(.*?)</style>", made, re.DOTALL)
    assert style is not None
    assert not re.search(r"url\(|@import|http", style[1])
    assert not re.search(r"fetch\(|XMLHttp|import\(|http|innerHTML|eval\(", parts.scripts["code"])


def test_the_policy_lets_just_its_own_script_and_style_run(made: str, parts: Parsed) -> None:
    import base64
    import hashlib

    style = re.search("<style>(.*?)</style>", made, re.DOTALL)
    assert style is not None
    for name, text in (("script", parts.scripts["code"]), ("style", style[1])):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in made


def test_hostile_text_stays_text(made: str, parts: Parsed) -> None:
    assert set(parts.scripts) == {"data", "code"}
    assert not {"b", "i", "img"} & {tag for tag, _ in parts.tags}
    made.encode()  # no surrogate is left
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", made)
    for name in SYSTEMS:
        assert name in parts.text
    assert "<i>a note</i>" in parts.text
    queries = data_of(made)["queries"]
    assert queries["texts"][0] == HOSTILE[0]
    assert queries["texts"][3] == "controls \ufffd \ufffd \ufffd[31m \ufffd \ufffd end"
    assert queries["texts"][7] == "blanks and lines"
    titles = {entry[0]: entry[1] for entry in queries["documents"]}
    assert titles["d2"] == HOSTILE[2]
    assert titles["d5"] == ""  # judged, but not in the collection


def test_the_block_holds_report_json(hostile: tuple[Report, Material], made: str) -> None:
    report, _ = hostile
    content = report.to_json()
    data = data_of(made)
    expected = json.loads(json.dumps(report.to_json(per_query=False)))
    queries = data["queries"]
    for name, bits in zip(SYSTEMS, queries["causes"], strict=True):
        why = expected["systems"][name]["diagnosis"].pop("queries")
        for query_id, sum_of_bits in zip(report.query_ids, bits, strict=True):
            held = [cause for place, cause in enumerate(queries["cause_names"]) if sum_of_bits >> place & 1]
            assert held == why.get(query_id, [])
    assert data["report"] == expected
    assert (queries["systems"], queries["measures"], queries["ids"]) == (list(SYSTEMS), list(MEASURES), list(report.query_ids))
    for name, values in zip(SYSTEMS, queries["values"], strict=True):
        for measure, row in zip(MEASURES, values, strict=True):
            np.testing.assert_allclose(row, content["systems"][name]["measures"][measure]["values"], atol=5e-5)


def test_every_cell_is_the_number_of_report_json(hostile: tuple[Report, Material], parts: Parsed) -> None:
    check_cells(hostile[0].to_json(), parts.tables)


def test_the_ends_of_the_differences(hostile: tuple[Report, Material], parts: Parsed) -> None:
    content: Any = hostile[0].to_json()
    base, own = (content["systems"][name]["measures"]["nDCG@10"]["values"] for name in SYSTEMS[:2])
    places = {query_id: place for place, query_id in enumerate(content["query_ids"])}
    rows = list(cells(parts.tables["ends-1"]))
    assert rows
    for _, (query, *numbers) in rows:
        place = places[query.split()[-1]]
        assert numbers == [f"{base[place]:.3f}", f"{own[place]:.3f}", f"{own[place] - base[place]:+.3f}"]


def test_one_system_without_a_baseline_or_latency_or_text() -> None:
    report = Report({"only": SystemResult({"RR": MeasureResult(Interval(0.5, 0.4, 0.6), None, np.array([0.0, 1.0]))})}, ("q1", "q2"))
    found = parsed(page(report, Material({}, {}, {})))
    assert {"differences", "latency", "per-query", "ceilings", "causes"}.isdisjoint(found.ids)
    assert found.tables["summary-table"][1] == ["only", "0.500 [0.400, 0.600]"]


@pytest.mark.parametrize("text", ["word " * 80, "<&>" * 150], ids=["words", "escaped"])
def test_thousands_of_queries_stay_under_two_megabytes(text: str) -> None:
    queries, systems = 3_000, ("a", "b", "c", "d")
    random = np.random.default_rng(1)
    measures = ("nDCG@10", "RR@10", "R@100")
    why = {f"query-{place}": ["missed", "holes", "false_negatives"] for place in range(queries)}
    report = Report(
        {
            name: SystemResult(
                {measure: MeasureResult(Interval(0.5, 0.4, 0.6), None, random.random(queries)) for measure in measures},
                diagnosis={"measure": "nDCG@10", "ceilings": [], "counts": {"missed": queries}, "queries": why},
            )
            for name in systems
        },
        tuple(f"query-{place}" for place in range(queries)),
        baseline="a",
    )
    texts = {query_id: Query(query_id, text) for query_id in report.query_ids}
    run = Run.from_dict({query_id: {f"{query_id}-{rank}": float(-rank) for rank in range(12)} for query_id in texts})
    qrels = {query_id: {f"{query_id}-11": 1} for query_id in texts}
    made = page(
        report, Material(texts, qrels, dict.fromkeys(systems, run), lambda ids: [Document(doc_id, text, title=text) for doc_id in ids])
    )
    assert len(made.encode()) < LIMIT
    found = parsed(made)
    assert "hits are shown for the" in found.text
    queries_shown = json.loads(found.scripts["data"])["queries"]
    assert len(queries_shown["details"]) > 50


def test_rerankers_and_their_alarms(made: str, parts: Parsed) -> None:
    (titles, row), *_ = cells(parts.tables["rerankers-table"])
    assert titles == ["system", "reranker", "queries", "seconds", "calls", "$", "fell back", "nDCG@10 against its first stage"]
    assert row[:7] == ["</td><b>", "</p><script>", "8", "0.20 (0.025)", "28 (3.5)", "0.008 (0.001)", "1 queries"]
    assert made.count('role="alert"') == 1
    assert "ALARM: &lt;/p&gt;&lt;script&gt; made the ranking worse by the judgments of &lt;i&gt;dev (8 queries)" in made
    assert "&lt;b&gt;windows&lt;/b&gt;: 1 of 8 queries" in made
