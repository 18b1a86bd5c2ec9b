"""Recipe: FAISS's names, the number of lists, and its file."""

from dataclasses import replace
from pathlib import Path

import pytest

from irloom.core.errors import Corrupt, FormatMismatch, UnknownName
from irloom.indexing.ann.kinds import KINDS, kind_by_name
from irloom.indexing.ann.recipe import Recipe, near_divisor


def test_lists() -> None:
    def lists(name: str, documents: int) -> int:
        return Recipe.of(name, dim=8, documents=documents, recall=0.9).lists

    assert (lists("ivf", 1_000_000), lists("ivf", 10_000), lists("ivf", 1), lists("ivf", 10**12)) == (4000, 400, 4, 1 << 16)
    assert (lists("sq8", 1_000_000), lists("binary-ivf", 10_000)) == (1, 400)


@pytest.mark.parametrize(
    ("name", "dim", "expected"),
    [
        ("ivf", 384, "IVF400,Flat"),
        ("ivf-pq", 384, "IVF400,PQ48"),
        ("ivf-pq-fs", 384, "IVF400,PQ192x4fs"),
        ("pq-fs", 7, "IVF1,PQ1x4fs"),
        ("ivf-opq", 90, "OPQ45_90,IVF400,PQ45x4fs"),
        ("rabitq", 384, "IVF1,RaBitQ"),
    ],
)
def test_factory(name: str, dim: int, expected: str) -> None:
    assert Recipe.of(name, dim=dim, documents=10_000, recall=0.9).factory() == expected


def test_near_divisor() -> None:
    assert [near_divisor(384, most) for most in (192, 191, 50, 48, 1, 0)] == [192, 128, 48, 48, 1, 1]


def test_file(tmp_path: Path) -> None:
    recipe = Recipe("ivf-pq", 384, 10_000, 400, 0.95)
    recipe.write(tmp_path)
    assert Recipe.read(tmp_path) == recipe
    path = tmp_path / "recipe.json"
    whole = path.read_text()
    for old, new in (("ivf-pq", "ivf-qp"), ("384", "0"), ("400", "-1"), ('"dim"', '"mid"'), ("irloom", "other"), ("{", "[")):
        path.write_text(whole.replace(old, new))
        with pytest.raises(Corrupt):
            Recipe.read(tmp_path)
    path.write_text(whole.replace('"version": 1', '"version": 2'))
    with pytest.raises(FormatMismatch):
        Recipe.read(tmp_path)
    path.unlink()
    with pytest.raises(Corrupt, match="missing"):
        Recipe.read(tmp_path)
    assert replace(recipe, name="hnsw").kind is KINDS["hnsw"]


def test_kinds() -> None:
    assert KINDS["hnsw"].bytes_of(384) == 1536 + 272
    assert KINDS["ivf-sq4"].bytes_of(384) == 192 + 8
    with pytest.raises(UnknownName, match="auto"):
        kind_by_name("lsh")
