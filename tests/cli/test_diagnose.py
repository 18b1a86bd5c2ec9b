"""`irloom diagnose`: ceilings, causes, the worst queries with their texts."""

import json
from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import Done


def test_table(irloom: Callable[..., Done], run_file: Path, animals: Path) -> None:
    """Nothing has the words of q3, so its document is missed; q1's is the first."""
    done = irloom("diagnose", run_file, "--qrels", animals, "-m", "RR@10")
    assert done.code == 0, done.err
    assert "RR@10 at best after it" in done.out
    assert "4 relevant documents: 3 found, 1 missed" in done.out
    worst = done.out[done.out.index("worst by") : done.out.index("best by")]
    assert "zeppelin" in worst
    assert ": bm25 -" in worst
    assert worst.index("zeppelin") < worst.index("cat mat")


def test_json(irloom: Callable[..., Done], run_file: Path, animals: Path) -> None:
    done = irloom("diagnose", run_file, "--qrels", animals, "--json")
    content = json.loads(done.out)
    assert (content["counts"]["missed"], content["queries"]["q3"]) == (1, ["missed", "empty"])
    assert (content["ceilings"][0]["stage"], content["ceilings"][0]["seconds"]) == ("bm25", None)


def test_per_query(irloom: Callable[..., Done], run_file: Path, animals: Path, tmp_path: Path) -> None:
    done = irloom("diagnose", run_file, "--qrels", animals, "--per-query", tmp_path / "queries.jsonl")
    assert done.code == 0
    lines = [json.loads(line) for line in (tmp_path / "queries.jsonl").read_text().splitlines()]
    assert [(line["id"], line["text"]) for line in lines] == [("q1", "cat mat"), ("q2", "barking dogs"), ("q3", "zeppelin")]
    assert lines[2]["relevant"][0]["fate"] == "missed"
    assert irloom("diagnose", run_file, "--qrels", animals, "--per-query", tmp_path).code == 2


def test_without_texts(irloom: Callable[..., Done], run_file: Path, animals: Path) -> None:
    done = irloom("diagnose", run_file, "--qrels", animals / "qrels" / "test.tsv", "--show", 0)
    assert "Documents were not compared" in done.out
    assert "worst by" not in done.out
    assert "near_duplicates" not in done.out


def test_bad_input(irloom: Callable[..., Done], run_file: Path, animals: Path) -> None:
    for arguments, said in [
        (["--fusion"], "three files"),
        (["-m", "nDGC@10"], "nDCG@10"),
        (["--split", "tset"], "'test'"),
        (["--similarity", "2"], "similarity"),
    ]:
        done = irloom("diagnose", run_file, "--qrels", animals, *arguments)
        assert (done.code, done.out) == (2, "")
        assert said in done.err
