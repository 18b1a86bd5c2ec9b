"""Builders made again from what a manifest says of parts."""

from pathlib import Path

import pytest

from irloom.core.errors import BadValue, CollectionError, Corrupt, MissingExtra, UnknownName
from irloom.indexing.manifest import PartRecord
from irloom.pipelines.build import bm25_request
from irloom.pipelines.builders import builders_of, named_encoders
from tests.fakes import FakeEncoder

ROOT = Path("collections/x")


def dense(**parameters: object) -> PartRecord:
    encoder = FakeEncoder()
    return PartRecord("dense", encoder.space, encoder.fingerprint, {"model": None, "dtype": "float16", "tokens": False, **parameters}, {})


def words(name: str = "german") -> PartRecord:
    builder = bm25_request(name).builder
    return PartRecord(builder.kind, builder.space, builder.fingerprint, builder.parameters, {})


def test_builders_are_those_that_made_the_parts() -> None:
    parts = {"bm25-german": words(), "dense-a": dense(tokens="some space")}
    builders = builders_of(ROOT, parts, encoders={"dense-a": FakeEncoder()}, memory=10**9)
    for name, record in parts.items():
        assert (builders[name].kind, builders[name].space, builders[name].fingerprint) == (record.kind, record.space, record.fingerprint)
    assert builders["bm25-german"].parameters == parts["bm25-german"].parameters
    assert builders["bm25-german"].memory == 10**9
    assert builders["dense-a"].parameters == {"model": "fake", "dtype": "float16", "tokens": FakeEncoder().tokens.space}


def test_a_faiss_index_is_made_again_with_what_was_wanted_of_it() -> None:
    pytest.importorskip("faiss")
    wish = {"kind": "ivf", "recall": 0.9, "memory": 1000}
    assert builders_of(ROOT, {"d": dense(faiss=wish)}, encoders={"d": FakeEncoder()})["d"].parameters["faiss"] == wish


def test_faiss_that_is_not_there_is_told_before(monkeypatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "faiss", None)
    with pytest.raises(MissingExtra, match="part 'd' needs the package 'faiss'"):
        builders_of(ROOT, {"d": dense(faiss="hnsw")}, encoders={"d": FakeEncoder()})


def test_a_kind_that_is_not_known() -> None:
    with pytest.raises(CollectionError, match="part 'odd' is of kind 'splade'"):
        builders_of(ROOT, {"odd": PartRecord("splade", "s", "f", {}, {})})


@pytest.mark.parametrize("record", [PartRecord("bm25", "s", "f", {}, {}), PartRecord("minhash", "s", "f", {"threshold": "much"}, {})])
def test_parameters_that_no_builder_wrote(record) -> None:
    with pytest.raises(Corrupt, match="the parameters of part 'p'"):
        builders_of(ROOT, {"p": record})


def test_encoders_by_part() -> None:
    one, two = {"w": words(), "a": dense()}, {"a": dense(), "b": dense()}
    assert named_encoders(ROOT, one, models=["minilm"]) == {"a": "minilm"}
    assert named_encoders(ROOT, one, vectors=["x=1.npy"]) == {"a": Path("x=1.npy")}
    assert named_encoders(ROOT, two, models=["b=org/m"], vectors=["a=v.npy"]) == {"b": "org/m", "a": Path("v.npy")}
    with pytest.raises(BadValue, match=r"PART=\.\.\. with one of a, b"):
        named_encoders(ROOT, two, models=["minilm"])
    with pytest.raises(BadValue, match="has one already"):
        named_encoders(ROOT, two, models=["a=x"], vectors=["a=v.npy"])
    with pytest.raises(BadValue, match="no dense part"):
        named_encoders(ROOT, {"w": words()}, models=["minilm"])
    with pytest.raises(UnknownName, match="Did you mean 'a'"):
        builders_of(ROOT, {"a": dense()}, encoders={"aa": FakeEncoder()})
