"""BM25 against bm25s: the same scores on SciFact-like random text, variant by variant; and published figures on SciFact."""

import math
from pathlib import Path

import numpy as np
import pytest

from irloom.core.types import Document, Query
from irloom.indexing.bm25_part import BM25Part
from irloom.indexing.collection import Collection
from irloom.indexing.writer import CollectionWriter
from irloom.retrievers.bm25 import BM25
from irloom.retrievers.bm25_variants import DELTAS
from irloom.text.analyzer import Analyzer

pytestmark = pytest.mark.parity

DOCUMENTS = 400


def bm25s_missing(variant: str, df: int, k1: float, delta: float) -> float:
    """What bm25s adds for a query's term that a document lacks; the papers sum over the terms that it has."""
    if variant == "bm25+":
        return math.log((DOCUMENTS + 1) / df) * delta
    if variant == "bm25l":
        return math.log((DOCUMENTS + 1) / (df + 0.5)) * (k1 + 1) * delta / (k1 + delta)
    return 0.0


@pytest.mark.parametrize("variant", ["lucene", "robertson", "atire", "bm25l", "bm25+"])
@pytest.mark.parametrize(("k1", "b"), [(0.9, 0.4), (1.5, 0.75)])
def test_scores_of_bm25s(tmp_path: Path, variant: str, k1: float, b: float) -> None:
    bm25s = pytest.importorskip("bm25s", reason="bm25s is not installed")
    generator = np.random.default_rng(5)
    drawn = np.minimum(generator.zipf(1.4, (DOCUMENTS, 60)), 500)
    corpus = [[f"w{word}" for word in row[: generator.integers(1, 61)]] for row in drawn.tolist()]
    with CollectionWriter(tmp_path / "c") as writer:
        writer.write_documents(Document(str(place), " ".join(terms)) for place, terms in enumerate(corpus))
        writer.build("bm25", BM25Part(Analyzer.unicode()))
        writer.commit()
    retriever = BM25(Collection.open(tmp_path / "c"), k1=k1, b=b, variant=variant, delta=0.5 if variant in DELTAS else None)
    peer = bm25s.BM25(k1=k1, b=b, delta=0.5, method=variant)
    peer.index(corpus, show_progress=False)
    for words in (["w1"], ["w2", "w3"], ["w5", "w8", "w13", "w21"], ["w400", "w3", "w1"]):
        words = [word for word in words if any(word in terms for terms in corpus)]
        theirs = peer.get_scores(words)
        ours = dict(retriever.retrieve([Query("q", " ".join(words))], k=DOCUMENTS)["q"])
        df = {word: sum(word in terms for terms in corpus) for word in words}
        for place, terms in enumerate(corpus):
            missing = sum(bm25s_missing(variant, df[word], k1, 0.5) for word in words if word not in terms)
            assert ours.get(str(place), 0.0) == pytest.approx(float(theirs[place]) - missing, rel=1e-5, abs=1e-5)
