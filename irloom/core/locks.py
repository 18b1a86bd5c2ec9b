"""OS locks on files: held by a descriptor, gone when the process is, never the file's mere existence."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from irloom.core.errors import Locked
from irloom.core.files import reach


class FileLock:
    """A lock on a file: one holder, or many that share it. A link in the file's place is refused."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def acquire(self, *, shared: bool, sign: bool = True) -> None:
        """Takes the lock without waiting. A shared one needs no more than to read a file that is there.

        Args:
            shared: whether others may hold it too.
            sign: whether the process writes itself into the file of a lock that is not shared.

        Raises:
            Locked: another holder has it; the text names the process that wrote itself into the file.
        """
        while self._descriptor is None:
            descriptor = self._open(shared=shared)
            try:
                self._take(descriptor, shared=shared)
                is_held = self._is_of(descriptor)
                if is_held and sign and not shared:
                    self._sign(descriptor)
            except BaseException:
                os.close(descriptor)
                raise
            if is_held:
                self._descriptor = descriptor
            else:
                os.close(descriptor)

    def _open(self, *, shared: bool) -> int:
        with suppress(FileNotFoundError):
            return os.open(self.path, (os.O_RDONLY if shared else os.O_RDWR) | os.O_NOFOLLOW)
        reach("create", self.path)
        return os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)

    def _take(self, descriptor: int, *, shared: bool) -> None:
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 64).decode("utf-8", "replace").strip()
            by = f" by process {holder}" if holder else ""
            raise Locked(f"{self.path.parent} is locked{by}; wait until it has finished") from None

    def _sign(self, descriptor: int) -> None:
        """Writes the process into the file; on a full disk others are not told who holds the lock, and it is held all the same."""
        with suppress(OSError):
            reach("write", self.path)
            os.ftruncate(descriptor, 0)
            os.write(descriptor, str(os.getpid()).encode())

    def _is_of(self, descriptor: int) -> bool:
        """Whether the file still has its name: who held the lock before may have unlinked it, and then it keeps nobody out."""
        with suppress(FileNotFoundError):
            return os.path.samestat(os.fstat(descriptor), os.lstat(self.path))
        return False

    def release(self) -> None:
        """Lets the lock go; nothing happens where it is not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        self.acquire(shared=False)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.release()


@contextmanager
def sole_maker(output: Path) -> Iterator[None]:
    """Refuses a second process that would make the same file or folder meanwhile, and pay for it twice.

    The lock lies beside it, as `.NAME.lock`, and goes when the work ends; so do folders that were made for it, where nothing came into
    them. A device or a pipe has no lock.

    Args:
        output: what is made; folders around it that are missing are made.

    Raises:
        Locked: another process makes it.
    """
    if output.exists() and not (output.is_file() or output.is_dir()):
        yield
        return
    new = [folder for folder in output.parents if not folder.exists()]
    output.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(output.with_name(f".{output.name}.lock"))
    try:
        lock.acquire(shared=False)
    except Locked as error:
        raise Locked(f"{output} is being made by another process ({error}); or name another place") from None
    try:
        yield
    finally:
        lock.path.unlink(missing_ok=True)  # while it is held: who opened it meanwhile sees that it has lost its name
        lock.release()
        with suppress(OSError):  # one that is not empty
            for folder in new:
                folder.rmdir()
