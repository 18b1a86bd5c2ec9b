"""`irloom pool`: runs in, a file to judge out."""

import json
from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import Done


def test_pool(irloom: Callable[..., Done], run_file: Path, animals: Path, tmp_path: Path) -> None:
    (tmp_path / "other.trec").write_text("q1 Q0 d3 1 1.0 t\nq1 Q0 d1 2 0.5 t\n")
    (tmp_path / "some.qrels").write_text("q1 0 d4 1\n")
    arguments = ["--dataset", animals, "--qrels", tmp_path / "some.qrels", "--depth", 2, "--seed", 1]
    done = irloom("pool", run_file, tmp_path / "other.trec", *arguments, "--output", tmp_path / "pool.jsonl")
    assert done.code == 0, done.err
    items = [json.loads(line) for line in (tmp_path / "pool.jsonl").read_text().splitlines()]
    assert f"{len(items)} documents of 2 queries" in done.out
    first = {item["doc_id"]: item for item in items if item["query_id"] == "q1"}
    assert set(first) == {"d1", "d3"}
    assert first["d1"]["sources"] == {"bm25": 1, "other": 2}
    assert (first["d1"]["query"], first["d1"]["text"]) == ("cat mat", "the cat sat on the mat")


def test_bad_input(irloom: Callable[..., Done], run_file: Path, tmp_path: Path) -> None:
    output = tmp_path / "pool.jsonl"
    assert irloom("pool", run_file, run_file, "--output", output).code == 2
    assert irloom("pool", run_file, "--dataset", "nowhere", "--output", output).code == 2
    assert irloom("pool", run_file, "--depth", 0, "--output", output).code == 2
    assert not output.exists()
