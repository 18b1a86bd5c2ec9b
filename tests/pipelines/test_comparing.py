import shutil
from pathlib import Path

import pytest

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
