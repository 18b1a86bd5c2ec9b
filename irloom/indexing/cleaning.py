"""Clean-up: what no manifest and no reader holds any more goes."""

import errno
import os
from pathlib import Path

from irloom.core.files import remove_file, remove_folder, remove_unfinished
from irloom.indexing.manifest import FOLDERS, NAME, Manifest
from irloom.indexing.readers import READERS, has_older_readers


def clean(root: Path, committed: Manifest) -> None:
    """Removes the files that the committed manifest does not name, unless a reader still holds an older generation; for the one writer."""
    remove_unfinished(root / NAME)
    if has_older_readers(root, committed.generation):
        return
    named = {f"{root}/{name}" for name in committed.files}
    for folder in FOLDERS:
        _sweep(root / folder, named)


def remove_empty_folders(base: Path) -> None:
    """Takes away `base` and the folders under it that hold nothing."""
    for folder, _, _ in os.walk(base, topdown=False):
        remove_if_empty(Path(folder))


def _sweep(base: Path, named: set[str]) -> None:
    """Removes what is not named, and `base` and the folders in it that hold nothing then; a link goes, what it points to stays."""
    for folder, folders, files in os.walk(base, topdown=False):
        links = [name for name in folders if Path(folder, name).is_symlink()]
        for name in (*files, *links):
            if f"{folder}/{name}" not in named:
                remove_file(Path(folder, name))
        remove_if_empty(Path(folder))


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
        with os.scandir(folder) as entries:
            is_empty = next(entries, None) is None
        if is_empty:
            remove_folder(folder)
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.ENOTEMPTY):
            raise
