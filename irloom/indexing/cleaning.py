"""Clean-up: what no manifest and no reader holds any more goes."""

import errno
from pathlib import Path

from irloom.core.files import remove_file, remove_folder, remove_unfinished
from irloom.indexing.manifest import FOLDERS, NAME, Manifest
from irloom.indexing.readers import READERS, has_older_readers


def clean(root: Path, committed: Manifest) -> None:
    """Removes the files that the committed manifest does not name, unless a reader still holds an older generation; for the one writer."""
    remove_unfinished(root / NAME)
    if has_older_readers(root, committed.generation):
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
            remove_folder(path)


def remove_unborn(root: Path, *, made: bool) -> None:
    """Takes away what the one writer made for a collection that never came to be; the folder itself where it was `made` for it.

    The file of the lock goes last: from then on another writer may begin.
    """
    for name in (*FOLDERS, READERS):
        remove_if_empty(root / name)
    remove_file(root / ".lock")
    if made:
        remove_if_empty(root)


def remove_if_empty(folder: Path) -> None:
    """Removes a folder, unless something is in it by then."""
    try:
        if folder.is_dir() and not any(folder.iterdir()):
            remove_folder(folder)
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.ENOTEMPTY):
            raise
