"""People's judgments with a model's labels in their holes, never without saying whose each is."""

import json
from pathlib import Path

import pytest

from irloom.core.errors import BadLine, BadValue, DataError
from irloom.data.pool import PoolItem
from irloom.data.qrels import read_qrels, write_qrels
from irloom.pipelines.agreeing import agreement_of
from irloom.pipelines.comparing import evaluate_runs
from irloom.pipelines.filling import fill
from irloom.pipelines.judge_prompts import PROMPTS
from irloom.pipelines.judgments import open_judgments
from irloom.pipelines.label_provenance import provenance_path, sources_of
from irloom.pipelines.model_judge import ModelJudge
from irloom.pipelines.model_judging import ModelJudging
from tests.fakes_llm import FakeGenerator
from tests.pipelines.test_model_judge import by_word

HUMAN = {"q1": {"a": 3, "b": 0}, "q2": {"a": 1}}
POOL = [("q1", "b", "2"), ("q1", "c", "2"), ("q1", "d", "none"), ("q2", "c", "1"), ("q9", "a", "3")]


@pytest.fixture
def human(tmp_path: Path) -> Path:
    write_qrels(HUMAN, tmp_path / "human.qrels")
    return tmp_path / "human.qrels"


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    """b was judged by people too, d's answer cannot be read, q9 no person judged."""
    output = tmp_path / "umbrela.qrels"
    items = [PoolItem(query_id, doc_id, "a query", "", text) for query_id, doc_id, text in POOL]
    with ModelJudging(items, output, judge=ModelJudge(FakeGenerator(by_word), PROMPTS["umbrela"])) as judging:
        judging.run()
    return output


def test_holes_are_filled_and_nothing_else(human: Path, labels: Path, tmp_path: Path) -> None:
    output = tmp_path / "filled.qrels"
    done = fill(str(human), labels, output)
    assert read_qrels(output) == {"q1": {"a": 3, "b": 0, "c": 2}, "q2": {"a": 1, "c": 1}}
    assert (done.human, done.model, done.judged, done.elsewhere, done.unread) == (3, 2, 1, 1, 1)
    assert done.judge == "umbrela by FakeGenerator"
    lines = [json.loads(line) for line in provenance_path(output).read_text().splitlines()]
    kinds = {(line["query_id"], line["doc_id"]): (line["kind"], line["judge"]) for line in lines}
    assert kinds[("q1", "a")] == ("human", "human.qrels")
    assert kinds[("q1", "c")] == ("model", "umbrela by FakeGenerator")
    assert len(lines) == 5
    assert read_qrels(human) == HUMAN


def test_judgments_of_another_making_are_never_written_over(human: Path, labels: Path, tmp_path: Path) -> None:
    theirs, output = tmp_path / "theirs.qrels", tmp_path / "filled.qrels"
    theirs.write_bytes(human.read_bytes())
    with pytest.raises(BadValue, match=r"theirs\.qrels.*'irloom fill' did not write"):
        fill(str(human), labels, theirs)
    assert theirs.read_bytes() == human.read_bytes()
    assert not provenance_path(theirs).exists()
    output.write_bytes(b"")
    assert fill(str(human), labels, output) == fill(str(human), labels, output)  # an empty file, and what it wrote before


def test_who_reads_the_file_is_told_of_the_model(human: Path, labels: Path, tmp_path: Path) -> None:
    output, run = tmp_path / "filled.qrels", tmp_path / "bm25.trec"
    fill(str(human), labels, output)
    run.write_text("q1 Q0 c 1 1.0 t\nq2 Q0 a 1 1.0 t\n")
    told = "2 of 5 judgments are a model's and no person's: 2 by 'umbrela by FakeGenerator'"
    assert evaluate_runs([run], qrels=str(output)).facts == {"labels of models": told}
    assert "labels of models" in evaluate_runs([run], qrels=str(labels)).facts
    assert evaluate_runs([run], qrels=str(human)).facts == {}
    assert open_judgments(str(labels)).models == {"umbrela by FakeGenerator": 5}


def test_agreement_tells_of_labels_that_could_not_be_read(human: Path, labels: Path) -> None:
    found = agreement_of([human, labels])
    assert found.unread == {"umbrela": 1}
    assert found.pairs[0].table == {(0, 2): 1}
    assert found.to_json()["unread"] == {"umbrela": 1}


def test_what_is_never_mixed(human: Path, labels: Path, tmp_path: Path) -> None:
    filled = tmp_path / "filled.qrels"
    fill(str(human), labels, filled)
    with pytest.raises(DataError, match="holds a model's labels already"):
        fill(str(filled), labels, tmp_path / "again.qrels")
    with pytest.raises(DataError, match="holds a model's labels already"):
        fill(str(labels), labels, tmp_path / "again.qrels")
    for place in (filled, human):
        with pytest.raises(DataError, match="has no log of a model's labels"):
            fill(str(human), place, tmp_path / "again.qrels")
    for place in (human, labels):
        with pytest.raises(BadValue, match="none of those that are read"):
            fill(str(human), labels, place)
    assert not (tmp_path / "again.qrels").exists()
    write_qrels({"q1": {"c": 1}}, labels)
    with pytest.raises(DataError, match="do not hold the same labels"):
        fill(str(human), labels, tmp_path / "again.qrels")


def test_a_dataset_is_a_judge(folder: Path, labels: Path, tmp_path: Path) -> None:
    done = fill(str(folder), labels, tmp_path / "filled.qrels")
    assert done.human == sum(map(len, open_judgments(str(folder)).qrels.values()))
    assert done.elsewhere == 1
    assert done.model == 3
    assert next(iter(sources_of(tmp_path / "filled.qrels").values())).judge == "animals"


@pytest.mark.parametrize("line", ["[]", "{}", '{"query_id": "q1", "doc_id": "a", "grade": 1, "kind": "dog", "judge": "x"}', "broken"])
def test_a_broken_sidecar_is_an_error_and_no_silence(human: Path, line: str) -> None:
    provenance_path(human).write_text(line + "\n")
    with pytest.raises(BadLine, match="line 1"):
        open_judgments(str(human))
