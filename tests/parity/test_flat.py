"""FlatIndex against faiss' IndexFlatIP and sentence-transformers' semantic_search; MaxSim against its own sums in torch."""

from pathlib import Path

import numpy as np
import pytest

from irloom.core.batches import TokenBatch
from irloom.indexing.flat import FlatIndex
from irloom.indexing.late import MaxSim
from irloom.indexing.snapshot_ids import SnapshotIds
from irloom.indexing.vectors import Vectors
from tests.fakes import id_table

pytestmark = pytest.mark.parity
RNG = np.random.default_rng(0)
VECTORS, QUERIES = RNG.standard_normal((3000, 96)).astype(np.float32), RNG.standard_normal((20, 96)).astype(np.float32)


@pytest.fixture
def index(tmp_path: Path) -> FlatIndex:
    return FlatIndex(Vectors([VECTORS]), SnapshotIds([id_table(tmp_path, [str(i) for i in range(len(VECTORS))])]))


def test_faiss(index: FlatIndex) -> None:
    faiss = pytest.importorskip("faiss", reason="faiss is not installed")
    peer = faiss.IndexFlatIP(96)
    peer.add(VECTORS)
    scores, positions = peer.search(QUERIES, 50)
    hits = index.search(QUERIES, k=50)
    assert np.array_equal(hits.positions, positions)
    assert np.allclose(hits.scores, scores, rtol=1e-5, atol=1e-5)


def test_semantic_search(index: FlatIndex) -> None:
    util = pytest.importorskip("sentence_transformers.util", reason="sentence-transformers is not installed")
    hits = index.search(QUERIES, k=50)
    for row, found in enumerate(util.semantic_search(QUERIES, VECTORS, top_k=50, score_function=util.dot_score)):
        assert [hit["corpus_id"] for hit in found] == hits.positions[row].tolist()
        assert np.allclose([hit["score"] for hit in found], hits.scores[row], rtol=1e-5, atol=1e-5)


def test_maxsim_in_torch() -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    query, documents = QUERIES[:7], [VECTORS[:3], VECTORS[3:90], VECTORS[90:91]]
    found = MaxSim(TokenBatch(np.array([0, 7]), query)).scores([np.zeros(1, np.int64)] * 3, documents.__getitem__)
    padded = torch.nn.utils.rnn.pad_sequence([torch.from_numpy(rows) for rows in documents], batch_first=True)
    similar = torch.einsum("qd,ntd->nqt", torch.from_numpy(query), padded)
    lengths = torch.tensor([len(rows) for rows in documents])
    similar.masked_fill_(torch.arange(padded.shape[1])[None, None] >= lengths[:, None, None], -torch.inf)
    assert np.allclose(np.concatenate(found), similar.max(dim=2).values.sum(dim=1).numpy(), rtol=1e-5, atol=1e-5)
