import json
from pathlib import Path

import pytest

from irloom.core import files
from irloom.core.errors import MissingExtra, UnknownName
from irloom.core.run import Run
from irloom.core.types import Document, Query
from irloom.eval.diagnosis import StageRun, diagnose
from irloom.eval.evaluate import evaluate
from irloom.eval.pages.browser import Material
from irloom.eval.report import Report, make_report
from irloom.eval.report_files import DEFAULT_FORMATS, FORMATS, content, write_formats, write_reports

QRELS = {f"q{place}": {"a": 1} for place in range(4)}
RUNS = {
    "bm25": Run.from_dict({query: {"a": float(place % 2), "b": 0.5} for place, query in enumerate(QRELS)}),
    "dense": Run.from_dict({query: {"a": 1.0, "b": 0.5} for query in QRELS}),
}


@pytest.fixture
def report() -> Report:
    return make_report({name: evaluate(run, QRELS, ["RR@10", "P@1"]) for name, run in RUNS.items()}, baseline="bm25", resamples=50)


def write(folder: Path, report: Report) -> None:
    write_reports(
        folder,
        report,
        queries={query: Query(query, f"text of {query}") for query in QRELS},
        qrels=QRELS,
        runs=RUNS,
        fetch=lambda ids: [Document(doc_id, f"body of {doc_id}") for doc_id in ids],
        diagnoses={name: diagnose([StageRun(name, run, 0.5)], QRELS) for name, run in RUNS.items()},
    )


def test_every_file_but_parquet(report: Report, tmp_path: Path) -> None:
    write(tmp_path / "new", report)
    assert {path.name for path in (tmp_path / "new").iterdir()} == {FORMATS[name] for name in DEFAULT_FORMATS}
    plain = json.loads((tmp_path / "new" / "report.json").read_text())
    assert plain["systems"]["dense"]["diagnosis"]["ceilings"][0]["recall"] == 1.0
    lines = (tmp_path / "new" / "per_query.jsonl").read_text().splitlines()
    assert json.loads(lines[3])["text"] == "text of q3"
    assert "body of a" in (tmp_path / "new" / "report.html").read_text()
    assert (tmp_path / "new" / "table.md").read_text().startswith("| system | RR@10 | P@1 |")
    assert r"\toprule" in (tmp_path / "new" / "table.tex").read_text()


def test_written_twice_it_is_the_same(report: Report, tmp_path: Path) -> None:
    write(tmp_path / "a", report)
    write(tmp_path / "b", report)
    for name in DEFAULT_FORMATS:
        assert (tmp_path / "a" / FORMATS[name]).read_bytes() == (tmp_path / "b" / FORMATS[name]).read_bytes()


def test_a_full_disk_leaves_what_was_there(report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, report)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def full(action: str, path: Path) -> None:
        if action == "write" and "report.html" in path.name:
            raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(files, "fail_points", [full])
    with pytest.raises(OSError, match="No space"):
        write(tmp_path, report)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_an_unknown_format_writes_nothing(report: Report, tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="Did you mean 'html'"):
        write_formats(tmp_path, report, Material({}, {}, {}), formats=["json", "htm"])
    assert list(tmp_path.iterdir()) == []


def test_parquet_without_pyarrow_names_the_extra(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(MissingExtra, match=r"irloom\[data\]"):
        content("parquet", report, Material({}, {}, {}))
