import json

import numpy as np

from irloom.core.run import Run
from irloom.core.types import Document, Query
from irloom.eval.bootstrap import Interval
from irloom.eval.pages.browser import Material, browser, by_interest, compact, cut
from irloom.eval.report import MeasureResult, Report, SystemResult


def report_of(**systems: list[float]) -> Report:
    results = {
        name: SystemResult(
            {"RR": MeasureResult(Interval(0, 0, 0), None, np.array(values)), "P": MeasureResult(Interval(0, 0, 0), None, np.array(values))}
        )
        for name, values in systems.items()
    }
    return Report(results, tuple(f"q{place}" for place in range(len(next(iter(systems.values()))))), min_grade=2)


def test_most_interesting_first() -> None:
    assert by_interest(report_of(a=[0.5, 1.0, 0.0, 0.2], b=[0.5, 0.0, 0.0, 0.4])) == [1, 3, 2, 0]


def test_hits_grades_and_what_was_missed() -> None:
    """q0: a ranks d0 first and d11 twelfth; b finds only d1. Relevant from grade 2: d0, d11, gone; d1 has 1, d2 has 0."""
    report = report_of(a=[0.5], b=[0.1])
    runs = {"a": Run.from_dict({"q0": {f"d{rank}": 20.0 - rank for rank in range(12)}}), "b": Run.from_dict({"q0": {"d1": 1.0}})}
    qrels = {"q0": {"d0": 2, "d11": 3, "gone": 2, "d1": 1, "d2": 0}}
    data = browser(report, Material({"q0": Query("q0", "what  is\nit")}, qrels, runs), room=100_000)
    detail, ids = data["details"]["q0"], [entry[0] for entry in data["documents"]]
    assert data["texts"] == ["what is it"]
    assert [[ids[number] for number in row] for row in detail["hits"]] == [[f"d{rank}" for rank in range(10)], ["d1"]]
    assert [(ids[number], *ranks) for number, *ranks in detail["missed"]] == [("d11", 12, 0), ("d0", 1, 0), ("gone", 0, 0)]
    assert {ids[int(number)]: grade for number, grade in detail["grades"].items()} == qrels["q0"]
    assert (detail["more"], data["left_out"], data["hits"]) == (0, [], 10)


def test_a_long_list_of_relevant_documents_is_cut_and_counted() -> None:
    report = report_of(a=[0.0])
    qrels = {"q0": {f"d{place:02}": 2 for place in range(25)}}
    detail = browser(report, Material({}, qrels, {}), room=100_000)["details"]["q0"]
    assert (len(detail["missed"]), detail["more"]) == (10, 15)


def test_what_has_no_room_is_left_out_and_said() -> None:
    queries = 2_000
    random = np.random.default_rng(0)
    report = report_of(a=random.random(queries).tolist(), b=random.random(queries).tolist())
    texts = {f"q{place}": Query(f"q{place}", "word " * 60) for place in range(queries)}
    runs = {name: Run.from_dict({query: {f"{query}-{rank}": -rank for rank in range(20)} for query in texts}) for name in ("a", "b")}

    def fetch(ids: list[str]) -> list[Document]:
        return [Document(doc_id, "text " * 100) for doc_id in ids]

    material = Material(texts, {query: {f"{query}-0": 2} for query in texts}, runs, fetch)
    for room in (60_000, 300_000, 900_000):
        data = browser(report, material, room=room)
        assert len(json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode()) <= room
        assert data["left_out"]
        assert len(data["ids"]) == len(data["texts"]) == len(data["values"][0][0])
        assert set(data["details"]) <= set(data["ids"])
    assert len(data["ids"]) == queries
    assert 0 < len(data["details"]) < queries
    order = by_interest(report)
    assert list(data["details"]) == [report.query_ids[place] for place in order[: len(data["details"])]]


def test_values_are_short() -> None:
    assert json.dumps([compact(value) for value in (0.0, 1.0, 1 / 3, 12.00001)]) == "[0, 1, 0.3333, 12]"
    assert cut("a  b\nc", 4) == "a b…"
    assert cut("a  b\nc", 5) == "a b c"
