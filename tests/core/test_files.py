"""Files: synced, replaced in one step, mapped with checks, locked by the OS."""

import errno
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from irloom.core import files
from irloom.core.errors import Corrupt


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


@pytest.fixture
def actions() -> Iterator[list[tuple[str, str]]]:
    reached: list[tuple[str, str]] = []

    def note(action: str, path: Path) -> None:
        reached.append((action, path.name))

    files.fail_points.append(note)
    yield reached
    files.fail_points.remove(note)


def test_every_change_is_told_before_it_happens(tmp_path: Path, actions: list[tuple[str, str]]) -> None:
    files.make_folder(tmp_path / "a" / "b")
    files.write_bytes(tmp_path / "a" / "b" / "f", b"x")
    with files.replacing(tmp_path / "a" / "g") as file:
        file.write(b"y")
    files.remove_file(tmp_path / "a" / "none")
    (tmp_path / "a" / "b" / "out").symlink_to(tmp_path)
    files.remove_tree(tmp_path / "a")
    beside = f".g.{os.getpid()}.tmp"
    assert actions == [
        *[("mkdir", "a"), ("mkdir", "b")],
        *[("create", "f"), ("write", "f"), ("fsync", "f")],
        *[("create", beside), ("write", beside), ("fsync", beside), ("rename", "g"), ("fsync", "a")],
        *[("unlink", "f"), ("unlink", "out"), ("rmdir", "b"), ("unlink", "g"), ("rmdir", "a")],
    ]
    assert {action for action, _ in actions} == set(files.ACTIONS)
    assert tmp_path.is_dir()


def test_folders_that_are_there(tmp_path: Path) -> None:
    files.make_folder(tmp_path, exist_ok=True)
    with pytest.raises(FileExistsError):
        files.make_folder(tmp_path)
    (tmp_path / "f").touch()
    with pytest.raises(FileExistsError):
        files.make_folder(tmp_path / "f", exist_ok=True)
    files.remove_tree(tmp_path / "none")
    files.remove_tree(tmp_path / "f")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "header",
    [
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1, -4), }",
        "{'descr': '<f99', 'fortran_order': False, 'shape': (4,), }",
        "{'descr': '|V0', 'fortran_order': False, 'shape': (4,), }",
        "{'descr': '<U0', 'fortran_order': False, 'shape': (4,), }",
        "{'descr': '<f4', 'fortran_order': True, 'shape': (4,), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1 2,), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (" + "9" * 5000 + ",), }",
        "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (4,), }",
        "(" * 60_000,
        "",
    ],
)
def test_hostile_headers_are_refused(tmp_path: Path, header: str) -> None:
    text = f"{header}\n".encode()
    (tmp_path / "a.npy").write_bytes(b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + bytes(16))
    with pytest.raises(Corrupt):
        files.map_array(tmp_path / "a.npy")


@pytest.mark.parametrize("opened", [files.map_array, files.map_bytes])
def test_only_plain_files_are_mapped(tmp_path: Path, opened: Callable[[Path], object]) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").touch()
    for name in ("pipe", ".", "none", "file/below"):
        with pytest.raises(Corrupt):
            opened(tmp_path / name)


def test_what_a_killed_replacement_left_can_be_removed(tmp_path: Path) -> None:
    for name in (".f[1].77.tmp", ".f1.77.tmp", "f[1]", ".f[1].lock"):
        (tmp_path / name).touch()
    files.remove_unfinished(tmp_path / "f[1]")
    assert {path.name for path in tmp_path.iterdir()} == {".f1.77.tmp", "f[1]", ".f[1].lock"}
