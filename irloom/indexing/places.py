"""Where a collection may touch the disk: names in a manifest and links in its folder that lead elsewhere are refused.

All of it works on strings: a collection of many segments has thousands of files, and they are looked at each time one opens.
"""

import os
import stat
from collections.abc import Collection, Iterable
from pathlib import Path

from irloom.core.errors import Corrupt

_NOWHERE = frozenset(("", ".", ".."))


def check_names(path: Path, names: Iterable[str], *, folders: Collection[str]) -> None:
    """Refuses names, in the manifest at `path`, of anything but what lies in one of the folders.

    Raises:
        Corrupt: one lies elsewhere, or cannot be a file's.
    """
    for name in names:
        pieces = name.split("/")
        if len(pieces) < 2 or pieces[0] not in folders or not _NOWHERE.isdisjoint(pieces) or not _can_be_a_file(name):
            raise Corrupt(path, f"it names {name!r}, which lies outside the collection's {', '.join(folders)}")


def check_links(root: Path, names: Iterable[str]) -> None:
    """Refuses links in the places of these names, or on the way to them, that leave the collection.

    Raises:
        Corrupt: one does.
    """
    whole, base = os.path.realpath(root), str(root)
    places = {name.rpartition("/")[0] for name in names}
    places.update(name for name in names if os.path.islink(f"{base}/{name}"))
    for place in places:
        real = os.path.realpath(f"{base}/{place}")
        if not (real == whole or real.startswith(f"{whole.rstrip('/')}/")):
            raise Corrupt(root / place, "a link that leaves the collection")


def refuse_links(root: Path, names: Iterable[str]) -> None:
    """Refuses links in the places of a collection's own files and folders, which are written to and cleaned up.

    Raises:
        Corrupt: one is a link.
    """
    for name in names:
        if os.path.islink(f"{root}/{name}"):
            raise Corrupt(root / name, "it is a link, and irloom makes none")


def size_of(root: Path, name: str) -> int:
    """The size of a plain file of the collection in bytes.

    Raises:
        Corrupt: there is none.
    """
    try:
        found = os.stat(f"{root}/{name}")
    except (FileNotFoundError, NotADirectoryError):
        raise Corrupt(root / name, "the file is missing") from None
    except OSError as error:
        raise Corrupt(root / name, f"the file cannot be looked at ({error.strerror})") from None
    if not stat.S_ISREG(found.st_mode):
        raise Corrupt(root / name, "it is not a plain file")
    return found.st_size


def _can_be_a_file(name: str) -> bool:
    try:
        return b"\0" not in name.encode()
    except UnicodeEncodeError:
        return False
