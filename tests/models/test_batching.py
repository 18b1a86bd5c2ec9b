import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from irloom.models.batching import batches_by_budget, pack


@given(st.lists(st.integers(0, 40), max_size=60), st.integers(1, 100))
def test_each_sequence_is_in_one_batch_within_the_budget(lengths: list[int], budget: int) -> None:
    batches = batches_by_budget(np.array(lengths, dtype=np.int64), budget)
    assert sorted(int(row) for batch in batches for row in batch) == list(range(len(lengths)))
    longest = [[lengths[row] for row in batch] for batch in batches]
    assert [length for batch in longest for length in batch] == sorted(lengths, reverse=True)
    for batch in longest:
        assert len(batch) == 1 or max(batch) * len(batch) <= budget


def test_pack_joins_ids_and_drops_segments_of_zeros() -> None:
    packed = pack([[1, 2], [3]], [[0, 0], [0]])
    assert packed.ids.tolist() == [1, 2, 3]
    assert packed.offsets.tolist() == [0, 2, 3]
    assert packed.lengths.tolist() == [2, 1]
    assert packed.types is None
    assert len(packed) == 2


def test_pack_keeps_segments() -> None:
    packed = pack([[1, 2], [3]], [[0, 1], [0]])
    assert packed.types is not None
    assert packed.types.tolist() == [0, 1, 0]


def test_pack_of_nothing() -> None:
    packed = pack([], [])
    assert len(packed) == 0
    assert packed.ids.shape == (0,)
