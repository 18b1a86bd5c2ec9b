"""Clean-up: what no manifest and no reader holds any more goes."""

from pathlib import Path

from irloom.core.errors import Locked
from irloom.core.files import FileLock, remove_file
from irloom.indexing.collection import READERS
from irloom.indexing.manifest import FOLDERS, Manifest


def clean(root: Path, committed: Manifest) -> None:
    """Removes the files that the committed manifest does not name, unless a reader still holds an older generation."""
    if _has_older_readers(root, committed.generation):
        return
    named = {root / name for name in committed.files}
    for folder in FOLDERS:
        base = root / folder
        for path in base.rglob("*") if base.is_dir() else ():
            if path not in named and (path.is_symlink() or not path.is_dir()):
                remove_file(path)
        remove_empty_folders(base)


def remove_empty_folders(base: Path) -> None:
    """Takes away `base` and the folders under it that hold nothing."""
    for path in [*sorted(base.rglob("*"), reverse=True), base] if base.is_dir() else ():
        if path.is_dir() and not path.is_symlink() and not any(path.iterdir()):
            path.rmdir()


def _has_older_readers(root: Path, generation: int) -> bool:
    """Whether a reader holds another generation than that one; the lock files of those that nobody holds go."""
    held = False
    readers = root / READERS
    for path in sorted(readers.iterdir()) if readers.exists() else ():
        if path.name == str(generation):
            continue
        lock = FileLock(path)
        try:
            lock.acquire(shared=False)
        except Locked:
            held = True
            continue
        path.unlink(missing_ok=True)
        lock.release()
    return held
