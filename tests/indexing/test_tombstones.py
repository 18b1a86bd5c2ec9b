"""Tombstones on disk."""

from pathlib import Path

import numpy as np
import pytest

from irloom.core.errors import Corrupt
from irloom.core.files import write_array
from irloom.indexing.tombstones import read_live, write_tombstones


@pytest.mark.parametrize("size", [1, 7, 8, 9, 1000])
def test_what_is_written_comes_back(tmp_path: Path, size: int) -> None:
    live = np.random.default_rng(size).random(size) < 0.5
    write_tombstones(tmp_path / "t.npy", live)
    assert (read_live(tmp_path / "t.npy", size) == live).all()


def test_the_first_document_is_the_highest_bit(tmp_path: Path) -> None:
    write_tombstones(tmp_path / "t.npy", np.array([False, True, True]))
    assert np.load(tmp_path / "t.npy").tolist() == [0b10000000]


def test_of_another_length_or_missing(tmp_path: Path) -> None:
    write_array(tmp_path / "t.npy", np.zeros(2, np.uint8))
    with pytest.raises(Corrupt, match=r"shape \(2,\), expected \(3,\)"):
        read_live(tmp_path / "t.npy", 17)
    with pytest.raises(Corrupt, match="missing"):
        read_live(tmp_path / "u.npy", 17)
