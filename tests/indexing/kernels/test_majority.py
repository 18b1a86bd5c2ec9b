import itertools

import numpy as np

from irloom.indexing.kernels.majority import sort_by_majority


def test_each_item_holds_against_the_next() -> None:
    rng = np.random.default_rng(4)
    lengths = rng.integers(0, 40, 30)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    for rankings in (1, 2, 3, 5):
        ranks = rng.integers(0, 8, (offsets[-1], rankings)).astype(np.int32)
        first = np.concatenate([start + rng.permutation(length) for start, length in zip(offsets, lengths, strict=False)]).astype(np.int64)
        order = first.copy()
        sort_by_majority(ranks, offsets, order)
        stood = np.argsort(first)
        for start, end in itertools.pairwise(offsets):
            assert sorted(order[start:end]) == list(range(start, end))
            for one, other in itertools.pairwise(order[start:end]):
                votes = int(np.sum(ranks[one] < ranks[other]) - np.sum(ranks[one] > ranks[other]))
                assert votes > 0 or (votes == 0 and stood[one] < stood[other])


def test_one_ranking_is_a_sort() -> None:
    ranks = np.random.default_rng(1).permutation(1000).astype(np.int32).reshape(-1, 1)
    order = np.arange(1000)
    sort_by_majority(ranks, np.array([0, 1000]), order)
    assert order.tolist() == np.argsort(ranks[:, 0]).tolist()
