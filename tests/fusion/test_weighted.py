import pytest

from irloom.core.errors import BadValue, UnknownName
from irloom.core.stage import Retriever
from irloom.core.types import Query
from irloom.fusion.fuse import fuse
from irloom.fusion.weighted import Weighted

QUERIES = [Query("q", "what is asked"), Query("nothing", "what nobody finds")]


def test_equals_fuse_on_the_components_runs(retrievers: list[Retriever]) -> None:
    fused = Weighted(retrievers, weights=(0.3, 0.7), normalise=["tmm(0)", "zscore"], missing="min", depth=2)
    runs = [retriever.retrieve(QUERIES, k=2) for retriever in retrievers]
    expected = fuse(runs, "weighted", weights=(0.3, 0.7), normalise=["tmm(0)", "zscore"], missing="min")
    run = fused.retrieve(QUERIES, k=10)
    assert list(run["q"]) == list(expected["q"])
    assert len(run["nothing"]) == 0
    for k in range(4):
        assert list(fused.retrieve(QUERIES, k=k)["q"]) == list(run["q"])[:k]


def test_every_argument_is_in_the_fingerprint(retrievers: list[Retriever]) -> None:
    others = [
        Weighted(retrievers, weights=(1, 2)),
        Weighted(retrievers, weights=(2, 1)),
        Weighted(retrievers, weights=(1, 2), normalise="zscore"),
        Weighted(retrievers, weights=(1, 2), missing="min"),
        Weighted(retrievers, weights=(1, 2), depth=10),
        Weighted(retrievers[::-1], weights=(1, 2)),
    ]
    assert len({retriever.fingerprint for retriever in others}) == len(others)
    assert Weighted(retrievers, weights=[1, 2]).fingerprint == Weighted(retrievers, weights=(1.0, 2.0)).fingerprint


def test_it_warms_its_components(retrievers: list[Retriever]) -> None:
    Weighted(retrievers, weights=(1, 1)).warm_up()
    assert all(retriever.warm for retriever in retrievers)


def test_what_cannot_be_used_is_refused(retrievers: list[Retriever]) -> None:
    with pytest.raises(BadValue, match="weights"):
        Weighted(retrievers, weights=(1,))
    with pytest.raises(UnknownName, match="normaliser"):
        Weighted(retrievers, weights=(1, 1), normalise="minimax")
    with pytest.raises(UnknownName, match="policy"):
        Weighted(retrievers, weights=(1, 1), missing="skip")
    with pytest.raises(BadValue, match="depth"):
        Weighted(retrievers, weights=(1, 1), depth=0)
    with pytest.raises(BadValue, match="at least one"):
        Weighted([], weights=())
