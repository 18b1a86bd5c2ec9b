"""Files that are whole or absent: synced writes, atomic replacement, checked maps and checksums.

Every change to the disk goes through here, so that one seam (`fail_points`) lets the tests fill the disk or
kill the process before any of them.
"""

import errno
import glob
import hashlib
import math
import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final, Self, TypeAlias, cast

import numpy as np
from numpy.typing import DTypeLike, NDArray

from irloom.core.errors import Corrupt
from irloom.core.mapping import map_file

Progress: TypeAlias = Callable[[str, int, int], None]
"""Called with a label, how much is done and how much there is (0 where that is not known)."""

ACTIONS: Final = ("create", "write", "fsync", "rename", "unlink", "mkdir", "rmdir")
fail_points: list[Callable[[str, Path], None]] = []
"""Called with one of ACTIONS and the path that it changes before it happens; for tests. A rename changes its new name."""

_CHUNK = 1 << 20
_LONG_NAME = 50
_BESIDE = ".{}.{}.tmp"
_MAGIC = b"\x93NUMPY\x01\x00"
_HEADER = re.compile(r"\{'descr': '([<>|=]?[a-zA-Z]\d*)', 'fortran_order': (False|True), 'shape': \(([0-9, ]*)\), \} *\n")
_NUMBERS = "biuf"


def no_progress(label: str, done: int, total: int) -> None:
    """Shows nothing."""


def reach(action: str, path: Path) -> None:
    """Tells that a change is about to happen; for the few that are made elsewhere."""
    for point in fail_points:
        point(action, path)


class SyncedFile:
    """A binary file that is on the disk, not only in the cache, once it is closed without an error: a new one, or one that grows."""

    def __init__(self, path: Path, *, append: bool = False) -> None:
        self.path = path
        reach("create", path)
        self._file: BinaryIO = path.open("ab" if append else "wb")

    def write(self, data: bytes | bytearray | memoryview) -> int:
        """Appends bytes and returns how many."""
        reach("write", self.path)
        try:
            return self._file.write(data)
        except OSError as error:
            raise self._named(error) from None

    def write_array(self, array: NDArray[Any]) -> None:
        """Appends the bytes of an array in C order, without a header."""
        contiguous = np.ascontiguousarray(array).reshape(-1)
        if contiguous.size:
            self.write(contiguous.view(np.uint8).data)

    def tell(self) -> int:
        """The number of bytes written."""
        return self._file.tell()

    def close(self) -> None:
        """Flushes, syncs and closes."""
        if self._file.closed:
            return
        try:
            self._file.flush()
            _sync(self._file.fileno(), self.path)
        except OSError as error:
            raise self._named(error) from None
        finally:
            self._forget()

    def _named(self, error: OSError) -> OSError:
        """The error with the file's name, which a full disk does not give."""
        error.filename = error.filename or str(self.path)
        return error

    def _forget(self) -> None:
        """Closes; what cannot be flushed any more has been told already."""
        with suppress(OSError):
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            self.close()
        else:
            self._forget()


def open_for_write(path: Path, *, append: bool = False) -> SyncedFile:
    """A file for bytes, new or, with `append`, going on after what it holds; use it as a context manager."""
    return SyncedFile(path, append=append)


def _sync(descriptor: int, path: Path) -> None:
    reach("fsync", path)
    if not (stat.S_ISCHR(mode := os.fstat(descriptor).st_mode) or stat.S_ISFIFO(mode)):  # devices and pipes cannot
        os.fsync(descriptor)


def fsync_folder(folder: Path) -> None:
    """Makes the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        _sync(descriptor, folder)
    finally:
        os.close(descriptor)


def fsync_tree(folder: Path) -> None:
    """Makes the names in a folder and in all folders under it durable; the files in them are synced already."""
    for inner in sorted(folder.rglob("*"), reverse=True):
        if inner.is_dir() and not inner.is_symlink():
            fsync_folder(inner)
    fsync_folder(folder)


def make_folder(path: Path, *, exist_ok: bool = False) -> None:
    """Makes a folder and those above it that are missing; `fsync_folder` of what it lies in makes its name durable.

    Raises:
        FileExistsError: it is there, unless `exist_ok`; or a file is.
    """
    if not path.parent.exists():
        make_folder(path.parent, exist_ok=True)
    if not (exist_ok and path.is_dir()):
        reach("mkdir", path)
        path.mkdir(exist_ok=exist_ok)


def write_bytes(path: Path, data: bytes) -> None:
    """Writes and syncs one file."""
    with open_for_write(path) as file:
        file.write(data)


def write_array(path: Path, array: NDArray[Any]) -> None:
    """Writes and syncs one `.npy` file."""
    with open_for_write(path) as file:
        write_header(file, array.shape, array.dtype)
        file.write_array(array)


def write_header(file: SyncedFile, shape: tuple[int, ...], dtype: DTypeLike) -> None:
    """Begins a `.npy` file of an array in C order, whose bytes the file's `write_array` then appends, at once or piece by piece."""
    header = {"descr": np.lib.format.dtype_to_descr(np.dtype(dtype)), "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(cast(Any, file), header)


@contextmanager
def replacing(path: Path) -> Iterator[SyncedFile]:
    """A file that takes the place of `path` in one step when the block ends well, and leaves no trace when it does not.

    A link is followed; a device or a pipe, such as /dev/null, is written to and stays what it is.
    """
    check_target(path)
    if path.exists() and not path.is_file():
        with open_for_write(path) as file:
            yield file
        return
    path = Path(os.path.realpath(path))
    make_folder(path.parent, exist_ok=True)
    beside = path.with_name(_BESIDE.format(path.name[:_LONG_NAME], os.getpid()))
    try:
        with open_for_write(beside) as file:
            yield file
        rename(beside, path)
    except BaseException:
        remove_file(beside)
        raise
    fsync_folder(path.parent)


def remove_unfinished(path: Path) -> None:
    """Removes what processes that were killed while `replacing` the file left beside it; for one that nobody else replaces now."""
    for beside in path.parent.glob(_BESIDE.format(glob.escape(path.name[:_LONG_NAME]), "*")):
        remove_file(beside)


def rename(path: Path, new: Path) -> None:
    """Gives a file or folder another name in one step; a file of that name is replaced. Its folders are the caller's to sync."""
    reach("rename", new)
    os.replace(path, new)


def place_folder(made: Path, path: Path) -> None:
    """Gives a finished folder its name in one step; the files in it are synced already.

    Raises:
        OSError: there is a folder of that name that is not empty.
    """
    make_folder(path.parent, exist_ok=True)
    fsync_tree(made)
    rename(made, path)
    fsync_folder(path.parent)


def check_target(path: Path) -> None:
    """Refuses a path that no file can be written to, before the work whose result it is to hold; nothing is made.

    Raises:
        OSError: it is a folder, lies under a file, or in a folder that is read-only.
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "it is a folder; name a file", str(path))
    folder = path.parent
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "it is a file, not a folder", str(folder))
    if not os.access(folder, os.W_OK) and not path.exists():
        raise PermissionError(errno.EACCES, "nothing can be written there: permission denied", str(folder))


def remove_file(path: Path) -> None:
    """Unlinks a file, or a link, that may already be gone."""
    if os.path.lexists(path):
        reach("unlink", path)
        path.unlink(missing_ok=True)


def remove_folder(path: Path) -> None:
    """Removes a folder that holds nothing."""
    reach("rmdir", path)
    path.rmdir()


def remove_tree(folder: Path) -> None:
    """Removes a folder, that may already be gone, with all that is in it; a link in it goes, never what it points to."""
    if folder.is_symlink() or not folder.is_dir():
        remove_file(folder)
        return
    for entry in sorted(folder.iterdir()):
        remove_tree(entry)
    remove_folder(folder)


def map_array(path: Path, *, dtype: DTypeLike | None = None) -> NDArray[Any]:
    """A `.npy` file of numbers, as irloom writes it, as a read-only memory map.

    Raises:
        Corrupt: the file is missing, truncated, longer than its header says, not an array, or of another dtype.
    """
    with _opened(path) as file:
        start, found, shape = _header(path, file)
        size = os.fstat(file.fileno()).st_size
        if dtype is not None and found != np.dtype(dtype):
            raise Corrupt(path, f"an array of dtype {found}, expected {np.dtype(dtype)}")
        expected = start + math.prod(shape) * found.itemsize
        if size != expected:
            raise Corrupt(path, f"{size} bytes, expected {expected}")
        if 0 in shape:
            return np.empty(shape, found)
        return map_file(file.fileno(), found, shape, offset=start)


def _header(path: Path, file: BinaryIO) -> tuple[int, np.dtype[Any], tuple[int, ...]]:
    """Where an array's data begins, its dtype and its shape."""
    lead = file.read(len(_MAGIC) + 2)
    if lead[: len(_MAGIC)] != _MAGIC:
        raise Corrupt(path, "not a readable array (another magic or version than irloom writes)")
    text = file.read(int.from_bytes(lead[len(_MAGIC) :], "little")).decode("latin-1")
    if not (match := _HEADER.fullmatch(text)):
        raise Corrupt(path, "not a readable array (its header is damaged)")
    try:
        found, shape = np.dtype(match[1]), tuple(int(size) for size in match[3].split(",") if size.strip())
    except (TypeError, ValueError) as error:
        raise Corrupt(path, f"not a readable array ({error})") from None
    if found.kind not in _NUMBERS or match[2] == "True":
        raise Corrupt(path, f"an array of dtype {found}, which irloom never writes")
    return file.tell(), found, shape


def map_bytes(path: Path) -> NDArray[np.uint8]:
    """A plain file as a read-only uint8 (bytes,) memory map.

    Raises:
        Corrupt: the file is missing.
    """
    with _opened(path) as file:
        size = os.fstat(file.fileno()).st_size
        return map_file(file.fileno(), np.uint8, (size,)) if size else np.empty(0, np.uint8)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """A plain file to read; a pipe in its place is not waited for."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except (FileNotFoundError, NotADirectoryError):
        raise Corrupt(path, "the file is missing") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise Corrupt(path, "it is not a plain file")
    with open(descriptor, "rb") as file:
        yield file


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def short_hash(*parts: str, size: int = 8) -> str:
    """A stable hash of strings in hex, `size` bytes long, for fingerprints."""
    digest = hashlib.blake2b(digest_size=size)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "little"))
        digest.update(data)
    return digest.hexdigest()
