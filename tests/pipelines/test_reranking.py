"""Run files: reranked, retrieved, compared."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from irloom.core.errors import BadValue, ConfigError, DataError, ModelError, UnknownDocument, UnknownName
from irloom.core.run import Run
from irloom.core.stage import Reranker
from irloom.core.types import Query
from irloom.data.named import load_dataset
from irloom.data.trec import read_run, write_run
from irloom.pipelines import reranking
from irloom.pipelines.build import index_bm25
from irloom.pipelines.comparing import evaluate_runs, run_name
from irloom.pipelines.kept_rankings import KeptRankings
from irloom.pipelines.reranking import DatasetCorpus, Reranking, read_settings, rerank_file, rerank_in_batches, write_reranked
from irloom.pipelines.retrieving import retrieve_file
from irloom.rerankers.attention.icr import ICR
from tests.fakes_llm import FakeDecoder
from tests.pipelines.turning import Turning
from tests.rerankers.attention.conftest import Texts


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


@pytest.mark.parametrize("longest_first", [False, True])
def test_a_batch_of_queries_without_room(longest_first: bool) -> None:
    """They keep the order given where another batch did better: before, after, or before an interrupt."""
    texts = Texts()
    short = [Query(f"q{number}", "whale") for number in range(8)]
    long = [Query(f"long{number}", "whale " * 400) for number in range(8 if longest_first else 1)]
    queries = [*long, *short] if longest_first else [*short, *long]
    run = Run.from_rankings({query.id: texts.run["q"] for query in queries})
    reranker = ICR(FakeDecoder(context=500), texts)
    counts: list[tuple[int, int]] = []
    done = rerank_in_batches(reranker, run, queries, k=3, progress=lambda _, made, of: counts.append((made, of)))
    fallback = dict(zip(done, done.notes["fallback"], strict=True))
    for query in long:
        assert done[query.id].doc_ids == run[query.id].cut(3).doc_ids
        assert str(fallback[query.id]).startswith("order given: the query leaves no room")
    assert {fallback[query.id] for query in short} == {""}
    assert done.query_ids == run.query_ids
    assert counts == [(8, len(queries)), (len(queries), len(queries))]
    found = {query.id: done.rows([query.id]) for query in short}
    again = rerank_in_batches(reranker, run, queries, k=3, progress=lambda *_: None, found=found)
    assert again["long0"].doc_ids == done["long0"].doc_ids
    with pytest.raises(ModelError, match=f"all {len(long)} queries failed; the first, 'long0': the query leaves no room"):
        rerank_in_batches(reranker, run, long, k=3, progress=lambda *_: None)


def test_a_corpus_of_what_a_run_names(folder: Path) -> None:
    corpus = DatasetCorpus(load_dataset(folder), ["d3", "d1"])
    assert [document.id for document in corpus.fetch(["d1", "d3", "d1"])] == ["d1", "d3", "d1"]
    with pytest.raises(UnknownDocument, match="'d2'"):
        corpus.fetch(["d2"])


def test_the_model_is_the_first_argument_and_others_are_set(turning: None, run_file: Path, folder: Path, tmp_path: Path) -> None:
    given = {"seconds": 2}
    done = rerank_file(run_file, dataset=str(folder), method="turning", model="m", heads="heads.json", settings=given, depth=3)
    before = read_run(run_file)
    assert list(done.run["q1"].doc_ids) == [*reversed(before["q1"].doc_ids[:3]), *before["q1"].doc_ids[3:]]
    assert done.did.sums == {"calls": 16, "seconds": 16}
    assert done.did.judgments == "animals test"
    assert done.did.against[0].stage == "bm25"
    assert done.did.alarm.startswith("ALARM: turning made the ranking worse by the judgments of animals test (8 queries): nDCG@10")
    by_setting = rerank_file(run_file, dataset=str(folder), method="turning", settings={"model": "m", **given}, depth=3)
    assert list(by_setting.run["q1"]) == list(done.run["q1"])


def test_arguments_that_cannot_be(turning: None, run_file: Path, folder: Path) -> None:
    def call(**more: object) -> None:
        rerank_file(run_file, dataset=str(folder), **{"method": "turning", "model": "m", **more})  # type: ignore[arg-type]

    with pytest.raises(UnknownName, match=r"--set of 'turning': unknown key 'second'.*Did you mean 'seconds'"):
        call(settings={"second": 1})
    with pytest.raises(BadValue, match=r"method\.turning\.seconds is 'a'; expected float"):
        call(settings={"seconds": "a"})
    for key, option in (("model", "--model"), ("depth", "--depth"), ("corpus", "--dataset")):
        with pytest.raises(BadValue, match=option):
            call(settings={key: "x"})
    with pytest.raises(BadValue, match="takes none"):
        call(method="maxsim", model="minilm", heads="h")
    with pytest.raises(ConfigError, match="--model"):
        call(model=None)


def test_settings_of_the_command_line() -> None:
    assert read_settings(["a=1", "b=[x, 2.5]", " c =", "d=a=b", "e={k: 1}"]) == {
        "a": 1,
        "b": ["x", 2.5],
        "c": None,
        "d": "a=b",
        "e": {"k": 1},
    }
    for texts in (["a"], ["=1"], ["a=1", "a=2"], ["a={"]):
        with pytest.raises(BadValue, match="--set"):
            read_settings(texts)


def test_an_interrupted_reranking_goes_on_where_it_stopped(
    turning: None, run_file: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reranking, "_BATCH", 2)
    given, output = run_file.read_bytes(), tmp_path / "turned.trec"

    def call(**more: object) -> Reranking:
        return rerank_file(run_file, dataset=str(folder), method="turning", model="m", kept=KeptRankings(output), **more)  # type: ignore[arg-type]

    whole = rerank_file(run_file, dataset=str(folder), method="turning", model="m")
    monkeypatch.setattr(Turning, "fails_at", "q5")
    with pytest.raises(ModelError, match="endpoint"):
        call()
    monkeypatch.setattr(Turning, "fails_at", "")
    Turning.asked.clear()
    call(depth=4)  # another reranking takes none of these
    assert len(Turning.asked) == 8
    Turning.asked.clear()
    done = call()
    assert Turning.asked == ["q4", "q5", "q6", "q7"]
    assert {query: list(done.run[query]) for query in done.run} == {query: list(whole.run[query]) for query in whole.run}
    assert done.run.notes == whole.run.notes
    assert list(done.run.columns) == list(whole.run.columns)
    assert run_file.read_bytes() == given


def test_notes_stand_beside_the_run(turning: None, run_file: Path, folder: Path, tmp_path: Path) -> None:
    done = rerank_file(run_file, dataset=str(folder), method="turning", model="m")
    path = write_reranked(done, tmp_path / "turned.trec", tag="turning")
    assert path == tmp_path / "turned.trec.notes.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert lines[0] == {"query_id": "q0", "calls": 2, "seconds": 0.5, "fallback": ""}
    assert len(lines) == 8
    plain = replace(done, run=read_run(run_file))
    assert write_reranked(plain, tmp_path / "turned.trec", tag="turning") is None  # old notes would be taken for this run's
    assert not path.exists()
    assert write_reranked(done, Path("/dev/null"), tag="turning") is None
