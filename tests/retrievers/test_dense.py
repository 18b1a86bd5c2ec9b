"""Dense: exact rankings, spaces, queries without text."""

import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from irloom.core.errors import BadValue, ConfigError, SpaceMismatch, UnknownName
from irloom.core.ranking import Ranking
from irloom.core.types import Document, Filter, Query
from irloom.indexing.collection import Collection
from irloom.indexing.dense_part import DensePart
from irloom.indexing.writer import CollectionWriter
from irloom.retrievers.dense import Dense
from tests.fakes import FakeEncoder

WORDS = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta"]
DOCUMENTS = [Document(f"d{i}", " ".join(np.random.default_rng(i % 40).choice(WORDS, 5))) for i in range(60)]
QUERIES = [Query("q1", "alpha beta"), Query("q2", "zeta"), Query("q3", "eta theta theta")]


def build(path: Path, **parts: FakeEncoder) -> Collection:
    with CollectionWriter(path) as writer:
        writer.write_documents(DOCUMENTS)
        for name, encoder in parts.items():
            writer.build(name, DensePart(encoder))
        writer.commit()
    return Collection.open(path)


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    return build(tmp_path_factory.mktemp("dense") / "c", dense=FakeEncoder())


def test_ranks_by_inner_product(collection: Collection) -> None:
    encoder = FakeEncoder()
    scores = encoder.encode_queries(QUERIES).astype(np.float64) @ encoder.encode_documents(DOCUMENTS).astype(np.float64).T
    run = Dense(collection, encoder).retrieve(QUERIES, k=10)
    assert run.query_ids == ("q1", "q2", "q3")
    for row, query in enumerate(QUERIES):
        expected = Ranking.from_scores([document.id for document in DOCUMENTS], scores[row]).cut(10)
        assert run[query.id].doc_ids == expected.doc_ids  # documents 40 to 59 repeat 0 to 19: ties by id descending
        assert np.allclose(run[query.id].scores, expected.scores, atol=1e-6)


def test_one_query_or_many_and_many_threads(collection: Collection) -> None:
    dense = Dense(collection, FakeEncoder())
    dense.warm_up()
    run = dense.retrieve(QUERIES, k=20)
    with ThreadPoolExecutor(8) as pool:
        for query, alone in zip(QUERIES * 4, pool.map(lambda query: dense.retrieve([query], k=20), QUERIES * 4), strict=True):
            assert alone[query.id].doc_ids == run[query.id].doc_ids
            assert np.array_equal(alone[query.id].scores, run[query.id].scores)


def test_edges(collection: Collection, caplog: pytest.LogCaptureFixture) -> None:
    dense = Dense(collection, FakeEncoder(), threads=1)
    assert len(dense.retrieve([], k=5)) == 0
    assert {key: len(ranking) for key, ranking in dense.retrieve(QUERIES, k=0).items()} == {"q1": 0, "q2": 0, "q3": 0}
    assert len(dense.retrieve(QUERIES, k=10**9)["q1"]) == len(DOCUMENTS)
    with caplog.at_level(logging.INFO):
        run = dense.retrieve([Query("e", " \n"), QUERIES[0]], k=3)
    assert "1 of 2 queries have no text" in caplog.text
    assert run.query_ids == ("e", "q1")
    assert (len(run["e"]), len(run["q1"])) == (0, 3)
    assert run["q1"].doc_ids == dense.retrieve([QUERIES[0]], k=3)["q1"].doc_ids
    with pytest.raises(BadValue, match="ids that occur once"):
        dense.retrieve([QUERIES[0], QUERIES[0]], k=3)
    with pytest.raises(BadValue, match="threads"):
        Dense(collection, FakeEncoder(), threads=0)


def test_spaces(collection: Collection, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(SpaceMismatch, match=r"'dense' holds vectors of the space 'fake:24', and the encoder makes 'other:24'"):
        Dense(collection, FakeEncoder(name="other")).retrieve(QUERIES, k=1)
    akin = FakeEncoder(name="other")
    akin.compatible_with = ("fake:24",)
    assert len(Dense(collection, akin).retrieve(QUERIES, k=1)["q1"]) == 1
    assert not caplog.text
    shorter = Dense(collection, FakeEncoder(length=5))
    shorter.warm_up()
    assert "fake:24:5" in caplog.text
    assert shorter.fingerprint != Dense(collection, FakeEncoder()).fingerprint == Dense(collection, FakeEncoder()).fingerprint


def test_which_part(tmp_path: Path) -> None:
    collection = build(tmp_path / "two", a=FakeEncoder(), b=FakeEncoder(name="other"))
    with pytest.raises(BadValue, match="one of a, b"):
        Dense(collection, FakeEncoder())
    assert len(Dense(collection, FakeEncoder(name="other"), part="b").retrieve(QUERIES, k=2)["q1"]) == 2
    with pytest.raises(UnknownName, match="known: a, b"):
        Dense(collection, FakeEncoder(), part="c")
    nameless = FakeEncoder()
    del nameless.model
    with pytest.raises(ConfigError, match="names no model to encode queries with; search it from Python"):
        Dense(build(tmp_path / "nameless", dense=nameless)).retrieve(QUERIES, k=1)


def test_filters_deleted_documents_and_segments(tmp_path: Path) -> None:
    """Queries of several filters in one batch, over a collection of two segments, against sorting what each filter lets through."""
    documents = [Document(document.id, document.text, meta={"year": 2000 + place}) for place, document in enumerate(DOCUMENTS)]
    with CollectionWriter(tmp_path / "c") as writer:
        writer.write_documents(documents[:45])
        writer.build("dense", DensePart(FakeEncoder()))
        writer.add(documents[45:], {"dense": DensePart(FakeEncoder())})
        writer.delete(["d3", "d50"])
        writer.commit()
    wheres = [None, "year >= 2040", "year < 2002", "year >= 2040", "year == 2050"]
    queries = [Query(str(place), "alpha beta", where=Filter(where) if where else None) for place, where in enumerate(wheres)]
    encoder = FakeEncoder()
    values = encoder.encode_queries(queries[:1]).astype(np.float64) @ encoder.encode_documents(documents).astype(np.float64).T
    with Collection.open(tmp_path / "c") as collection:
        run = Dense(collection, encoder, exact=True, effort=2.0).retrieve(queries, k=7)
    for query, keep in zip(queries, (range(60), range(40, 60), range(2), range(40, 60), range(0)), strict=True):
        places = [place for place in keep if place not in (3, 50)]
        expected = Ranking.from_scores([documents[place].id for place in places], values[0, places]).cut(7)
        assert run[query.id].doc_ids == expected.doc_ids
        assert np.allclose(run[query.id].scores, expected.scores, atol=1e-6)
    with Collection.open(tmp_path / "c") as collection, pytest.raises(BadValue, match="effort is 0"):
        Dense(collection, encoder, effort=0)


def test_a_collection_whose_documents_are_all_gone(tmp_path: Path) -> None:
    path = tmp_path / "c"
    build(path, dense=FakeEncoder())
    for compacted in (False, True):
        with CollectionWriter(path) as writer:
            writer.delete([document.id for document in DOCUMENTS], missing="ignore")
            if compacted:
                writer.compact()
            writer.commit()
        with Collection.open(path) as collection:
            dense = Dense(collection, FakeEncoder())
            dense.warm_up()
            assert dense.fingerprint
            assert {key: len(ranking) for key, ranking in dense.retrieve(QUERIES, k=3).items()} == {"q1": 0, "q2": 0, "q3": 0}
