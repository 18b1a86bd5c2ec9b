from collections.abc import Sequence
from pathlib import Path

import pytest

from irloom.core.errors import BadLine, BadValue, DataError
from irloom.core.run import Run
from irloom.core.types import Document, Query
from irloom.data.folder import write_beir
from irloom.data.qrels import write_qrels
from irloom.data.trec import write_run
from irloom.pipelines.diagnosing import diagnose_files, near_duplicates_shown
from irloom.text.minhash import NearDuplicate

TEXTS = {
    "rel": "the quick brown fox jumps over the lazy dog by the river",
    "copy": "The quick brown fox jumps over the lazy dog, by the river!",
    "other": "an entirely different text about ships and the sea",
    "ship": "an entirely different text about ships and the sea",
}


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """q1's ranking has a copy of the relevant document at its top; "rel" itself was first and is third after the second stage."""
    documents = [Document(doc_id, text) for doc_id, text in TEXTS.items()]
    write_beir(tmp_path / "foxes", documents, [Query("q1", "where is the fox")], {"test": {"q1": {"rel": 1, "gone": 1}}})
    write_run(Run.from_dict({"q1": {"rel": 3.0, "copy": 2.0, "other": 1.0}}), tmp_path / "first.trec")
    write_run(Run.from_dict({"q1": {"copy": 3.0, "other": 2.0, "rel": 1.0}}), tmp_path / "second.trec")
    return tmp_path / "foxes"


def test_with_a_dataset(dataset: Path, tmp_path: Path) -> None:
    """The judged document that the corpus lacks is passed over where texts are compared."""
    done = diagnose_files([tmp_path / "first.trec", tmp_path / "second.trec"], qrels=str(dataset), measure="nDCG@2")
    query = done.diagnosis.queries[0]
    assert query.causes == ("missed", "demoted", "holes", "false_negatives")
    assert [(one.doc_id, one.reason, one.of, one.strength) for one in query.suspects] == [("copy", "near_duplicate", "rel", 1.0)]
    assert [stage.stage for stage in done.diagnosis.ceilings] == ["first", "second"]
    assert done.texts == {"q1": "where is the fox"}
    assert done.looked_for_duplicates


def test_with_a_file(dataset: Path, tmp_path: Path) -> None:
    write_qrels({"q1": {"rel": 1}}, tmp_path / "some.qrels")
    runs = [tmp_path / "first.trec", tmp_path / "second.trec"]
    done = diagnose_files(runs, qrels=str(tmp_path / "some.qrels"), measure="nDCG@2")
    assert (done.texts, done.looked_for_duplicates) == ({}, False)
    assert done.diagnosis.queries[0].causes == ("demoted", "holes")
    done = diagnose_files(runs, qrels=str(tmp_path / "some.qrels"), dataset=str(dataset), measure="nDCG@2")
    assert done.diagnosis.counts["false_negatives"] == 1
    done = diagnose_files(runs, qrels=str(tmp_path / "some.qrels"), dataset=str(dataset), measure="nDCG@2", similarity=0)
    assert not done.looked_for_duplicates
    assert done.texts == {"q1": "where is the fox"}


def test_fusion_read_and_peers(dataset: Path, tmp_path: Path) -> None:
    write_run(Run.from_dict({"q1": {"other": 3.0}}), tmp_path / "fused.trec")
    runs = [tmp_path / "first.trec", tmp_path / "second.trec", tmp_path / "fused.trec"]
    done = diagnose_files(runs, qrels=str(dataset), measure="nDCG@1", fusion=True)
    assert done.diagnosis.queries[0].relevant[0].stage == 2  # the fusion dropped what the first had within the cut
    chain = diagnose_files(runs, qrels=str(dataset), measure="nDCG@1", read=2)
    assert chain.diagnosis.ceilings[0].depth == 2
    voted = diagnose_files(runs[1:2], qrels=str(dataset), measure="nDCG@2", similarity=0, peers=runs[:1], top=3)
    assert [one.doc_id for one in voted.diagnosis.queries[0].suspects] == ["copy", "other"]


def test_refused(dataset: Path, tmp_path: Path) -> None:
    runs = [tmp_path / "first.trec", tmp_path / "second.trec"]
    with pytest.raises(BadValue, match="three files"):
        diagnose_files(runs, qrels=str(dataset), fusion=True)
    with pytest.raises(BadValue, match="read"):
        diagnose_files(runs, qrels=str(dataset), read=0)
    with pytest.raises(BadValue, match="similarity"):
        diagnose_files(runs, qrels=str(dataset), similarity=1.5)
    with pytest.raises(BadValue, match="runs"):
        diagnose_files([], qrels=str(dataset))
    write_run(Run.from_dict({"zz": {"a": 1.0}}), tmp_path / "elsewhere.trec")
    with pytest.raises(DataError, match=r"elsewhere\.trec: the run and the judgments share no query"):
        diagnose_files([tmp_path / "elsewhere.trec", runs[1]], qrels=str(dataset))
    write_qrels({"q1": {"rel": 1}}, tmp_path / "judged.txt")
    write_beir(tmp_path / "ships", [Document("rel", "a ship")], [Query("s1", "where is the ship")], {"test": {"s1": {"rel": 1}}})
    with pytest.raises(DataError, match=r"query 'q1' of the runs is not among those of .*ships"):
        diagnose_files(runs, qrels=str(tmp_path / "judged.txt"), dataset=str(tmp_path / "ships"))


def test_only_what_is_shown_or_relevant_is_compared() -> None:
    """ "ship" is the same as "other", but below the cut."""
    asked: list[str] = []

    def fetch(doc_ids: Sequence[str]) -> list[Document]:
        asked.extend(doc_ids)
        return [Document(doc_id, TEXTS[doc_id]) for doc_id in doc_ids if doc_id in TEXTS]

    run = Run.from_dict({"q1": {"copy": 3.0, "other": 2.0, "ship": 1.0}, "unjudged": {"ship": 1.0}})
    pairs = near_duplicates_shown([run], {"q1": {"rel": 1, "ship": 0, "gone": 1}, "q2": {"rel": 1}}, fetch, cut=2)
    assert pairs == [NearDuplicate("rel", "copy", 1.0)]
    assert asked == ["rel", "gone", "copy", "other"]


def test_a_dataset_that_is_only_a_corpus(dataset: Path, tmp_path: Path) -> None:
    write_qrels({"q1": {"rel": 1}}, tmp_path / "judged.txt")
    (dataset / "queries.jsonl").unlink()
    with pytest.warns(UserWarning, match="has no queries; .* queries are shown by their ids alone"):
        done = diagnose_files([tmp_path / "second.trec"], qrels=str(tmp_path / "judged.txt"), dataset=str(dataset))
    assert (done.texts, done.looked_for_duplicates) == ({}, True)
    assert "false_negatives" in done.diagnosis.queries[0].causes
    (dataset / "queries.jsonl").write_text("no JSON\n")
    with pytest.raises(BadLine, match=r"queries\.jsonl line 1"):
        diagnose_files([tmp_path / "second.trec"], qrels=str(tmp_path / "judged.txt"), dataset=str(dataset))
