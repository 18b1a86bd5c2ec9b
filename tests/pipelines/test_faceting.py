"""Facets of a collection on disk."""

from pathlib import Path

import pytest

from irloom.core.errors import BadValue, NotACollection
from irloom.core.types import Document
from irloom.indexing.writer import CollectionWriter
from irloom.pipelines.faceting import facets_of


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with CollectionWriter(tmp_path / "c") as writer:
        writer.write_documents([Document("a", "t", meta={"lang": "en", "year": 1}), Document("b", "t", parent="a", meta={"lang": "de"})])
        writer.commit()
    return tmp_path / "c"


def test_all_fields_or_those_that_are_named(path: Path) -> None:
    assert [facet.field for facet in facets_of(path)] == ["lang", "parent", "year"]
    assert [facet.field for facet in facets_of(path, ["year", "lang"])] == ["year", "lang"]
    assert facets_of(path, ["lang"], where='year exists or id == "x"')[0].counts == (("en", 1),)


def test_over_a_run_and_one_of_its_queries(path: Path, tmp_path: Path) -> None:
    run = tmp_path / "r.trec"
    run.write_text("q1 Q0 a 1 2.0 x\nq2 Q0 b 1 2.0 x\n")
    assert facets_of(path, ["lang"], run=run)[0].documents == 2
    assert facets_of(path, ["lang"], run=run, query="q2")[0].counts == (("de", 1),)
    with pytest.raises(BadValue, match="one of the 2 queries"):
        facets_of(path, run=run, query="q3")
    with pytest.raises(BadValue, match="no query without a run"):
        facets_of(path, query="q1")
    with pytest.raises(NotACollection):
        facets_of(tmp_path / "none")


def test_without_parents_the_field_is_not_listed(tmp_path: Path) -> None:
    with CollectionWriter(tmp_path / "c") as writer:
        writer.write_documents([Document("a", "t")])
        writer.commit()
    assert facets_of(tmp_path / "c") == []
    assert facets_of(tmp_path / "c", ["parent"])[0].documents == 0
