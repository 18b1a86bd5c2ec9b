import json
from pathlib import Path

import pytest

from irloom.core.errors import DataError
from irloom.core.run import Run
from irloom.eval.diagnosis import StageRun, diagnose
from irloom.eval.evaluate import evaluate
from irloom.eval.report import Report, make_report
from irloom.eval.report_files import with_diagnoses
from irloom.eval.report_reading import read_report, report_from_json

QRELS = {f"q{place}": {"a": 1} for place in range(6)}


@pytest.fixture
def report() -> Report:
    runs = {
        "bm25": Run.from_dict({query: {"a": float(place % 2), "b": 0.5} for place, query in enumerate(QRELS)}),
        "dense": Run.from_dict({query: {"a": 1.0, "b": 0.5} for query in QRELS}),
    }
    evaluations = {name: evaluate(run, QRELS, ["RR@10", "P@1"]) for name, run in runs.items()}
    made = make_report(evaluations, dataset="toy", baseline="bm25", latency_ms={"bm25": 1.0}, resamples=50, min_grade=1, facts={"x": "y"})
    return with_diagnoses(made, {"dense": diagnose([StageRun("dense", runs["dense"], 0.5)], QRELS)})


def test_it_comes_back_whole(report: Report, tmp_path: Path) -> None:
    content = json.dumps(report.to_json())
    (tmp_path / "report.json").write_text(content)
    assert json.dumps(read_report(tmp_path / "report.json").to_json()) == content


def test_one_of_the_first_release_is_read(report: Report) -> None:
    old = json.loads(json.dumps(report.to_json()))
    for key in ("min_grade", "facts", "significance"):
        del old[key]
    for system in old["systems"].values():
        system.pop("diagnosis", None)
        del system["letter"]
        for entry in system["measures"].values():
            entry.pop("p", None)
            del entry["beats"]
    back = report_from_json(old)
    assert back.systems["dense"].measures["P@1"].p is None
    assert back.systems["dense"].measures["P@1"].delta == report.systems["dense"].measures["P@1"].delta


@pytest.mark.parametrize(
    "content",
    ["{}", "[]", "3", "not json", '{"query_ids": ["a"], "systems": {"x": 3}}', '{"datasets": {}, "systems": {}}', "\ud800"],
)
def test_what_is_no_report_is_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / "report.json").write_bytes(content.encode("utf-8", "surrogatepass"))
    with pytest.raises(DataError, match=r"report\.json is no .*run the experiment again"):
        read_report(tmp_path / "report.json")


def test_a_missing_value_is_refused(report: Report) -> None:
    content = json.loads(json.dumps(report.to_json()))
    content["systems"]["dense"]["measures"]["P@1"]["values"].pop()
    with pytest.raises(ValueError, match="P@1"):
        report_from_json(content)


def test_no_file() -> None:
    with pytest.raises(DataError, match=r"does not exist; give the folder that `irloom run` wrote"):
        read_report("/nowhere/report.json")
    with pytest.raises(DataError, match="does not exist; give the folder"):
        read_report(Path(__file__) / "report.json")


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        (["dataset"], 7),
        (["baseline"], 7),
        (["versions"], 7),
        (["facts"], []),
        (["systems", "dense", "latency_ms"], "fast"),
        (["systems", "dense", "diagnosis"], "lost"),
    ],
)
def test_a_value_of_another_kind_is_refused(report: Report, tmp_path: Path, keys: list[str], value: object) -> None:
    content = json.loads(json.dumps(report.to_json()))
    place = content
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = value
    (tmp_path / "report.json").write_text(json.dumps(content))
    with pytest.raises(DataError, match=r"report\.json is no report .* is wanted"):
        read_report(tmp_path / "report.json")
