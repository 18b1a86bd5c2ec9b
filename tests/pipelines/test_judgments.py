from pathlib import Path

import pytest

from irloom.core.errors import BadLine, BadValue, UnknownName
from irloom.core.intents import IntentQrels
from irloom.core.run import Run
from irloom.core.types import Document, Query
from irloom.data.folder import write_beir
from irloom.data.qrels import write_qrels
from irloom.data.trec import write_run
from irloom.pipelines.judgments import open_judgments


def test_a_file_has_no_protocol(tmp_path: Path) -> None:
    write_qrels({"q": {"a": 2}}, tmp_path / "some.qrels")
    judgments = open_judgments(str(tmp_path / "some.qrels"))
    assert (judgments.qrels, judgments.name, judgments.dataset, judgments.protocol.min_grade) == ({"q": {"a": 2}}, "some.qrels", None, 1)
    with pytest.raises(BadValue, match="split"):
        open_judgments(str(tmp_path / "some.qrels"), split="test")


def test_a_dataset_brings_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Quora's corpus holds its queries: the query itself is taken out of a run that is read."""
    write_beir(tmp_path / "quora", [Document("q", "x"), Document("b", "y")], [Query("q", "x")], {"test": {"q": {"b": 1}}})
    write_run(Run.from_dict({"q": {"q": 2.0, "b": 1.0}}), tmp_path / "run.trec")
    monkeypatch.setenv("IRLOOM_DATA", str(tmp_path))
    judgments = open_judgments("quora")
    assert judgments.dataset is not None
    assert list(judgments.read_run(tmp_path / "run.trec")["q"].doc_ids) == ["b"]
    assert list(open_judgments(str(tmp_path / "quora")).read_run(tmp_path / "run.trec")["q"].doc_ids) == ["q", "b"]
    with pytest.raises(UnknownName, match="split"):
        open_judgments("quora", split="dev")


def test_a_measure_by_intent_decides_what_the_second_column_is(tmp_path: Path) -> None:
    (tmp_path / "q.qrels").write_text("q 1 a 1\nq 2 a 0\nq 2 b 1\n")
    assert isinstance(open_judgments(str(tmp_path / "q.qrels"), measures=["P@1", "StRecall@1"]).qrels, IntentQrels)
    with pytest.raises(BadLine, match="intent-aware measure"):
        open_judgments(str(tmp_path / "q.qrels"), measures=["P@1"])
