"""A cache on disk: bytes by key in one SQLite file, safe for several processes and threads."""

import hashlib
import os
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING

from irloom.core.errors import Locked
from irloom.core.locks import FileLock

if TYPE_CHECKING:
    from sqlite3 import Connection

_CHECK = 8
_KEYS = 500
"""Keys in one question to SQLite."""

_WAIT = 60.0
"""Seconds to wait for another writer."""

_bypassed: ContextVar[bool] = ContextVar("bypassed", default=False)


@contextmanager
def without_caches() -> Iterator[None]:
    """Within the block no cache gives or keeps anything: all is computed."""
    token = _bypassed.set(True)
    try:
        yield
    finally:
        _bypassed.reset(token)


class CacheStore:
    """Values by key. A value is checked when it is read: one that is damaged counts as not there.

    Writers append in transactions of SQLite's write-ahead log, so a killed one leaves what was there before. Each call opens the file
    for itself, so that threads and forked processes share nothing. A file that cannot be used (damaged, locked for a minute, on a
    full disk) is told of once, and work goes on without it. The file must lie on a local disk.

    Args:
        path: the file; made with its folder at first use.
        max_mb: megabytes from which on the oldest entries make room, 1 or more.
    """

    def __init__(self, path: Path, *, max_mb: int) -> None:
        self.path, self.max_bytes = path, max_mb << 20
        self._told = False

    def get(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The values that are there and whole."""
        if _bypassed.get() or not keys or not self.path.exists():
            return {}
        found: dict[bytes, bytes] = {}
        with self._guarded(), closing(self._connect(self.path)) as connection:
            for start in range(0, len(keys), _KEYS):
                some = keys[start : start + _KEYS]
                marks = ",".join("?" * len(some))
                for key, value in connection.execute(f"SELECT key, value FROM entries WHERE key IN ({marks})", some):  # noqa: S608 (marks only)
                    if isinstance(value, bytes) and value[:_CHECK] == _checksum(key, value[_CHECK:]):
                        found[key] = value[_CHECK:]
        return found

    def put(self, entries: Mapping[bytes, bytes]) -> None:
        """Keeps values, in one transaction."""
        if _bypassed.get() or not entries:
            return
        with self._guarded():
            if not self.path.exists():
                self._create()
            with closing(self._connect(self.path)) as connection:
                connection.execute("BEGIN IMMEDIATE")
                rows = ((key, _checksum(key, payload) + payload) for key, payload in entries.items())
                connection.executemany("INSERT OR REPLACE INTO entries (key, value) VALUES (?, ?)", rows)
                self._make_room(connection)
                connection.execute("COMMIT")

    def _make_room(self, connection: "Connection") -> None:
        """Drops the oldest entries until nine tenths of the room are used at most."""
        used = _used(connection)
        while used > self.max_bytes:
            count = int(connection.execute("SELECT COUNT(*) FROM entries").fetchone()[0])
            share = min(1.0, 1 - 0.9 * self.max_bytes / used)
            dropped = max(1, int(count * share))
            connection.execute("DELETE FROM entries WHERE id IN (SELECT id FROM entries ORDER BY id LIMIT ?)", (dropped,))
            if count <= dropped:
                break
            used = _used(connection)

    def _connect(self, path: Path) -> "Connection":
        import sqlite3

        connection = sqlite3.connect(path, timeout=_WAIT, isolation_level=None)
        connection.text_factory = bytes
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection

    def _create(self) -> None:
        """Makes the file under a lock and gives it its name when it is whole, so that nobody meets half of one."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.path.with_name(f".{self.path.name}.lock"))
        _acquire(lock)
        try:
            if self.path.exists():
                return
            beside = self.path.with_name(f".{self.path.name}.new")
            beside.unlink(missing_ok=True)
            with closing(self._connect(beside)) as connection:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("CREATE TABLE entries (id INTEGER PRIMARY KEY, key BLOB UNIQUE, value BLOB)")
            os.replace(beside, self.path)
        finally:
            lock.release()

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        import sqlite3

        try:
            yield
        except (sqlite3.Error, OSError, Locked) as error:
            if not self._told:
                self._told = True
                problem = f"the cache {self.path} cannot be used ({error}); all is computed; remove the file if it is damaged"
                warnings.warn(problem, UserWarning, stacklevel=4)


def _used(connection: "Connection") -> int:
    pages, free, size = (int(connection.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("page_count", "freelist_count", "page_size"))
    return (pages - free) * size


def _checksum(key: bytes, payload: bytes) -> bytes:
    return hashlib.blake2b(payload, digest_size=_CHECK, key=key[:64]).digest()


def _acquire(lock: FileLock) -> None:
    end = time.monotonic() + _WAIT
    while True:
        try:
            lock.acquire(shared=False)
        except Locked:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)
        else:
            return
