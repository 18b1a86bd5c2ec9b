"""`irloom migrate`: two small random models, one collection."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.models.tiny import save_model


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("models")
    return save_model(folder / "old", "bert", seed=1), save_model(folder / "new", "bert", seed=2)


@pytest.fixture
def dense(irloom: Callable, collection: Path, models: tuple[Path, Path]) -> Path:
    assert irloom("index", "dense", "--output", collection, "--encoder", models[0], "--part", "dense").code == 0
    return collection


def test_from_model_to_model(irloom, dense, animals, models) -> None:
    done = irloom("migrate", dense, "--encoder", models[1])
    assert done.code == 0
    assert done.out.splitlines() == [
        f"made part dense.next over 4 documents in {dense}",
        "part dense is as it was; the same command with --swap puts dense.next in its place",
    ]
    assert irloom("search", dense, "cat", "--part", "dense").code == 0
    done = irloom("migrate", dense, "--encoder", models[1], "--qrels", animals, "-k", "3", "--gate", "nDCG@10 >= base - 1", "--swap")
    assert done.code == 0
    assert done.out.startswith(f"part dense.next is in {dense} already; nothing was built\n")
    for said in ("old against new at 3, 3 queries", "rank-biased overlap", "nDCG@10", "passed", "swapped: part dense has the new vectors"):
        assert said in done.out
    done = irloom("migrate", dense, "--encoder", models[0], "--queries", animals, "--json")
    assert '"swapped": false' in done.out
    assert irloom("migrate", dense, "--abandon").out == f"removed part dense.next of {dense}\n"


def test_a_gate_that_fails_ends_with_1(irloom, dense, animals, models) -> None:
    done = irloom("migrate", dense, "--encoder", models[1], "--qrels", animals, "-g", "nDCG@10 > base + 0.99", "--swap")
    assert done.code == 1
    assert "nothing was swapped: a gate failed" in done.out


def test_bad_input(irloom, collection, dense, models) -> None:
    for arguments, said in (
        ((), "--encoder is None"),
        (("--encoder", models[0]), "of the same space"),
        (("--encoder", models[1], "--part", "bm25"), "the name of a dense part"),
        (("--encoder", models[1], "--part", "nowhere"), "nowhere"),
        (("--encoder", models[1], "--gate", "AP > base"), "queries or judgments"),
        (("--encoder", models[1], "--abandon"), "--abandon"),
        (("--abandon",), "dense.next"),
    ):
        done = irloom("migrate", dense, *arguments)
        assert (done.code, said in done.err) == (2, True), (arguments, done.err)
        assert done.err.count("\n") == 1
    assert irloom("migrate", dense.parent, "--encoder", models[1]).code == 2
