"""Prompts that come one after another: each is whole, and what they begin with is read once."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irloom.models.decoders.decoder import Decoder
from irloom.models.decoders.prefix import Prefix
from irloom.models.prompting import prefix_store
from irloom.models.prompting.decoder_prompts import DecoderPrompts
from irloom.models.prompting.prefix_store import PrefixStore, keeping_prefixes, prefixes_of
from irloom.models.prompting.shared import read_shared
from tests.models.asked_decoders import save_asked
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
    found = [read_shared([row], counter.prefill, counter.read, width=1, kept=store)[0, 0] for row in rows]
    assert found == [checksum(row) for row in rows]
    assert counter.tokens == 70 + 60 + 5 * 100
    again = read_shared(rows[:1], counter.prefill, counter.read, width=1, kept=store)
    assert (again[0, 0], counter.tokens) == (found[0], 70 + 60 + 5 * 100 + 1)


def test_few_prompts_are_kept() -> None:
    store, counter = PrefixStore(), Counter()
    for number in range(100):
        store.reach(np.full(1000, number), counter.prefill)
        store.reach(np.full(1001, number), counter.prefill)
    assert [int(prefix.ids[0]) for prefix in store._kept] == list(range(99, 99 - prefix_store.PREFIXES, -1))


def test_few_bytes_are_kept(asked: Decoder, monkeypatch: pytest.MonkeyPatch) -> None:
    store = PrefixStore()
    one = asked.prefill(np.full(40, 7))
    assert one.nbytes == 2 * sum(key.numel() * 4 for key in one.keys)
    monkeypatch.setattr(prefix_store, "BYTES", 3 * one.nbytes)
    for number in range(10, 20):
        store.reach(np.full(40, number), asked.prefill)
    assert [int(prefix.ids[0]) for prefix in store._kept] == [19, 18, 17]
    store.reach(np.full(121, 7), asked.prefill)
    assert store._kept == []


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Decoder:
    return Decoder(save_asked(Path(tmp_path_factory.mktemp("asked"))), device="cpu")


PROMPTS = [f"Given a query, {'which passage is the best one? ' * 4}{end}" for end in ("one fox", "two foxes", "a dog", "no dog at all")]
LABELS = [("A",), ("B",)]


@pytest.mark.parametrize("rounds", [[[0], [1], [2], [3]], [[0, 1], [2, 3]], [[0], [1, 2, 3], [0]], [[0, 0], [], [1]]], ids=str)
def test_what_is_kept_changes_no_number(asked: Decoder, rounds: list[list[int]]) -> None:
    prompts = DecoderPrompts(asked)
    truth = [one.scores for one in prompts.label_scores(PROMPTS, LABELS)]
    with keeping_prefixes():
        for some in rounds:
            found = prompts.label_scores([PROMPTS[place] for place in some], LABELS)
            for place, one in zip(some, found, strict=True):
                np.testing.assert_allclose(one.scores, truth[place], atol=1e-4)


def test_prefixes_are_kept_for_one_decoder_and_let_go_at_the_end(asked: Decoder, alive: Callable[[], int]) -> None:
    prompts, other = DecoderPrompts(asked), Decoder(asked.folder, device="cpu")
    assert prefixes_of(asked) is None
    before = alive()
    with keeping_prefixes():
        for prompt in PROMPTS:
            prompts.label_scores([prompt], LABELS)
        store = prefixes_of(asked)
        assert store is not None
        assert store is prefixes_of(asked)
        assert prefixes_of(other) is not store
        assert alive() == before + len(store._kept) == before + len(PROMPTS)
    del store
    assert prefixes_of(asked) is None
    assert alive() == before


@pytest.fixture
def alive() -> Callable[[], int]:
    """How many prefixes there are in memory."""
    import gc

    def count() -> int:
        gc.collect()
        return sum(type(one) is Prefix for one in gc.get_objects())

    return count
