"""The MaxSim kernel and the turning of float16 rows."""

import numpy as np

from irloom.indexing.kernels.maxsim import maxsim_scores, turn_halves


def test_turns_whole_and_partial_tiles() -> None:
    for tokens, dim in ((1, 1), (15, 3), (16, 8), (37, 24)):
        rows = np.random.default_rng(tokens).standard_normal((tokens, dim)).astype(np.float16)
        out = np.empty((dim, tokens), np.float32)
        turn_halves(rows.view(np.uint16), out)
        assert np.array_equal(out, rows.T.astype(np.float32))


def test_sums_by_rising_dimension_in_float32() -> None:
    rng = np.random.default_rng(0)
    for dim in (5, 8, 21):
        queries, document = rng.standard_normal((3, dim)).astype(np.float32), rng.standard_normal((dim, 6)).astype(np.float32)
        scores = np.empty(1, np.float32)
        maxsim_scores(queries, np.array([0, 3]), np.ones(3, np.float32), np.zeros(1, np.int64), document, np.empty(6, np.float32), scores)
        total = 0.0
        for query in queries:
            sums = np.zeros(6, np.float32)
            for i in range(dim):
                sums += query[i] * document[i]
            total += float(sums.max())
        assert scores[0] == np.float32(total)
