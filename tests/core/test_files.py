"""Files: synced, replaced in one step, mapped with checks, locked by the OS."""

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from irloom.core import files
from irloom.core.errors import Corrupt, Locked


@pytest.fixture
def full_disk() -> Iterator[None]:
    def refuse(action: str, path: Path) -> None:
        if action == "write":
            raise OSError(errno.ENOSPC, "No space left on device", str(path))

    files.fail_points.append(refuse)
    yield
    files.fail_points.remove(refuse)


@pytest.mark.parametrize("array", [np.arange(6).reshape(2, 3), np.zeros((0, 3), np.float32), np.array([True]), np.arange(9)[::2]])
def test_arrays_come_back(tmp_path: Path, array: np.ndarray) -> None:
    files.write_array(tmp_path / "a.npy", array)
    back = files.map_array(tmp_path / "a.npy", dtype=array.dtype)
    np.testing.assert_array_equal(back, array)
    assert back.dtype == array.dtype
    np.testing.assert_array_equal(np.load(tmp_path / "a.npy"), array)


def test_damaged_arrays_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    with pytest.raises(Corrupt, match="missing"):
        files.map_array(path)
    files.write_array(path, np.arange(10))
    whole = path.read_bytes()
    for data, problem in [
        (whole[:-1], "207 bytes, expected 208"),
        (whole + b"x", "209 bytes"),
        (b"text", "not a readable array"),
        (b"", "not a read"),
    ]:
        path.write_bytes(data)
        with pytest.raises(Corrupt, match=problem):
            files.map_array(path)
    path.write_bytes(whole)
    with pytest.raises(Corrupt, match="expected float32"):
        files.map_array(path, dtype=np.float32)


def test_object_arrays_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "o.npy", np.array([{}], object), allow_pickle=True)
    with pytest.raises(Corrupt, match="never writes"):
        files.map_array(tmp_path / "o.npy")


def test_replacing_swaps_or_leaves_the_old(tmp_path: Path, full_disk: None) -> None:
    path = tmp_path / "f"
    path.write_text("old")
    with pytest.raises(OSError, match="No space"), files.replacing(path) as file:
        file.write(b"new")
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["f"]


def test_replacing_writes(tmp_path: Path) -> None:
    with files.replacing(tmp_path / "deep" / "f") as file:
        file.write(b"new")
    assert (tmp_path / "deep" / "f").read_bytes() == b"new"


def test_a_lock_names_its_holder_and_goes_with_its_process(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from irloom.core.files import FileLock; lock = FileLock(Path(sys.argv[1]));"
        "lock.acquire(shared=False); print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "l")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        with pytest.raises(Locked, match=f"by process {process.pid}"):
            files.FileLock(tmp_path / "l").acquire(shared=False)
        process.kill()
    with files.FileLock(tmp_path / "l"):
        pass


def test_shared_locks_live_together(tmp_path: Path) -> None:
    first, second, writer = (files.FileLock(tmp_path / "l") for _ in range(3))
    first.acquire(shared=True)
    second.acquire(shared=True)
    with pytest.raises(Locked):
        writer.acquire(shared=False)
    first.release()
    second.release()
    writer.acquire(shared=False)
    writer.release()
    writer.release()


def test_short_hash_tells_parts_apart() -> None:
    assert files.short_hash("ab", "c") != files.short_hash("a", "bc")
    assert files.short_hash("a") == files.short_hash("a")


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE) as reader:
        with files.replacing(pipe) as file:
            file.write(b"new")
        assert reader.communicate()[0] == b"new"
    assert pipe.is_fifo()
    assert [entry.name for entry in tmp_path.iterdir()] == ["pipe"]


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    target, link = tmp_path / "real" / "f", tmp_path / "link"
    target.write_text("old")
    link.symlink_to(target)
    with files.replacing(link) as file:
        file.write(b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_a_target_that_no_file_can_be_written_to(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    files.check_target(tmp_path / "new" / "folders" / "f")
    assert not (tmp_path / "new").exists()
    with pytest.raises(IsADirectoryError, match="name a file"):
        files.check_target(tmp_path)
    with pytest.raises(NotADirectoryError, match="not a folder"):
        files.check_target(tmp_path / "file" / "f")
    with pytest.raises(IsADirectoryError) as caught, files.replacing(tmp_path):
        pass
    assert caught.value.filename == str(tmp_path)


def test_a_very_long_name_has_room_beside_it(tmp_path: Path) -> None:
    with files.replacing(tmp_path / ("x" * 250)) as file:
        file.write(b"new")
    assert (tmp_path / ("x" * 250)).read_bytes() == b"new"


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="there is no /dev/full here")
def test_a_full_disk_is_named() -> None:
    def fill() -> None:
        with files.open_for_write(Path("/dev/full")) as file:
            file.write(b"x" * 100)

    with pytest.raises(OSError, match="No space") as caught:
        fill()
    assert caught.value.filename == "/dev/full"


def test_a_file_grows(tmp_path: Path) -> None:
    for append, text in ((False, b"one"), (True, b" two"), (False, b"new")):
        with files.open_for_write(tmp_path / "a", append=append) as file:
            file.write(text)
        if append:
            assert (tmp_path / "a").read_bytes() == b"one two"
    assert (tmp_path / "a").read_bytes() == b"new"


def test_a_folder_gets_its_name_in_one_step(tmp_path: Path) -> None:
    made = tmp_path / "made"
    (made / "inner").mkdir(parents=True)
    (made / "inner" / "a").write_text("a")
    files.place_folder(made, tmp_path / "deep" / "named")
    assert (tmp_path / "deep" / "named" / "inner" / "a").read_text() == "a"
    assert not made.exists()
    made.mkdir()
    with pytest.raises(OSError, match="not empty"):
        files.place_folder(made, tmp_path / "deep" / "named")
