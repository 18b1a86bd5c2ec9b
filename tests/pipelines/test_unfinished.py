"""An interrupted experiment goes on where it stopped."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import yaml

from irloom.core import files
from irloom.core.types import Query
from irloom.fusion.rrf import RRF
from irloom.indexing.collection import Collection
from irloom.pipelines.difference import diff_folders
from irloom.pipelines.running import run_experiment
from irloom.pipelines.shared import Made
from irloom.pipelines.unfinished import Unfinished
from irloom.retrievers.bm25 import BM25
from tests.contracts.stages import QUERIES, write


@contextmanager
def interrupted_at(name: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Ctrl-C as soon as a file of that name is written."""

    def point(action: str, path: Path) -> None:
        if name in path.name:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(files, "fail_points", [point])
        with pytest.raises(KeyboardInterrupt):
            yield


def test_finished_systems_are_not_run_again(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, out = tmp_path / "e.yaml", tmp_path / "out"
    systems = {"one": {"bm25": {}}, "two": {"bm25": {"b": 0.0}}, "both": {"rrf": {"of": ["one", "two"]}}}
    path.write_text(yaml.safe_dump({"dataset": str(folder), "systems": systems, "k": 20}, sort_keys=False))
    with interrupted_at("two.trec", monkeypatch):
        run_experiment(path, output=out)
    assert sorted(entry.name for entry in (out / "runs").iterdir()) == ["one.trec"]
    assert not (out / "manifest.json").exists()
    first = (out / "unfinished" / "one.npz").stat()
    with interrupted_at("both.trec", monkeypatch):
        run_experiment(path, output=out)
    again = (out / "unfinished" / "one.npz").stat()
    assert (again.st_ino, again.st_mtime_ns) == (first.st_ino, first.st_mtime_ns)  # taken, not made anew
    run_experiment(path, output=out)
    assert not (out / "unfinished").exists()
    run_experiment(path, output=tmp_path / "whole")
    assert diff_folders(out, tmp_path / "whole") == []


def test_an_interrupted_second_run_leaves_no_manifest_of_the_first(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, out = tmp_path / "e.yaml", tmp_path / "out"
    path.write_text(yaml.safe_dump({"dataset": str(folder), "systems": {"one": {"bm25": {}}}}))
    run_experiment(path, output=out)
    path.write_text(yaml.safe_dump({"dataset": "no-such-data", "systems": {"one": {"bm25": {}}}}))
    with pytest.raises(Exception, match="no-such-data"):
        run_experiment(path, output=out)
    assert (out / "manifest.json").exists()  # nothing was overwritten yet
    path.write_text(yaml.safe_dump({"dataset": str(folder), "systems": {"one": {"bm25": {"b": 0.0}}}}))
    with interrupted_at("one.trec", monkeypatch):
        run_experiment(path, output=out)
    assert not (out / "manifest.json").exists()


def test_a_run_comes_back_to_the_bit_or_not_at_all(tmp_path: Path) -> None:
    collection = Collection.open(write(tmp_path / "c").root)
    system = RRF([BM25(collection), BM25(collection, b=0.0)])
    notes = {"calls": [np.int64(3), None] * (len(QUERIES) // 2)}
    made = Made(system.retrieve(QUERIES, k=5).with_notes(notes), 1.5)
    kept = Unfinished(tmp_path / "out")
    kept.keep("s", system, QUERIES, k=5, made=made)
    found = kept.take("s", system, QUERIES, k=5)
    assert found is not None
    assert found.seconds == 1.5
    assert found.run.notes == made.run.notes
    assert {query: list(ranking) for query, ranking in found.run.items()} == {query: list(ranking) for query, ranking in made.run.items()}
    for name, column in made.run.columns.items():
        np.testing.assert_array_equal(found.run.columns[name], column)
    assert kept.take("s", system, QUERIES, k=6) is None
    assert kept.take("s", system, [*QUERIES, Query("more", "fox")], k=5) is None
    assert kept.take("s", BM25(collection), QUERIES, k=5) is None
    assert kept.take("t", system, QUERIES, k=5) is None
    path = tmp_path / "out" / "unfinished" / "s.npz"
    path.write_bytes(path.read_bytes()[:-100])
    assert kept.take("s", system, QUERIES, k=5) is None
    kept.clear()
    assert not path.parent.exists()
