import pytest

from irloom.core.errors import BadValue, UnknownName
from irloom.core.stage import Retriever
from irloom.core.types import Query
from irloom.fusion.fuse import fuse
from irloom.fusion.fused import Fused
from irloom.fusion.methods import METHODS

QUERIES = [Query("q", "what is asked"), Query("nothing", "what nobody finds")]


@pytest.mark.parametrize("method", METHODS)
def test_equals_fuse_on_the_components_runs(retrievers: list[Retriever], method: str) -> None:
    run = Fused(retrievers, method=method, depth=2).retrieve(QUERIES, k=10)
    expected = fuse([retriever.retrieve(QUERIES, k=2) for retriever in retrievers], method)
    assert list(run["q"]) == list(expected["q"])
    assert len(run["nothing"]) == 0


def test_every_argument_is_in_the_fingerprint(retrievers: list[Retriever]) -> None:
    others = [
        Fused(retrievers, method="combsum"),
        Fused(retrievers, method="combmnz"),
        Fused(retrievers, method="combsum", normalise="zscore"),
        Fused(retrievers, method="combsum", normalise=["zscore", "max"]),
        Fused(retrievers, method="combsum", missing="min"),
        Fused(retrievers, method="combsum", depth=10),
        Fused(retrievers, method="rbc"),
        Fused(retrievers, method="rbc", phi=0.9),
        Fused(retrievers[::-1], method="combsum"),
    ]
    assert len({retriever.fingerprint for retriever in others}) == len(others)


def test_what_cannot_be_used_is_refused(retrievers: list[Retriever]) -> None:
    with pytest.raises(UnknownName, match="Did you mean 'combmnz'"):
        Fused(retrievers, method="comb_mnz")
    with pytest.raises(BadValue, match="reads ranks"):
        Fused(retrievers, method="isr", normalise="max")
    with pytest.raises(BadValue, match="depth"):
        Fused(retrievers, method="isr", depth=0)
    with pytest.raises(BadValue, match="at least one"):
        Fused([], method="isr")
