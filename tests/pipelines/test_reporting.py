"""The files of a report, written again from what `irloom run` left."""

import json
import shutil
from pathlib import Path

import pytest
import yaml

from irloom.core.errors import DataError, UnknownName
from irloom.eval.report_files import DEFAULT_FORMATS, FORMATS
from irloom.pipelines.reporting import rewrite_reports
from irloom.pipelines.running import run_experiment

TEXTS = {"d1": "the cat sat on the mat", "d2": "a dog barks at the moon", "d3": "fish swim in the sea"}
QUERIES = {"q1": "cat mat", "q2": "barking dog"}


def make_dataset(folder: Path) -> Path:
    (folder / "qrels").mkdir(parents=True)
    (folder / "corpus.jsonl").write_text("".join(json.dumps({"_id": key, "text": text}) + "\n" for key, text in TEXTS.items()))
    (folder / "queries.jsonl").write_text("".join(json.dumps({"_id": key, "text": text}) + "\n" for key, text in QUERIES.items()))
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td2\t1\n")
    return folder


@pytest.fixture
def ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What an experiment left; its dataset is found by name."""
    monkeypatch.setenv("IRLOOM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("IRLOOM_DATA", str(tmp_path / "data"))
    make_dataset(tmp_path / "data" / "animals")
    systems = {"bm25": {"bm25": {}}, "flat": {"bm25": {"b": 0.0}}}
    content = {"dataset": "animals", "systems": systems, "measures": ["nDCG@10", "R@2"], "baseline": "bm25"}
    (tmp_path / "experiment.yaml").write_text(yaml.safe_dump(content))
    run_experiment(tmp_path / "experiment.yaml", output=tmp_path / "out")
    return tmp_path / "out"


def read(folder: Path) -> dict[str, bytes]:
    return {name: (folder / FORMATS[name]).read_bytes() for name in DEFAULT_FORMATS}


def test_the_files_come_back_as_they_were(ran: Path) -> None:
    before = read(ran)
    for name in DEFAULT_FORMATS:
        if name != "json":
            (ran / FORMATS[name]).unlink()
    assert rewrite_reports(ran, formats=DEFAULT_FORMATS) == [ran / FORMATS[name] for name in DEFAULT_FORMATS]
    assert read(ran) == before


def test_without_a_collection_the_texts_come_from_the_corpus(ran: Path, tmp_path: Path) -> None:
    before = read(ran)
    shutil.rmtree(tmp_path / "cache")
    rewrite_reports(ran, formats=DEFAULT_FORMATS)
    assert read(ran) == before


def test_without_a_dataset_the_tables_are_written_and_the_page_is_not(ran: Path, tmp_path: Path) -> None:
    before = read(ran)
    moved = (tmp_path / "data" / "animals").rename(tmp_path / "moved")
    assert rewrite_reports(ran, formats=["latex", "markdown"]) == [ran / "table.tex", ran / "table.md"]
    with pytest.raises(UnknownName, match="animals"):
        rewrite_reports(ran, formats=["latex", "html"])
    rewrite_reports(ran, formats=["html"], dataset=str(moved))
    assert read(ran) == before


def test_another_dataset_is_refused(ran: Path, tmp_path: Path) -> None:
    other = make_dataset(tmp_path / "other")
    for name in ("queries.jsonl", "qrels/test.tsv"):
        (other / name).write_text((other / name).read_text().replace("q1", "z1").replace("q2", "z2"))
    before = read(ran)
    with pytest.raises(DataError, match=r"has no judgment of query 'q1' .* name the right one with --dataset"):
        rewrite_reports(ran, formats=["html"], dataset=str(other))
    assert read(ran) == before


def test_a_missing_run_leaves_its_hits_out(ran: Path) -> None:
    (ran / "runs" / "flat.trec").unlink()
    with pytest.warns(UserWarning, match=r"runs/flat\.trec: not there, so the page has no hits of that"):
        rewrite_reports(ran, formats=["html"])
    assert b"a dog barks" in (ran / "report.html").read_bytes()


def test_several_datasets_each_in_its_folder(ran: Path, tmp_path: Path) -> None:
    top = tmp_path / "top"
    for name in ("one", "two"):
        shutil.copytree(ran, top / name)
        (top / name / "report.html").unlink()
    (top / "report.json").write_text(json.dumps({"systems": {}, "datasets": {}}))
    assert rewrite_reports(top, formats=["html"]) == [top / "one" / "report.html", top / "two" / "report.html"]
    assert (top / "two" / "report.html").exists()


def test_no_experiment_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="give the folder that `irloom run` wrote"):
        rewrite_reports(tmp_path / "nothing", formats=["html"])
    (tmp_path / "report.json").write_text("{")
    with pytest.raises(DataError, match="is no JSON"):
        rewrite_reports(tmp_path, formats=["html"])


def test_a_report_on_a_file_of_judgments(ran: Path, tmp_path: Path) -> None:
    """As `irloom evaluate --qrels FILE --output` leaves it: the tables can be written again, the page needs a dataset."""
    judgments = tmp_path / "judged.qrels"
    judgments.write_text("q1 0 d1 1\nq2 0 d2 1\n")
    content = json.loads((ran / "report.json").read_text())
    (ran / "report.json").write_text(json.dumps(content | {"dataset": str(judgments)}))
    with pytest.raises(DataError, match=r"judged\.qrels', which is no dataset to take texts and judgments from .* --dataset"):
        rewrite_reports(ran, formats=["html"])
    assert rewrite_reports(ran, formats=["latex"]) == [ran / "table.tex"]
    assert rewrite_reports(ran, formats=["html"], dataset="animals") == [ran / "report.html"]
