"""Run files: reranked, retrieved, compared."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from irloom.core.errors import BadValue, ConfigError, DataError, ModelError, UnknownDocument, UnknownName
from irloom.data.trec import read_run, write_run
from irloom.pipelines import reranking
from irloom.pipelines.build import index_bm25
from irloom.pipelines.comparing import evaluate_runs, run_name
from irloom.pipelines.kept_rankings import KeptRankings
from irloom.pipelines.reranking import Reranking, read_settings, rerank_file, write_reranked
from irloom.pipelines.retrieving import retrieve_file
from tests.pipelines.turning import Turning


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


def test_what_k_cuts_off_is_no_alarm(turning: None, run_file: Path, folder: Path) -> None:
    before = read_run(run_file)
    done = rerank_file(run_file, dataset=str(folder), method="turning", model="m", depth=1, k=1)  # one document has no other order
    assert all(list(done.run[query].doc_ids) == list(before[query].doc_ids[:1]) for query in before)
    assert (done.did.against[0].difference.mean, done.did.alarm) == (0.0, "")


def test_a_run_that_cannot_be_written_leaves_the_old_one_its_notes(turning: None, run_file: Path, folder: Path, tmp_path: Path) -> None:
    done = rerank_file(run_file, dataset=str(folder), method="turning", model="m")
    path = write_reranked(done, tmp_path / "turned.trec", tag="turning")
    assert path is not None
    with pytest.raises(BadValue):
        write_reranked(done, tmp_path / "turned.trec", tag="not a tag")
    assert path.exists()


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
