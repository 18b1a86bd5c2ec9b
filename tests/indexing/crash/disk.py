"""A model of a disk whose power is cut: what was not synced may be lost, and so may names in a folder that was not synced.

It watches `fail_points`. A file's bytes are safe from its last fsync, a folder's names (new ones, renamed ones and those that are gone)
from the last fsync of the folder. It knows files by their inode, and keeps each one that it knows open, so that no number is used twice.
"""

import os
import random
import resource
from pathlib import Path

MOST_FILES = 8192


class Disk:
    """What of the folder `base` is safe; all that is there at the start is.

    `note` goes into `fail_points`; `leave` writes what a power cut leaves.
    """

    def __init__(self, base: Path) -> None:
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, MOST_FILES)), hard))
        self.base = base
        self._open: dict[int, int] = {}
        self._names: dict[int, dict[str, int]] = {}
        self._bytes: dict[int, bytes] = {}
        for path in (base, *base.rglob("*")):
            self._sync(path)

    def close(self) -> None:
        """Lets go of the files."""
        for descriptor in self._open.values():
            os.close(descriptor)

    def note(self, action: str, path: Path) -> None:
        """Takes in what an fsync is about to make safe."""
        if action == "fsync" and path.is_relative_to(self.base):
            self._sync(path)

    def leave(self, target: Path, chance: random.Random | None = None) -> None:
        """Makes `target` the folder that is found after a power cut: what is safe alone, or with `chance` also some of what is not."""
        names, contents = self._now() if chance else ({}, {})
        self._write(target, self._known(self.base), names, contents, chance)

    def _write(
        self, target: Path, number: int, names: dict[int, dict[str, int]], contents: dict[int, bytes], chance: random.Random | None
    ) -> None:
        target.mkdir()
        safe = self._names.get(number, {})
        now = names.get(number, {}) if chance else safe
        for name in sorted(safe.keys() | now.keys()):
            inode = (now if chance and chance.random() < 0.5 else safe).get(name)
            if inode is None:
                continue
            if inode in self._names or inode in names:
                self._write(target / name, inode, names, contents, chance)
            else:
                (target / name).write_bytes(self._content(inode, contents, chance))

    def _content(self, inode: int, contents: dict[int, bytes], chance: random.Random | None) -> bytes:
        """The bytes of a file: the safe ones, or by chance all or the beginning of those that it has now."""
        safe = self._bytes.get(inode, b"")
        now = contents.get(inode, safe) if chance else safe
        if chance is None or now == safe or chance.random() < 0.4:
            return safe
        return now if chance.random() < 0.5 else now[: chance.randrange(len(now) + 1)]

    def _now(self) -> tuple[dict[int, dict[str, int]], dict[int, bytes]]:
        names, contents = {}, {}
        for path in (self.base, *self.base.rglob("*")):
            if path.is_dir():
                names[self._known(path)] = {entry.name: entry.inode() for entry in os.scandir(path)}
            else:
                contents[self._known(path)] = path.read_bytes()
        return names, contents

    def _sync(self, path: Path) -> None:
        if path.is_dir():
            self._names[self._known(path)] = {entry.name: self._known(Path(entry.path)) for entry in os.scandir(path)}
        else:
            self._bytes[self._known(path)] = path.read_bytes()

    def _known(self, path: Path) -> int:
        """The file's number, which is not given to another one from now on."""
        inode = path.stat().st_ino
        if inode not in self._open:
            self._open[inode] = os.open(path, os.O_RDONLY)
            if path.is_dir():
                self._names[inode] = {}
        return inode
