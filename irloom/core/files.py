"""Files that are whole or absent: synced writes, atomic replacement, checked maps, checksums and OS locks.

Every write of the package goes through here, so that one seam (`fail_points`) lets the tests fill the disk or
kill the process at any write, fsync, rename or unlink.
"""

import errno
import fcntl
import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self, TypeAlias, cast

import numpy as np
from numpy.typing import DTypeLike, NDArray

from irloom.core.errors import Corrupt, Locked

Progress: TypeAlias = Callable[[str, int, int], None]
"""Called with a label, how much is done and how much there is (0 where that is not known)."""

fail_points: list[Callable[[str, Path], None]] = []
"""Called with an action ("write", "fsync", "rename", "unlink") and a path before it happens; for tests."""

_CHUNK = 1 << 20
_LONG_NAME = 50


def no_progress(label: str, done: int, total: int) -> None:
    """Shows nothing."""


def _reach(action: str, path: Path) -> None:
    for point in fail_points:
        point(action, path)


class SyncedFile:
    """A binary file that is on the disk, not only in the cache, once it is closed without an error: a new one, or one that grows."""

    def __init__(self, path: Path, *, append: bool = False) -> None:
        self.path = path
        self._file: BinaryIO = path.open("ab" if append else "wb")

    def write(self, data: bytes | bytearray | memoryview) -> int:
        """Appends bytes and returns how many."""
        _reach("write", self.path)
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
            _reach("fsync", self.path)
            if stat.S_ISREG(os.fstat(self._file.fileno()).st_mode):  # devices and pipes cannot
                os.fsync(self._file.fileno())
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


def fsync_folder(folder: Path) -> None:
    """Makes the names in a folder durable."""
    _reach("fsync", folder)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


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
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name[:_LONG_NAME]}.{os.getpid()}.tmp")
    try:
        with open_for_write(beside) as file:
            yield file
        _reach("rename", path)
        os.replace(beside, path)
        fsync_folder(path.parent)
    finally:
        beside.unlink(missing_ok=True)


def place_folder(made: Path, path: Path) -> None:
    """Gives a finished folder its name in one step; the files in it are synced already.

    Raises:
        OSError: there is a folder of that name that is not empty.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    for folder in (made, *(entry for entry in made.rglob("*") if entry.is_dir())):
        fsync_folder(folder)
    _reach("rename", path)
    os.replace(made, path)
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
    """Unlinks a file that may already be gone."""
    _reach("unlink", path)
    path.unlink(missing_ok=True)


def map_array(path: Path, *, dtype: DTypeLike | None = None) -> NDArray[Any]:
    """A `.npy` file as a read-only memory map.

    Raises:
        Corrupt: the file is missing, truncated, longer than its header says, not an array, or of another dtype.
    """
    try:
        with path.open("rb") as file:
            version = np.lib.format.read_magic(file)
            if version != (1, 0):
                raise Corrupt(path, f"array header of version {version}, expected (1, 0)")
            shape, fortran, found = np.lib.format.read_array_header_1_0(file)
            start = file.tell()
    except FileNotFoundError:
        raise Corrupt(path, "the file is missing") from None
    except (ValueError, EOFError) as error:
        raise Corrupt(path, f"not a readable array ({error})") from None
    if found.hasobject or fortran:
        raise Corrupt(path, f"an array of dtype {found}, which irloom never writes")
    if dtype is not None and found != np.dtype(dtype):
        raise Corrupt(path, f"an array of dtype {found}, expected {np.dtype(dtype)}")
    size, expected = path.stat().st_size, start + int(np.prod(shape, dtype=np.int64)) * found.itemsize
    if size != expected:
        raise Corrupt(path, f"{size} bytes, expected {expected}")
    if 0 in shape:
        return np.empty(shape, found)
    return np.asarray(np.memmap(path, dtype=found, mode="r", offset=start, shape=shape))


def map_bytes(path: Path) -> NDArray[np.uint8]:
    """A plain file as a read-only uint8 (bytes,) memory map.

    Raises:
        Corrupt: the file is missing.
    """
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        raise Corrupt(path, "the file is missing") from None
    return np.asarray(np.memmap(path, dtype=np.uint8, mode="r")) if size else np.empty(0, np.uint8)


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


class FileLock:
    """An OS lock on a file: held by a descriptor, gone when the process is, never the file's mere existence."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def acquire(self, *, shared: bool) -> None:
        """Takes the lock without waiting.

        Raises:
            Locked: another holder has it; the text names the process that wrote itself into the file.
        """
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(descriptor, 64).decode("utf-8", "replace").strip()
            os.close(descriptor)
            if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
                raise
            by = f" by process {holder}" if holder else ""
            raise Locked(f"{self.path.parent} is locked{by}; wait until it has finished") from None
        if not shared:
            os.ftruncate(descriptor, 0)
            os.write(descriptor, str(os.getpid()).encode())
        self._descriptor = descriptor

    def release(self) -> None:
        """Lets the lock go; nothing happens where it is not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        if self._descriptor is None:
            self.acquire(shared=False)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.release()
