"""Rows that share beginnings: every row is read once, whole, and shared tokens not more often than they must be."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from irloom.models.decoders.prefix import Prefix
from irloom.models.prompting import shared
from irloom.models.prompting.shared import read_shared

Ids = NDArray[np.int64]


class Counter:
    """Reads rows by a checksum of all their tokens; counts tokens."""

    def __init__(self) -> None:
        self.tokens = 0

    def prefill(self, ids: Ids) -> Prefix:
        self.tokens += len(ids)
        return Prefix(np.array(ids), (), (), self._extended)

    def _extended(self, prefix: Prefix, ids: Ids) -> Prefix:
        self.tokens += len(ids)
        return Prefix(np.concatenate((prefix.ids, ids)), (), (), self._extended)

    def read(self, tails: Sequence[Ids], prefix: Prefix | None) -> NDArray[np.float32]:
        self.tokens += sum(map(len, tails))
        before = np.empty(0, np.int64) if prefix is None else prefix.ids
        return np.array([[checksum(np.concatenate((before, tail)))] for tail in tails], np.float32)


def checksum(ids: Ids) -> float:
    return float(sum((place + 1) * (token + 1) for place, token in enumerate(ids.tolist())) % 99991)


@given(st.lists(st.lists(st.integers(0, 2), max_size=6), max_size=12), st.integers(1, 8))
def test_each_row_is_read_whole(rows: list[list[int]], least: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shared, "LEAST_SAVED", least)
        counter = Counter()
        found = read_shared([np.array(row, np.int64) for row in rows], counter.prefill, counter.read, width=1)
    assert found[:, 0].tolist() == [checksum(np.array(row, np.int64)) for row in rows]
    assert counter.tokens <= sum(map(len, rows))


def test_shared_tokens_are_read_once() -> None:
    """A frame for all, a query for each group, equal rows once: 100 + 2 x 80 + the ends."""
    rng = np.random.default_rng(3)
    frame, queries = rng.integers(0, 50, 100), [rng.integers(0, 50, 80) for _ in range(2)]
    ends = [rng.integers(0, 50, 30) for _ in range(20)]
    rows = [np.concatenate((frame, queries[place % 2], end)) for place, end in enumerate(ends)]
    counter = Counter()
    read_shared([*rows, *rows], counter.prefill, counter.read, width=1)
    assert counter.tokens == pytest.approx(100 + 2 * 80 + 20 * 30, abs=10)


def test_what_is_not_worth_a_pass_hides_nothing_behind_it() -> None:
    """Passages that begin with the same word, and a text that ends within another."""
    rng = np.random.default_rng(4)
    firsts = [np.concatenate(([7], rng.integers(0, 50, 70))) for _ in range(2)]
    rows = [np.concatenate((first, rng.integers(0, 50, 30))) for first in firsts for _ in range(5)]
    counter = Counter()
    read_shared([*rows, rows[0][:1], rows[5][:3]], counter.prefill, counter.read, width=1)
    assert counter.tokens == pytest.approx(2 * 71 + 10 * 30 + 4, abs=12)


def test_rows_that_end_within_each_other_do_not_go_too_deep() -> None:
    rows = [np.zeros(length, np.int64) for length in range(1, 3000)]
    counter = Counter()
    found = read_shared(rows, counter.prefill, counter.read, width=1)
    assert found[-1, 0] == checksum(rows[-1])
    assert read_shared([], counter.prefill, counter.read, width=3).shape == (0, 3)


def test_branches_are_read_side_by_side(tmp_path: Path) -> None:
    """Each by one of torch's threads alone, with the numbers of whole prompts."""
    torch = pytest.importorskip("torch")
    from irloom.models.decoders.decoder import Decoder
    from tests.models.decoders.tiny_decoders import save_decoder

    decoder = Decoder(save_decoder(tmp_path / "tiny", "llama"), device="cpu")
    rng = np.random.default_rng(5)
    frame, firsts = rng.integers(0, 300, 80), [rng.integers(0, 300, 70) for _ in range(5)]
    rows = [np.concatenate((frame, first, rng.integers(0, 300, 9))) for first in firsts for _ in range(3)]
    threads: list[int] = []

    def read(tails: Sequence[Ids], prefix: Prefix | None) -> NDArray[np.float32]:
        threads.append(torch.get_num_threads())
        return decoder.next_logits(tails, prefix=prefix, tokens=[3, 4])

    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        found = read_shared(rows, decoder.prefill, read, width=2)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
    assert threads == [1] * 5
    np.testing.assert_allclose(found, decoder.next_logits(rows, tokens=[3, 4]), atol=1e-5)
