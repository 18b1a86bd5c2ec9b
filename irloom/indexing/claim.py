"""The right to write into a folder: made where it is missing, held by an OS lock, and left without a trace where nothing came of it."""

from pathlib import Path

from irloom.core.errors import NotACollection
from irloom.core.files import make_folder
from irloom.core.locks import FileLock
from irloom.indexing.cleaning import remove_empty_folders, remove_if_empty, remove_unborn
from irloom.indexing.manifest import FOLDERS, NAME
from irloom.indexing.places import refuse_links
from irloom.indexing.readers import READERS
from irloom.indexing.staging import WORK

LOCK = ".lock"
_OURS = (LOCK, WORK, READERS, NAME, *FOLDERS)
_ELSEWHERE = "name a new folder, or an empty one"


class Claim:
    """A folder that nobody else writes into until `leave`.

    Raises:
        Locked: another process writes.
        NotACollection: it is a file, or a folder that holds other things.
        Corrupt: something of the collection's own is a link.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._made = not root.exists()
        if not self._made:
            _check(root)
        self._lock = FileLock(root / LOCK)
        while True:
            make_folder(root, exist_ok=True)
            try:
                self._lock.acquire(shared=False)
                break
            except FileNotFoundError:
                continue  # another writer has just taken the folder away, since nothing came of it
            except OSError:
                if self._made:
                    remove_if_empty(root)
                raise

    def leave(self) -> None:
        """Lets the lock go; where there is no collection and nothing to take up again, no trace stays."""
        try:
            remove_empty_folders(self.root / WORK)
            if not (self.root / NAME).exists() and not (self.root / WORK).exists():
                remove_unborn(self.root, made=self._made)
        finally:
            self._lock.release()


def _check(root: Path) -> None:
    if not root.is_dir():
        raise NotACollection(root, "it is a file", advice=_ELSEWHERE)
    strange = sorted(entry.name for entry in root.iterdir() if entry.name not in _OURS and not entry.name.startswith("."))
    if strange and not (root / NAME).exists():
        raise NotACollection(root, f"the folder holds other things, such as {strange[0]!r}", advice=_ELSEWHERE)
    refuse_links(root, _OURS)
