"""MaxSimReranker over stored token vectors and over those made on the fly."""

import numpy as np
import pytest

from irloom.core.batches import TokenBatch
from irloom.core.errors import BadValue, ModelError, SpaceMismatch, UnknownDocument
from irloom.core.ranking import Ranking
from irloom.core.run import Run
from irloom.core.types import Document, Query
from irloom.indexing.collection import Collection
from irloom.indexing.dense_part import DensePart
from irloom.indexing.writer import CollectionWriter
from irloom.rerankers import maxsim
from irloom.rerankers.maxsim import MaxSimReranker
from tests.fakes import FakeEncoder, FakeTokens, ListCorpus

WORDS = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta"]
DOCUMENTS = [Document(f"d{i}", " ".join(np.random.default_rng(i).choice(WORDS, 1 + i % 6))) for i in range(40)]
QUERIES = [Query("q1", "alpha beta"), Query("q2", "zeta"), Query("q3", "eta theta theta")]
RUN = Run.from_rankings(
    {query.id: Ranking.from_order([f"d{i}" for i in np.random.default_rng(row).permutation(40)[:25]]) for row, query in enumerate(QUERIES)}
)


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    path = tmp_path_factory.mktemp("maxsim") / "c"
    with CollectionWriter(path) as writer:
        writer.write_documents(DOCUMENTS)
        writer.build("plain", DensePart(FakeEncoder(name="plain")))
        writer.build("tokens", DensePart(FakeEncoder(), tokens=True))
        writer.commit()
    return Collection.open(path)


def brute(depth: int) -> dict[str, list[str]]:
    encoder = FakeEncoder()
    texts = {document.id: document.text for document in DOCUMENTS}
    out = {}
    for query in QUERIES:
        similar = {}
        for doc_id in list(RUN[query.id].doc_ids)[:depth]:
            document = encoder.tokens_of(texts[doc_id]).astype(np.float16).astype(np.float64)
            query_tokens = encoder.tokens_of(query.text).astype(np.float16).astype(np.float64)
            similar[doc_id] = round(float((query_tokens @ document.T).max(axis=1).sum()), 5)
        out[query.id] = [*sorted(similar, key=lambda doc_id: -similar[doc_id]), *list(RUN[query.id].doc_ids)[depth:]]
    return out


def test_equals_brute_force(collection: Collection) -> None:
    run = MaxSimReranker(FakeEncoder(), collection, depth=15).rerank(QUERIES, RUN, k=100)
    assert {key: list(ranking.doc_ids) for key, ranking in run.items()} == brute(15)


def test_stored_vectors_and_fresh_ones_score_the_same(collection: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maxsim, "CHUNK", 7)
    stored = MaxSimReranker(FakeEncoder(), collection, threads=1).rerank(QUERIES, RUN, k=100)
    tokens, corpus = FakeTokens(FakeEncoder()), ListCorpus(DOCUMENTS)
    fresh = MaxSimReranker(tokens, corpus, threads=3).rerank(QUERIES, RUN, k=100)
    assert len(corpus.asked) == len(set(corpus.asked)) == tokens.encoded  # each document once
    for query in QUERIES:
        alone = MaxSimReranker(FakeTokens(FakeEncoder()), collection).rerank([query], RUN, k=100)
        for run in (fresh, alone):
            assert list(run[query.id].doc_ids) == list(stored[query.id].doc_ids)
            assert np.array_equal(run[query.id].scores, stored[query.id].scores)


def test_which_vectors_are_read(collection: Collection) -> None:
    reranker = MaxSimReranker(FakeEncoder(), collection, part="tokens")
    reranker.warm_up()
    assert reranker.fingerprint == MaxSimReranker(FakeEncoder(), collection).fingerprint
    assert reranker.fingerprint != MaxSimReranker(FakeEncoder(), collection, depth=5).fingerprint
    with pytest.raises(BadValue, match="tokens=True"):
        MaxSimReranker(FakeEncoder(name="plain"), collection, part="plain").rerank(QUERIES, RUN, k=1)
    with pytest.raises(SpaceMismatch):
        MaxSimReranker(FakeEncoder(name="other"), collection, part="tokens").rerank(QUERIES, RUN, k=1)
    other = FakeTokens(FakeEncoder(name="plain"))
    assert len(MaxSimReranker(other, collection).rerank(QUERIES, RUN, k=1)["q1"]) == 1
    assert other.encoded > 0  # no part keeps token vectors of that space


def test_bad_input(collection: Collection) -> None:
    for arguments in ({"depth": 0}, {"threads": 0}):
        with pytest.raises(BadValue):
            MaxSimReranker(FakeEncoder(), collection, **arguments)
    with pytest.raises(BadValue, match="no collection"):
        MaxSimReranker(FakeEncoder(), ListCorpus(DOCUMENTS), part="tokens")
    run = Run.from_rankings({"q1": Ranking.from_order(["d1", "x"])})
    for encoder in (FakeEncoder(), FakeEncoder(name="plain")):
        with pytest.raises(UnknownDocument, match="'x'"):
            MaxSimReranker(encoder, collection).rerank(QUERIES, run, k=1)

    class Broken(FakeTokens):
        """Gives NaN."""

        def batch(self, texts: list[str]) -> TokenBatch:
            found = super().batch(texts)
            found.vectors[0, 0] = np.nan
            return found

    with pytest.raises(ModelError, match="not finite"):
        MaxSimReranker(Broken(FakeEncoder()), ListCorpus(DOCUMENTS)).rerank(QUERIES, RUN, k=1)
