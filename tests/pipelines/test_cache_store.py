"""The cache on disk: whole values or none, whatever happens to processes and to the file."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from irloom.pipelines.cache_store import CacheStore, without_caches

WRITER = """
import sys
from pathlib import Path
from irloom.pipelines.cache_store import CacheStore
store, own = CacheStore(Path(sys.argv[1]), max_mb=64), int(sys.argv[2])
for step in range(40):
    store.put({b"%d-%d" % (own, step): bytes([own]) * 100, b"both": b"same"})
    found = store.get([b"%d-%d" % (own, earlier) for earlier in range(step + 1)])
    assert len(found) == step + 1, (own, step, len(found))
    if step == 10: print("ready", flush=True)
"""


def start(path: Path, number: int) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-W", "error", "-c", WRITER, str(path), str(number)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_what_is_put_is_got(tmp_path: Path) -> None:
    store = CacheStore(tmp_path / "deep" / "c.sqlite", max_mb=1)
    assert store.get([b"a"]) == {}
    assert not (tmp_path / "deep").exists()  # asking makes nothing
    store.put({b"a": b"1", b"b": b""})
    store.put({b"a": b"2"})
    assert store.get([b"a", b"b", b"c"]) == {b"a": b"2", b"b": b""}
    assert CacheStore(store.path, max_mb=1).get([b"a"] * 1200) == {b"a": b"2"}


def test_processes_share_it_and_a_killed_one_loses_nothing_old(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite"
    processes = [start(path, number) for number in range(4)]
    victim = processes[0]
    assert victim.stdout is not None
    assert victim.stdout.readline() == "ready\n"
    os.kill(victim.pid, signal.SIGKILL)
    outcomes = [process.communicate(timeout=600) for process in processes]
    assert [process.returncode for process in processes[1:]] == [0, 0, 0], outcomes
    store = CacheStore(path, max_mb=64)
    for number in range(1, 4):
        assert len(store.get([b"%d-%d" % (number, step) for step in range(40)])) == 40
    assert len(store.get([b"0-%d" % step for step in range(11)])) == 11
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def test_eight_threads_share_it(tmp_path: Path) -> None:
    store = CacheStore(tmp_path / "c.sqlite", max_mb=16)
    barrier = threading.Barrier(8)

    def work(number: int) -> bool:
        barrier.wait()
        for step in range(10):
            store.put({b"%d-%d" % (number, step): b"x" * step})
        return len(store.get([b"%d-%d" % (number, step) for step in range(10)])) == 10

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(8)))


def test_a_damaged_value_counts_as_not_there(tmp_path: Path) -> None:
    store = CacheStore(tmp_path / "c.sqlite", max_mb=1)
    store.put({b"a": b"good", b"b": b"good too"})
    connection = sqlite3.connect(store.path)
    connection.execute("UPDATE entries SET value = substr(value, 1, 9) || x'00' WHERE key = ?", (b"a",))
    connection.commit()
    connection.close()
    assert store.get([b"a", b"b"]) == {b"b": b"good too"}
    store.put({b"a": b"again"})
    assert store.get([b"a"]) == {b"a": b"again"}


def test_a_damaged_file_is_told_of_once_and_passed_over(tmp_path: Path) -> None:
    store = CacheStore(tmp_path / "c.sqlite", max_mb=1)
    store.path.write_bytes(b"no database at all, but long enough to be looked at" * 100)
    before = store.path.read_bytes()
    with pytest.warns(UserWarning, match=r"c\.sqlite cannot be used .*not a database.*remove the file"):
        assert store.get([b"a"]) == {}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        store.put({b"a": b"1"})
        assert store.get([b"a"]) == {}
    assert store.path.read_bytes() == before


def test_every_damaged_page_gives_whole_values_or_none(tmp_path: Path) -> None:
    store = CacheStore(tmp_path / "c.sqlite", max_mb=4)
    values = {b"%d" % number: os.urandom(700) for number in range(60)}
    store.put(values)
    data = store.path.read_bytes()
    for place in range(100, len(data), 997):
        store.path.write_bytes(data[:place] + bytes(64) + data[place + 64 :])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = CacheStore(store.path, max_mb=4).get(list(values))
        assert all(values[key] == value for key, value in found.items())


def test_the_oldest_make_room(tmp_path: Path) -> None:
    store = CacheStore(tmp_path / "c.sqlite", max_mb=1)
    for number in range(40):
        store.put({b"%d" % number: os.urandom(50_000)})
    kept = sorted(int(key) for key in store.get([b"%d" % number for number in range(40)]))
    assert kept == list(range(40 - len(kept), 40))
    assert 10 < len(kept) < 21
    assert store.path.stat().st_size < 2 << 20


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = CacheStore(tmp_path / "file" / "c.sqlite", max_mb=1)
    with pytest.warns(UserWarning, match="cannot be used"):
        store.put({b"a": b"1"})


def test_within_the_block_nothing_is_given_or_kept(tmp_path: Path) -> None:
    store = CacheStore(tmp_path / "c.sqlite", max_mb=1)
    store.put({b"a": b"1"})
    with without_caches():
        assert store.get([b"a"]) == {}
        store.put({b"b": b"1"})
    assert store.get([b"a", b"b"]) == {b"a": b"1"}
