"""Run files fused from disk equal runs fused in memory."""

import pytest

from irloom.core.errors import BadValue
from irloom.core.run import Run
from irloom.data.trec import write_run
from irloom.fusion.fuse import fuse
from irloom.pipelines.fusing import fuse_files

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
