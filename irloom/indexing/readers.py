"""Who reads which generation: each reader holds a shared OS lock on the file of its own, and a writer looks before it cleans up.

A writer makes the file of a generation before the generation can be seen, so that a reader needs no right to write. It looks for
readers of other generations than the committed one alone: a reader that meets its look has read a manifest that is no longer the
newest, and reads it again.
"""

import errno
import time
from pathlib import Path
from typing import Final

from irloom.core.errors import Locked
from irloom.core.files import fsync_folder, make_folder, remove_file, write_bytes
from irloom.core.locks import FileLock
from irloom.indexing.manifest import Manifest, manifest_bytes, parse_manifest
from irloom.indexing.places import refuse_links

READERS: Final = "readers"
_READ_ONLY: Final = (errno.EROFS, errno.EACCES, errno.EPERM)
_TRIES, _WAIT = 10_000, 0.001


def offer(root: Path, generation: int) -> None:
    """Makes the file that readers of a generation lock; for a writer, before it commits."""
    make_folder(root / READERS, exist_ok=True)
    write_bytes(root / READERS / str(generation), b"")
    fsync_folder(root / READERS)


def hold_newest(root: Path) -> tuple[Manifest, FileLock | None]:
    """The newest manifest and a shared lock on its generation, whose files stay until the lock is released.

    The lock is None where the collection lies on a read-only disk and no writer has made the file to lock.

    Raises:
        NotACollection: there is none.
        FormatMismatch: its format is of a version that is not known yet.
        Corrupt: the manifest cannot be read.
        Locked: the file of the newest generation stays locked by something that is no reader.
    """
    for _ in range(_TRIES):
        data = manifest_bytes(root)
        manifest = parse_manifest(root, data)
        try:
            lock = _hold(root, manifest.generation)
        except Locked:
            time.sleep(_WAIT)
            continue
        try:
            if manifest_bytes(root) == data:
                return manifest, lock
        except BaseException:
            _release(lock)
            raise
        _release(lock)
    raise Locked(f"{root / READERS} is locked by a process that does not read; end it and try again")


def has_older_readers(root: Path, generation: int) -> bool:
    """Whether a reader holds another generation than that one; the files of those that nobody holds go."""
    held = False
    readers = root / READERS
    for path in sorted(readers.iterdir()) if readers.is_dir() else ():
        if path.name == str(generation):
            continue
        lock = FileLock(path)
        try:
            lock.acquire(shared=False, sign=False)
        except Locked:
            held = True
            continue
        try:
            remove_file(path)
        finally:
            lock.release()
    return held


def _hold(root: Path, generation: int) -> FileLock | None:
    refuse_links(root, (READERS,))
    lock = FileLock(root / READERS / str(generation))
    try:
        if not lock.path.exists():
            make_folder(root / READERS, exist_ok=True)
        lock.acquire(shared=True)
    except OSError as error:
        if error.errno in _READ_ONLY:
            return None
        raise
    return lock


def _release(lock: FileLock | None) -> None:
    if lock is not None:
        lock.release()
