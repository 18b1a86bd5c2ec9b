"""Prompts that come one after another: each is whole, and what they begin with is read once."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from irloom.models.prompting import prefix_store
from irloom.models.prompting.prefix_store import PrefixStore
from irloom.models.prompting.shared import Kept, read_shared
from tests.models.prompting.test_shared import Counter, checksum


@given(st.lists(st.lists(st.integers(0, 1), min_size=1, max_size=40), max_size=12))
def test_each_prefix_is_whole(rows: list[list[int]]) -> None:
    store, counter = PrefixStore(), Counter()
    for row in rows:
        assert store.reach(np.array(row, np.int64), counter.prefill).ids.tolist() == row
    assert counter.tokens <= sum(map(len, rows))


def test_a_sort_reads_its_query_and_its_parent_once() -> None:
    rng = np.random.default_rng(1)
    query, parent = rng.integers(0, 90, 70), rng.integers(0, 90, 60)
    rows = [np.concatenate((query, parent, rng.integers(0, 90, 100))) for _ in range(5)]
    store, counter = PrefixStore(), Counter()
    kept = Kept(store, counter.read_on)
    found = [read_shared([row], counter.prefill, counter.read, width=1, kept=kept)[0, 0] for row in rows]
    assert found == [checksum(row) for row in rows]
    assert counter.tokens == 70 + 60 + 5 * 100
    again = read_shared(rows[:1], counter.prefill, counter.read, width=1, kept=kept)
    assert (again[0, 0], counter.tokens) == (found[0], 70 + 60 + 5 * 100 + 1)


def test_few_prompts_are_kept() -> None:
    store, counter = PrefixStore(), Counter()
    for number in range(100):
        store.reach(np.full(1000, number), counter.prefill)
        store.reach(np.full(1001, number), counter.prefill)
    assert sum(prefix.length for prefix in store._kept) <= prefix_store.TOKENS
    assert [int(prefix.ids[0]) for prefix in store._kept] == [99, 98, 97, 96]
    for number in range(100):
        store.reach(np.full(3, number), counter.prefill)
    assert len(store._kept) == prefix_store.PREFIXES
    store.reach(np.zeros(prefix_store.TOKENS + 1, np.int64), counter.prefill)
    assert store._kept == []


def test_threads_may_share_a_store() -> None:
    store = PrefixStore()
    rng = np.random.default_rng(0)
    rows = [np.concatenate((np.zeros(50, np.int64), rng.integers(0, 9, 30))) for _ in range(200)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda row: store.reach(row, Counter().prefill).ids, rows))
    for ids, row in zip(found, rows, strict=True):
        np.testing.assert_array_equal(ids, row)
