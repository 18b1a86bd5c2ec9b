import numpy as np
import pytest

from irloom.core.batches import SparseBatch
from irloom.core.errors import BadValue
from irloom.eval.sparsity import flops


def batch(rows: list[dict[int, float]]) -> SparseBatch:
    indptr = np.cumsum([0, *map(len, rows)], dtype=np.int64)
    return SparseBatch(
        indptr, np.array([term for row in rows for term in row], np.int32), np.array([w for row in rows for w in row.values()], np.float32)
    )


def test_by_hand() -> None:
    # term 0: in 1 of 2 queries and 2 of 4 documents; term 2: 2 of 2 and 1 of 4; term 5 in documents alone; a weight of 0 is not active
    queries = batch([{0: 1.0, 2: 0.5}, {2: 3.0, 1: 0.0}])
    documents = batch([{0: 1.0}, {0: 2.0, 5: 1.0}, {2: 1.0}, {1: 7.0, 2: 0.0}])
    assert flops(queries, documents) == pytest.approx(1 / 2 * 2 / 4 + 2 / 2 * 1 / 4)


def test_it_is_the_mean_number_of_shared_terms() -> None:
    rng = np.random.default_rng(2)
    dense = [rng.random((size, 30)) * (rng.random((size, 30)) < 0.3) for size in (7, 11)]
    rows = [batch([{int(t): float(row[t]) for t in np.flatnonzero(row)} for row in matrix]) for matrix in dense]
    shared = (dense[0] > 0).astype(int) @ (dense[1] > 0).astype(int).T
    assert flops(*rows) == pytest.approx(shared.mean())


def test_no_vectors() -> None:
    with pytest.raises(BadValue, match="queries is 0"):
        flops(batch([]), batch([{1: 1.0}]))
    assert flops(batch([{}]), batch([{1: 1.0}])) == 0
