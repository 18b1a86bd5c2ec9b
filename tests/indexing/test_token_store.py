"""TokenStore: rows by position, damage told at opening."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from irloom.core.errors import BadValue, Corrupt
from irloom.core.files import write_array
from irloom.indexing.parts import PartSegment, PartView
from irloom.indexing.snapshot_ids import SnapshotIds
from irloom.indexing.token_store import TokenStore, token_space
from tests.fakes import id_table


@pytest.fixture
def part(tmp_path: Path) -> PartView:
    write_array(tmp_path / "token_vectors.npy", np.arange(10, dtype=np.float16).reshape(5, 2))
    write_array(tmp_path / "token_offsets.npy", np.array([0, 2, 2, 5], np.int64))
    return PartView(
        "p", "dense", "s", "f", {"tokens": "t"}, (PartSegment(tmp_path, 0, 3, None),), SnapshotIds([id_table(tmp_path, ["a", "b", "c"])])
    )


def test_rows_by_position(part: PartView) -> None:
    store = TokenStore.open(part)
    assert (len(store), store.dim, store.space) == (3, 2, "t")
    assert store.row(0).tolist() == [[0, 1], [2, 3]]
    assert store.row(1).shape == (0, 2)
    batch = store.batch(np.array([2, 1, 0]))
    assert batch.offsets.tolist() == [0, 3, 3, 5]
    assert batch.vectors.tolist() == [[4, 5], [6, 7], [8, 9], [0, 1], [2, 3]]
    assert len(store.batch(np.empty(0, np.int64))) == 0


def test_a_part_without_token_vectors(part: PartView) -> None:
    plain = PartView("p", "dense", "s", "f", {"tokens": False}, part.segments, part.ids)
    assert token_space(plain) is None
    with pytest.raises(BadValue, match="build it with tokens=True"):
        TokenStore.open(plain)


@pytest.mark.parametrize("offsets", [[0, 2, 5], [0, 2, 2, 4], [1, 2, 2, 5], [0, 4, 2, 5]])
def test_offsets_that_do_not_fit(part: PartView, offsets: list[int]) -> None:
    write_array(part.segments[0].folder / "token_offsets.npy", np.array(offsets, np.int64))
    with pytest.raises(Corrupt, match="token_offsets"):
        TokenStore.open(part)


def test_a_truncated_file(part: PartView) -> None:
    path = part.segments[0].folder / "token_vectors.npy"
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(Corrupt, match="expected"):
        TokenStore.open(part)


def test_rows_over_segments(part: PartView, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    write_array(other / "token_vectors.npy", np.arange(10, 14, dtype=np.float16).reshape(2, 2))
    write_array(other / "token_offsets.npy", np.array([0, 0, 2], np.int64))
    both = replace(part, segments=(*part.segments, PartSegment(other, 3, 2, None)))
    store = TokenStore.open(both)
    assert len(store) == 5
    assert [len(store.row(position)) for position in range(5)] == [2, 0, 3, 0, 2]
    batch = store.batch(np.array([4, 2, 3]))
    assert batch.offsets.tolist() == [0, 2, 5, 5]
    assert batch.vectors.tolist() == [[10, 11], [12, 13], [4, 5], [6, 7], [8, 9]]
    write_array(other / "token_vectors.npy", np.arange(2, dtype=np.float16).reshape(2, 1))
    with pytest.raises(Corrupt, match="1 wide, while the first segment has token vectors 2 wide"):
        TokenStore.open(both)
