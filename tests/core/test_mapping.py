"""Maps without descriptors."""

import gc
from pathlib import Path

import numpy as np
import pytest

from irloom.core.files import map_array, map_bytes, write_array, write_bytes
from irloom.core.mapping import SMALL, Mapping, drop_pages, map_file


def descriptors() -> int:
    return sum(1 for _ in Path("/dev/fd").iterdir())


def maps_of(path: Path) -> int:
    return Path("/proc/self/maps").read_text().count(str(path))


@pytest.mark.parametrize("size", [1, SMALL - 128, SMALL, 100_003])
def test_what_is_mapped_is_what_was_written(tmp_path: Path, size: int) -> None:
    data = np.random.default_rng(size).integers(0, 255, size, np.uint8)
    write_bytes(tmp_path / "b", data.tobytes())
    write_array(tmp_path / "a.npy", data.astype(np.float32).reshape(-1, 1))
    before = descriptors()
    mapped, array = map_bytes(tmp_path / "b"), map_array(tmp_path / "a.npy")
    assert descriptors() == before
    assert mapped.tolist() == data.tolist()
    assert array.tolist() == data.astype(np.float32).reshape(-1, 1).tolist()
    assert array.flags.aligned
    for each in (mapped, array):
        with pytest.raises(ValueError, match="read-only"):
            each[0] = 1


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="the system does not list a process's maps")
def test_a_map_goes_with_the_last_array_that_looks_at_it(tmp_path: Path) -> None:
    write_bytes(tmp_path / "b", bytes(SMALL + 1))
    whole = map_bytes(tmp_path / "b")
    part = whole[5:9]
    (tmp_path / "b").unlink()
    del whole
    gc.collect()
    assert maps_of(tmp_path / "b") == 1
    assert part.tolist() == [0] * 4
    del part
    gc.collect()
    assert maps_of(tmp_path / "b") == 0


def test_dropped_pages_are_read_again(tmp_path: Path) -> None:
    write_bytes(tmp_path / "b", b"x" * (SMALL + 1))
    mapped = map_bytes(tmp_path / "b")
    drop_pages(mapped[3:], np.zeros(3), map_bytes(tmp_path / "b").view(np.int8))
    assert set(mapped.tolist()) == {ord("x")}


def test_what_cannot_be_mapped(tmp_path: Path) -> None:
    with (tmp_path / "b").open("wb") as file:  # not open for reading
        file.write(bytes(SMALL + 1))
        file.flush()
        with pytest.raises(OSError, match="denied"):
            Mapping(file.fileno(), SMALL + 1)
    with (tmp_path / "b").open("rb") as file:
        assert map_file(file.fileno(), np.int32, (2, 3), offset=4).shape == (2, 3)
