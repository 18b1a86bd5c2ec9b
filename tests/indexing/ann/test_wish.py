"""AnnWish: its form in a manifest, and what it refuses."""

import pytest

from irloom.core.errors import BadValue, UnknownName
from irloom.indexing.ann.wish import AnnWish


def test_json_comes_back() -> None:
    for wish in (AnnWish(), AnnWish("ivf-pq", 0.9, 10**9), AnnWish("flat", 1)):
        assert AnnWish.from_json(wish.json) == wish
    assert AnnWish.from_json("hnsw") == AnnWish("hnsw")
    assert AnnWish.from_json({"kind": "ivf"}) == AnnWish("ivf")


def test_refused() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'hnsw'"):
        AnnWish("hnws")
    for recall in (0, -1, 1.01, float("nan")):
        with pytest.raises(BadValue, match="recall"):
            AnnWish(recall=recall)
    with pytest.raises(BadValue, match="memory"):
        AnnWish(memory=0)
    for value in (3, None, ["hnsw"], {"kind": 3}, {"kind": "hnsw", "m": 3}, {"recall": "0.9"}, {"memory": "2GB"}):
        with pytest.raises(BadValue, match="faiss"):
            AnnWish.from_json(value)
