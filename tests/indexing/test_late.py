"""MaxSim against numpy's own sums."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from irloom.core.batches import TokenBatch
from irloom.core.errors import ModelError, ShapeMismatch
from irloom.indexing.late import MaxSim

ALL = np.arange(1, dtype=np.int64)


def one(query: list[list[float]], document: list[list[float]], weights: list[float] | None = None) -> float:
    batch = TokenBatch(np.array([0, len(query)]), np.array(query, np.float32), None if weights is None else np.array(weights, np.float32))
    rows = np.array(document, np.float32).reshape(len(document), len(query[0]))
    return float(MaxSim(batch).scores([ALL], lambda _: rows)[0][0])


def test_worked_values() -> None:
    # q1.d = (1, 0).(0.5, 2) = 0.5 and .(-1, 3) = -1; q2.d = (0, -1).(0.5, 2) = -2 and .(-1, 3) = -3: 0.5 - 2
    assert one([[1, 0], [0, -1]], [[0.5, 2], [-1, 3]]) == -1.5
    assert one([[1, 0], [0, -1]], [[0.5, 2], [-1, 3]], [2, 0.5]) == 0  # 2 * 0.5 - 0.5 * 2
    assert one([[1, 0]], [[-3, 1]]) == -3  # a negative best counts its true value
    assert one([[3, 4], [0, -1]], []) == -6  # no tokens: minus the lengths, 5 and 1
    assert one([[3, 4], [0, -1]], [], [-1, 2]) == -7  # weighted by size: 5 and 2


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1), st.integers(1, 20), st.sampled_from([np.float16, np.float32]), st.integers(1, 3))
def test_equals_brute_force(seed: int, dim: int, dtype: type, threads: int) -> None:
    rng = np.random.default_rng(seed)
    counts, lengths = rng.integers(1, 5, 4), rng.integers(1, 40, 6)
    offsets = np.concatenate([[0], np.cumsum(counts)])
    queries = rng.standard_normal((offsets[-1], dim)).astype(np.float32)
    weights = rng.random(len(queries)).astype(np.float32)
    documents = [rng.standard_normal((length, dim)).astype(dtype) for length in lengths]
    wanted = [np.flatnonzero(rng.random(4) < 0.6) for _ in documents]
    found = MaxSim(TokenBatch(offsets, queries, weights), threads=threads).scores(wanted, documents.__getitem__)
    for document, numbers, scores in zip(documents, wanted, found, strict=True):
        similar = queries.astype(np.float64) @ document.astype(np.float64).T
        expected = [(weights * similar.max(axis=1))[offsets[i] : offsets[i + 1]].sum() for i in numbers]
        assert np.allclose(scores, expected, rtol=1e-5, atol=1e-5)


def test_a_score_depends_on_the_pair_alone() -> None:
    rng = np.random.default_rng(0)
    queries = rng.standard_normal((12, 48)).astype(np.float32)
    document = rng.standard_normal((90, 48)).astype(np.float16)
    whole = MaxSim(TokenBatch(np.array([0, 5, 12]), queries)).scores([np.array([0, 1]), np.array([1])], lambda _: document)
    alone = MaxSim(TokenBatch(np.array([0, 7]), queries[5:]), threads=2).scores([ALL, ALL], lambda _: document)
    assert whole[0][1] == whole[1][0] == alone[0][0] == alone[1][0]
    twice = MaxSim(TokenBatch(np.array([0, 7]), queries[5:])).scores([ALL], lambda _: np.concatenate([document[::-1], document]))
    assert twice[0][0] == alone[0][0]  # neither the order of tokens nor a token twice changes anything
    wide = MaxSim(TokenBatch(np.array([0, 7]), queries[5:])).scores([ALL], lambda _: document.astype(np.float32))
    assert wide[0][0] == alone[0][0]


def test_bad_vectors() -> None:
    batch = TokenBatch(np.array([0, 1]), np.ones((1, 3), np.float32))
    with pytest.raises(ShapeMismatch, match=r"\(tokens, 3\)"):
        MaxSim(batch).scores([ALL], lambda _: np.ones((2, 4), np.float32))
    with pytest.raises(ModelError):
        MaxSim(TokenBatch(np.array([0, 1]), np.full((1, 3), np.nan, np.float32)))
