import shutil
from pathlib import Path

import pytest

from irloom.core.errors import BadValue, DataError, UnknownDocument, UnknownName
from irloom.core.run import Run
from irloom.core.types import Document, Query
from irloom.data.folder import write_beir
from irloom.data.named import load_dataset
from irloom.data.qrels import write_qrels
from irloom.data.trec import write_run
from irloom.pipelines.pooling import pool_files, pool_holes, pool_judged


@pytest.fixture
def runs(tmp_path: Path) -> list[Path]:
    write_run(Run.from_dict({"q": {"q": 3.0, "a": 2.0, "b": 1.0}}), tmp_path / "one.trec")
    write_run(Run.from_dict({"q": {"b": 2.0, "c": 1.0}}), tmp_path / "two.trec")
    documents = [Document(doc_id, f"text of {doc_id}", doc_id.upper()) for doc_id in "abq"] + [Document("c", "text of c")]
    write_beir(tmp_path / "data" / "arguana", documents, [Query("q", "a question")], {"test": {"q": {"a": 1}}})
    return [tmp_path / "one.trec", tmp_path / "two.trec"]


def test_ids_alone(runs: list[Path]) -> None:
    items = pool_files(runs, depth=2)
    assert {(item.doc_id, tuple(item.sources.items())) for item in items} == {
        ("q", (("one", 1),)),
        ("a", (("one", 2),)),
        ("b", (("two", 1),)),
        ("c", (("two", 2),)),
    }
    assert {item.text for item in items} == {""}


def test_texts_and_protocol(runs: list[Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """ArguAna by its name takes the query itself out; the same folder by its path does not."""
    monkeypatch.setenv("IRLOOM_DATA", str(tmp_path / "data"))
    items = {item.doc_id: item for item in pool_files(runs, dataset="arguana")}
    assert set(items) == {"a", "b", "c"}
    assert (items["a"].query, items["a"].title, items["a"].text) == ("a question", "A", "text of a")
    assert "q" in {item.doc_id for item in pool_files(runs, dataset=str(tmp_path / "data" / "arguana"))}


def test_what_is_judged_is_left_out(runs: list[Path], tmp_path: Path) -> None:
    write_qrels({"q": {"a": 0}}, tmp_path / "first.qrels")
    write_qrels({"q": {"b": 1}, "other": {"c": 1}}, tmp_path / "second.qrels")
    items = pool_files(runs, qrels=[tmp_path / "first.qrels", tmp_path / "second.qrels"])
    assert {item.doc_id for item in items} == {"q", "c"}


def test_refused(runs: list[Path], tmp_path: Path) -> None:
    folder = tmp_path / "data" / "arguana"
    write_run(Run.from_dict({"unknown": {"a": 1.0}}), tmp_path / "other.trec")
    with pytest.raises(DataError, match="query 'unknown'"):
        pool_files([tmp_path / "other.trec"], dataset=str(folder))
    write_run(Run.from_dict({"q": {"zz": 1.0}}), tmp_path / "other.trec")
    with pytest.raises(UnknownDocument, match="'zz'"):
        pool_files([tmp_path / "other.trec"], dataset=str(folder))
    shutil.copy(runs[0], tmp_path / "one.run")
    with pytest.raises(BadValue, match="'one' is there twice"):
        pool_files([runs[0], tmp_path / "one.run"])
    (tmp_path / "empty.trec").touch()
    with pytest.raises(DataError, match=r"empty\.trec holds no ranking"):
        pool_files([runs[0], tmp_path / "empty.trec"])


def test_what_a_dataset_judges_is_left_out(runs: list[Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("IRLOOM_DATA", str(tmp_path / "data"))
    assert {item.doc_id for item in pool_files(runs, qrels=["arguana"])} == {"q", "b", "c"}
    with pytest.raises(UnknownName, match="nowhere"):
        pool_files(runs, qrels=["nowhere"])


def test_what_is_judged_already_is_pooled_without_its_grades(folder: Path) -> None:
    items = pool_judged(str(folder), dataset=str(folder), seed=3)
    qrels = load_dataset(folder).qrels()
    assert {(item.query_id, item.doc_id) for item in items} == {(query, doc) for query, row in qrels.items() for doc in row}
    assert all(item.text and item.query and not item.sources for item in items)
    assert pool_judged(str(folder), split="train") != items


def test_holes_are_those_of_judged_queries(folder: Path, tmp_path: Path) -> None:
    write_qrels({"q1": {"d1": 1}, "q2": {"d3": 0}}, tmp_path / "human.qrels")
    run = tmp_path / "bm25.trec"
    run.write_text("".join(f"{query} Q0 {doc} {rank} {-rank} t\n" for query in ("q1", "q3") for rank, doc in enumerate(("d1", "d2", "d4"))))
    items = pool_holes([run], qrels=tmp_path / "human.qrels", dataset=str(folder), depth=2)
    assert [(item.query_id, item.doc_id) for item in items] == [("q1", "d2")]
    assert items[0].query
    assert items[0].text
    assert pool_holes([run], qrels=tmp_path / "human.qrels", dataset=str(folder), depth=1) == []
    of_dataset = pool_holes([run], qrels=str(folder), depth=3)
    assert all(item.text for item in of_dataset)
    assert {item.query_id for item in of_dataset} == {"q1", "q3"}
