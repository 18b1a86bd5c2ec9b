"""Run files fused from disk equal runs fused in memory."""

import pytest

from irloom.core.errors import BadValue, DataError
from irloom.core.run import Run
from irloom.data.trec import write_run
from irloom.fusion.fuse import fuse
from irloom.fusion.tuning import tune_weights
from irloom.pipelines.fusing import fuse_files, tune_files, warn_of_shallow_fusions

RUNS = [Run.from_dict({"q": {"a": 3.0, "b": 2.0, "c": 1.0}}), Run.from_dict({"q": {"c": 0.9, "d": 0.8}, "p": {"a": 0.1}})]


@pytest.fixture
def files(tmp_path):
    paths = [tmp_path / f"{place}.trec" for place in range(len(RUNS))]
    for run, path in zip(RUNS, paths, strict=True):
        write_run(run, path)
    return paths


@pytest.mark.parametrize(
    "arguments", [{"method": "rrf", "c": 10}, {"method": "weighted", "weights": [0.3, 0.7]}, {"method": "combmnz", "k": 2}]
)
def test_as_in_memory(files, arguments) -> None:
    fused, expected = fuse_files(files, **arguments), fuse(RUNS, **arguments)
    assert {query: list(ranking) for query, ranking in fused.items()} == {query: list(ranking) for query, ranking in expected.items()}


def test_weights_without_use(files) -> None:
    with pytest.raises(BadValue, match="rrf"):
        fuse_files(files, method="rrf", weights=[1, 1])


def test_tuned_as_in_memory(files, tmp_path) -> None:
    (tmp_path / "dev.qrels").write_text("q 0 c 1\np 0 a 1\n")
    assert tune_files(files, qrels=str(tmp_path / "dev.qrels"), measure="RR", folds=2) == tune_weights(
        RUNS, {"q": {"c": 1}, "p": {"a": 1}}, "RR", folds=2
    )


def test_a_measure_that_looks_deeper_than_a_fusion() -> None:
    systems = {"one": {"rrf": {"of": ["a", {"fused": {"of": ["a"], "method": "isr", "depth": 1000}}]}}, "a": {"bm25": {}}}
    with pytest.warns(UserWarning, match=r"x.yaml: systems.one: rrf looks at the first 100 .* R@500 at 500; .* give depth: 500"):
        warn_of_shallow_fusions(systems, ["nDCG@10", "R@500", "AP"], where="x.yaml")
    warn_of_shallow_fusions(systems, ["nDCG@100", "AP"], where="x.yaml")
    warn_of_shallow_fusions({"a": [{"weighted": {"depth": 500}}]}, ["R@500"], where="x.yaml")
    warn_of_shallow_fusions(systems, [], where="x.yaml")


def test_runs_of_other_queries(files, tmp_path) -> None:
    write_run(Run.from_dict({"17": {"a": 1.0}}), tmp_path / "other.trec")
    with pytest.raises(DataError, match=r"no two runs share a query.*0.trec has 'q', .*other.trec has '17'; are they"):
        fuse_files([files[0], tmp_path / "other.trec"])
    (tmp_path / "empty.trec").write_text("")
    with pytest.raises(DataError, match=r"empty.trec has none"):
        fuse_files([files[0], tmp_path / "empty.trec"])
    assert list(fuse_files([*files, tmp_path / "other.trec"])) == ["q", "p", "17"]
    assert list(fuse_files([tmp_path / "other.trec"])) == ["17"]


def test_documents_called_otherwise(files, tmp_path) -> None:
    write_run(Run.from_dict({"q": {"doc-a": 1.0}}), tmp_path / "other.trec")
    with pytest.warns(UserWarning, match=r"no two runs share a document: .* has 'a', .* has 'doc-a'"):
        fuse_files([files[0], tmp_path / "other.trec"])
