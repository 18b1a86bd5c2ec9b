"""Filters, facets and filtered rankings of a collection that grows are those of one that was built at once."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from irloom.core.types import Document, Filter, Query
from irloom.indexing.bm25_part import BM25Part
from irloom.indexing.collection import Collection
from irloom.indexing.dense_part import DensePart
from irloom.indexing.facets import count_facet
from irloom.indexing.filtering import filters_of
from irloom.indexing.writer import CollectionWriter
from irloom.retrievers.bm25 import BM25
from irloom.retrievers.dense import Dense
from irloom.text.analyzer import Analyzer
from tests.fakes import FakeEncoder
from tests.indexing.filter_truth import holds

FILTERS = [
    Filter(text)
    for text in (
        'lang == "en"',
        "year >= 2021",
        '"x" in tags or not lang exists',
        'id >= "c" and title exists',
        'title startswith "T" and year < 2022',
        'parent == "p"',
    )
]
METAS = st.fixed_dictionaries(
    {},
    optional={
        "lang": st.sampled_from(["en", "de"]),
        "year": st.sampled_from([2020, 2021, 2021.5, "2021"]),
        "tags": st.lists(st.sampled_from("xyz"), max_size=2).map(tuple),
    },
)
DOCUMENTS = st.builds(
    lambda doc_id, text, title, parent, meta: Document(doc_id, text, title, parent=parent, meta=meta),
    st.sampled_from("abcdef"),
    st.sampled_from(["fox", "fox dog", "owl", "dog dog"]),
    st.sampled_from(["", "T", "U"]),
    st.sampled_from(["", "p"]),
    METAS,
)
BATCHES = st.lists(DOCUMENTS, min_size=1, max_size=4, unique_by=lambda document: document.id)
STEPS = st.lists(BATCHES | st.lists(st.sampled_from("abcdef"), min_size=1, max_size=3) | st.just("compact"), max_size=5)
KNOWN = Document("z", "fox", "T", parent="p", meta={"lang": "en", "year": 2020, "tags": ("x",)})
"""Has every field, so that none is unknown."""


def check(path: Path, state: Mapping[str, Document], root: Path) -> None:
    rebuilt = root / f"rebuilt{len(list(root.iterdir()))}"
    with CollectionWriter(rebuilt) as writer:
        writer.write_documents(state.values())
        writer.build("bm25", BM25Part(Analyzer.english()))
        writer.commit()
    with Collection.open(path) as grown, Collection.open(rebuilt) as whole:
        for where in FILTERS:
            allowed = np.flatnonzero(filters_of(grown).mask(where))
            expected = {doc_id for doc_id, document in state.items() if holds(where.condition, document)}
            assert set(grown.ids.ids(allowed)) == expected
            assert len(allowed) == len(expected)
            languages = Counter(state[doc_id].meta["lang"] for doc_id in expected if "lang" in state[doc_id].meta)
            assert dict(count_facet(grown, "lang", where=where).counts) == languages
        queries = [Query(f"{number}", "fox dog", where=where) for number, where in enumerate(FILTERS)]
        here, there = (BM25(collection).retrieve(queries, k=3) for collection in (grown, whole))
        assert {query: list(ranking) for query, ranking in here.items()} == {query: list(ranking) for query, ranking in there.items()}


Step = list[Document] | list[str] | str


@settings(max_examples=5)
@given(BATCHES, STEPS)
def test_any_short_sequence_of_changes(first: list[Document], steps: list[Step]) -> None:
    grow_and_check(first, steps[:3])


@pytest.mark.slow
@settings(max_examples=50)
@given(BATCHES, STEPS)
def test_any_sequence_of_changes(first: list[Document], steps: list[Step]) -> None:
    grow_and_check(first, steps)


def grow_and_check(first: list[Document], steps: list[Step]) -> None:
    builders = {"bm25": BM25Part(Analyzer.english())}
    with TemporaryDirectory() as folder:
        root, path = Path(folder), Path(folder) / "c"
        state = {document.id: document for document in [KNOWN, *first]}
        with CollectionWriter(path) as writer:
            writer.write_documents(state.values())
            writer.build("bm25", builders["bm25"])
            writer.commit()
        for step in steps:
            with CollectionWriter(path) as writer:
                if step == "compact":
                    writer.compact()
                elif isinstance(step[0], Document):
                    documents = [document for document in step if isinstance(document, Document)]
                    writer.update(documents, builders)
                    state |= {document.id: document for document in documents}
                else:
                    writer.delete([str(doc_id) for doc_id in step], missing="ignore")
                    state = {doc_id: document for doc_id, document in state.items() if doc_id not in step}
                writer.commit()
        check(path, state, root)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    """3,000 documents in three segments, a tenth of them deleted; `share` is spread evenly over 0 to 1."""
    rng, path = np.random.default_rng(7), tmp_path_factory.mktemp("many") / "c"
    shares = rng.permutation(3000) / 3000
    words = np.array([f"w{number}" for number in range(60)])
    documents = [Document(f"{n:04d}", " ".join(rng.choice(words, size=6)), meta={"share": float(shares[n])}) for n in range(3000)]
    builders = {"bm25": BM25Part(Analyzer.english()), "dense": DensePart(FakeEncoder())}
    with CollectionWriter(path) as writer:
        writer.write_documents(documents[:1000])
        for name, builder in builders.items():
            writer.build(name, builder)
        writer.add(documents[1000:2500], builders)
        writer.add(documents[2500:], builders)
        writer.delete([document.id for document in documents[::10]])
        writer.commit()
    return Collection.open(path)


@pytest.mark.parametrize("share", [0.5, 0.1, 0.01, 0.001])
@pytest.mark.parametrize("k", [1, 10, 4000])
def test_exact_parts_lose_nothing_at_any_selectivity(many: Collection, share: float, k: int) -> None:
    queries = [Query(f"{n}", f"w{n} w{n + 7} w{3 * n}") for n in range(15)]
    where = Filter(f"share < {share}")
    allowed = {document.id for document in many.documents() if holds(where.condition, document)}
    for stage in (BM25(many), Dense(many, FakeEncoder())):
        whole = stage.retrieve(queries, k=4000)
        found = stage.retrieve([Query(query.id, query.text, where=where) for query in queries], k=k)
        for query in queries:
            assert list(found[query.id]) == [(doc_id, score) for doc_id, score in whole[query.id] if doc_id in allowed][:k]
