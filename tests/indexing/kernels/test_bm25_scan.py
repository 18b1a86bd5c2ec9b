"""Documents that are scored one by one get the bits that their lists give them."""

import numpy as np
import pytest

from irloom.core.types import Document
from irloom.indexing.bm25_part import BM25Part
from irloom.indexing.collection import Collection
from irloom.indexing.writer import CollectionWriter
from irloom.retrievers.bm25 import BM25
from irloom.text.analyzer import Analyzer

DOCUMENTS = 6_000


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> BM25:
    """Lists of each form with small and large tf: "most" is a bitmap, "some" is chunked, "few" is packed."""
    generator, path = np.random.default_rng(3), tmp_path_factory.mktemp("scan") / "c"
    tfs = {word: generator.integers(1, 90, DOCUMENTS) * (generator.random(DOCUMENTS) < share) for word, share in SHARES.items()}
    texts = [" ".join(f"{word} " * int(tfs[word][place]) for word in SHARES) for place in range(DOCUMENTS)]
    with CollectionWriter(path) as writer:
        writer.write_documents(Document(f"d{place}", text) for place, text in enumerate(texts[:4000]))
        writer.build("bm25", BM25Part(Analyzer.unicode()))
        writer.add([Document(f"d{place}", texts[place]) for place in range(4000, DOCUMENTS)], {"bm25": BM25Part(Analyzer.unicode())})
        writer.commit()
    return BM25(Collection.open(path))


SHARES = {"most": 0.7, "some": 0.06, "few": 0.001}
QUERIES = [["most"], ["some"], ["few"], ["few", "most", "some", "most"], ["nowhere"], []]


def test_lists_of_each_form(retriever: BM25) -> None:
    index = retriever.statistics.indexes[0]
    most, some, few = index.terms.find(list(SHARES)).tolist()
    bitmaps, chunked = index.lists.counts[:2].tolist()
    assert most < bitmaps <= some < bitmaps + chunked <= few


@pytest.mark.parametrize("variant", ["lucene", "bm25l", "bm25+"])
@pytest.mark.parametrize("kept", [1, 5, 40, 150])
def test_few_documents_equal_their_lists(retriever: BM25, kept: int, variant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    retriever = BM25(retriever._collection, variant=variant)
    allowed = np.zeros(DOCUMENTS, np.bool_)
    allowed[np.random.default_rng(kept).choice(DOCUMENTS, kept, replace=False)] = True
    assert (retriever.search(QUERIES, k=1, allowed=allowed).positions[3] >= 0).any()
    for k in (1, 7, kept):
        scanned = retriever.search(QUERIES, k=k, allowed=allowed)
        monkeypatch.setattr("irloom.retrievers.bm25_segments.FEW", DOCUMENTS + 1)
        listed = retriever.search(QUERIES, k=k, allowed=allowed)
        monkeypatch.undo()
        np.testing.assert_array_equal(scanned.positions, listed.positions)
        np.testing.assert_array_equal(scanned.scores.view(np.int32), listed.scores.view(np.int32))
