import shutil
from pathlib import Path

import pytest

from irloom.core.errors import BadLine, UnknownName
from irloom.core.run import Run
from irloom.core.types import Document, Query
from irloom.data.folder import write_beir
from irloom.data.trec import write_run
from irloom.pipelines.comparing import evaluate_runs, run_name


def test_a_name_brings_its_protocol_and_a_path_does_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ArguAna's corpus holds its queries: the query itself, at rank 1, is taken out, and "b" moves up from rank 2 to 1."""
    write_beir(tmp_path / "arguana", [Document("a", "x"), Document("b", "y")], [Query("a", "x")], {"test": {"a": {"b": 1}}})
    write_run(Run.from_dict({"a": {"a": 2.0, "b": 1.0}}), tmp_path / "bm25.trec")
    monkeypatch.setenv("IRLOOM_DATA", str(tmp_path))
    named = evaluate_runs([tmp_path / "bm25.trec"], qrels="arguana", measures=["RR@10"])
    assert named.systems["bm25"].measures["RR@10"].interval.mean == 1.0
    shutil.move(tmp_path / "arguana", tmp_path / "elsewhere")
    plain = evaluate_runs([tmp_path / "bm25.trec"], qrels=str(tmp_path / "elsewhere"), measures=["RR@10"])
    assert plain.systems["bm25"].measures["RR@10"].interval.mean == 0.5


@pytest.mark.parametrize(("name", "stem"), [("a.trec", "a"), ("a.trec.gz", "a"), ("a.b.run", "a.b")])
def test_a_run_is_named_by_its_stem(name: str, stem: str) -> None:
    assert run_name(Path("runs") / name) == stem


def test_a_measure_by_intent_reads_the_second_column(tmp_path: Path) -> None:
    """Two intents; "a" meets one of them. Without such a measure the file is refused: "a" has two grades."""
    write_run(Run.from_dict({"q": {"a": 2.0, "b": 1.0}}), tmp_path / "r.trec")
    (tmp_path / "q.qrels").write_text("q 1 a 1\nq 2 a 0\nq 2 b 1\n")
    report = evaluate_runs([tmp_path / "r.trec"], qrels=str(tmp_path / "q.qrels"), measures=["StRecall@1", "P@1"])
    assert {name: found.interval.mean for name, found in report.systems["r"].measures.items()} == {"StRecall@1": 0.5, "P@1": 1.0}
    with pytest.raises(BadLine, match=r"line 2: .* intent-aware measure such as alpha_nDCG@20"):
        evaluate_runs([tmp_path / "r.trec"], qrels=str(tmp_path / "q.qrels"), measures=["P@1"])


def test_the_report_says_from_which_grade_on_documents_are_relevant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """TREC DL: grade 1 is not relevant to a binary measure."""
    write_beir(tmp_path / "trec-dl-2019", [Document("a", "x"), Document("b", "y")], [Query("q", "x")], {"test": {"q": {"a": 1, "b": 2}}})
    write_run(Run.from_dict({"q": {"a": 2.0, "b": 1.0}}), tmp_path / "r.trec")
    monkeypatch.setenv("IRLOOM_DATA", str(tmp_path))
    report = evaluate_runs([tmp_path / "r.trec"], qrels="trec-dl-2019", measures=["RR@10"])
    assert (report.min_grade, report.systems["r"].measures["RR@10"].interval.mean) == (2, 0.5)


def test_an_unknown_measure_is_found_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="nCDG@10"):
        evaluate_runs([tmp_path / "missing.trec"], qrels=str(tmp_path / "missing"), measures=["nCDG@10"])
