"""Ids over several segments."""

from pathlib import Path

import numpy as np
import pytest

from irloom.core.errors import Corrupt
from irloom.indexing import snapshot_ids
from irloom.indexing.snapshot_ids import SnapshotIds
from tests.fakes import id_table


@pytest.fixture
def ids(tmp_path: Path) -> SnapshotIds:
    tables = [id_table(tmp_path / str(number), names) for number, names in enumerate([["b", "a"], ["c", "b"], ["d"]])]
    return SnapshotIds(tables, lives=[np.array([False, True]), None, None])


def test_ids_of_all_positions_come_back(ids: SnapshotIds) -> None:
    assert len(ids) == 5
    assert ids.ids(np.array([4, 0, 3, 1, 2, 0])) == ["d", "b", "b", "a", "c", "b"]
    assert ids.ids(np.empty(0, np.int64)) == []


def test_only_live_documents_are_found(ids: SnapshotIds) -> None:
    assert ids.positions(["b", "a", "e", "d", "b"]).tolist() == [3, 1, -1, 4, 3]
    assert ids.live is not None
    assert ids.live.tolist() == [False, True, True, True, True]


def test_ranks_are_reckoned_where_they_are_not_given(ids: SnapshotIds) -> None:
    assert ids.rank.tolist() == [3, 4, 1, 2, 0]  # descending: d, c, b of the later segment, b, a
    given = np.arange(5, dtype=np.int32)
    for wrong in (-1, 5):
        with pytest.raises(Corrupt, match="ranks from"):
            _ = SnapshotIds(ids.tables, rank=np.array([0, 1, 2, 3, wrong], np.int32)).rank
    assert SnapshotIds(ids.tables, rank=given).rank is given


def test_ids_of_another_table_are_matched_some_at_a_time(ids: SnapshotIds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot_ids, "AT_A_TIME", 2)
    found = list(ids.matches(id_table(tmp_path / "new", ["b", "x", "d"])))
    assert [names for names, _ in found] == [["b", "x"], ["d"]]
    assert [positions.tolist() for _, positions in found] == [[3, -1], [4]]


def test_nothing_is_deleted(tmp_path: Path) -> None:
    ids = SnapshotIds([id_table(tmp_path, ["a", "b"])])
    assert ids.live is None
    assert ids.rank.tolist() == [1, 0]
    assert len(SnapshotIds([])) == 0
    assert SnapshotIds([]).positions(["a"]).tolist() == [-1]
