"""Run files: reranked, retrieved, compared."""

from pathlib import Path

import pytest

from irloom.core.errors import BadValue, DataError, UnknownDocument, UnknownName
from irloom.core.run import Run
from irloom.core.stage import Reranker
from irloom.core.types import Query
from irloom.data.named import load_dataset
from irloom.data.trec import read_run, write_run
from irloom.pipelines.build import index_bm25
from irloom.pipelines.comparing import evaluate_runs, run_name
from irloom.pipelines.reranking import DatasetCorpus, rerank_file, rerank_in_batches
from irloom.pipelines.retrieving import retrieve_file


@pytest.fixture
def run_file(folder: Path, tmp_path: Path) -> Path:
    index_bm25(tmp_path / "c", dataset=str(folder))
    write_run(retrieve_file(tmp_path / "c", queries=str(folder), k=10), tmp_path / "bm25.trec")
    return tmp_path / "bm25.trec"


def test_queries_from_a_file_or_a_dataset(run_file: Path, folder: Path, tmp_path: Path) -> None:
    from_dataset = read_run(run_file)
    from_file = retrieve_file(tmp_path / "c", queries=str(folder / "queries.jsonl"), k=10)
    assert len(from_dataset) == 8
    assert len(from_file) == 12
    assert {query: list(from_file[query]) for query in from_dataset} == {query: list(from_dataset[query]) for query in from_dataset}


def test_runs_are_compared_by_their_stems(run_file: Path, folder: Path) -> None:
    report = evaluate_runs([run_file], qrels=str(folder), measures=["RR@10"])
    assert list(report.systems) == ["bm25"]
    by_file = evaluate_runs([run_file], qrels=str(folder / "qrels" / "test.tsv"), measures=["RR@10"])
    assert by_file.systems["bm25"].measures["RR@10"].interval == report.systems["bm25"].measures["RR@10"].interval
    assert run_name("a/b/run.v2.trec.gz") == "run.v2"
    with pytest.raises(BadValue, match="'bm25' is there twice"):
        evaluate_runs([run_file, run_file], qrels=str(folder))
    with pytest.raises(UnknownName, match="Did you mean 'train'"):
        evaluate_runs([run_file], qrels=str(folder), split="trian")
    with pytest.raises(BadValue, match="no split"):
        evaluate_runs([run_file], qrels=str(folder / "qrels" / "test.tsv"), split="test")


def test_what_a_reranking_needs_is_checked_first(run_file: Path, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="Did you mean 'maxsim'"):
        rerank_file(run_file, dataset=str(folder), method="maxsims")
    strange = tmp_path / "strange.trec"
    strange.write_text("nobody Q0 d1 1 1.0 x\n")
    with pytest.raises(DataError, match=r"query 'nobody'.*1 of 1"):
        rerank_file(strange, dataset=str(folder), method="maxsim", model="minilm")
    strange.write_text("q1 Q0 nothing 1 1.0 x\n")
    with pytest.raises(UnknownDocument, match="'nothing'"):
        rerank_file(strange, dataset=str(folder), method="maxsim", model="minilm")


def test_batches_give_the_run_of_one_call(run_file: Path) -> None:
    class Backwards(Reranker):
        depth = 5
        fingerprint = "backwards"

        def rerank(self, queries: list[Query], run: Run, *, k: int) -> Run:
            return Run.from_dict(
                {query.id: {doc: float(place) for place, doc in enumerate(run[query.id].doc_ids)} for query in queries}
            ).cut(k)

    run = read_run(run_file)
    queries = [Query(query_id, "") for query_id in run]
    whole = Backwards().rerank(queries, run, k=4)
    parts = rerank_in_batches(Backwards(), run, queries, k=4, progress=lambda *_: None)
    assert {query: list(whole[query]) for query in whole} == {query: list(parts[query]) for query in parts}


def test_a_corpus_of_what_a_run_names(folder: Path) -> None:
    corpus = DatasetCorpus(load_dataset(folder), ["d3", "d1"])
    assert [document.id for document in corpus.fetch(["d1", "d3", "d1"])] == ["d1", "d3", "d1"]
    with pytest.raises(UnknownDocument, match="'d2'"):
        corpus.fetch(["d2"])
