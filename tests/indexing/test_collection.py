"""The collection on disk: commits, snapshots, locks, damage, faults."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from irloom.core import files
from irloom.core.errors import (
    BadValue,
    CollectionError,
    Corrupt,
    DataError,
    DuplicateDocument,
    FormatMismatch,
    Locked,
    NotACollection,
    UnknownDocument,
    UnknownName,
)
from irloom.core.files import Progress
from irloom.core.types import Document
from irloom.indexing.collection import Collection
from irloom.indexing.parts import DocumentSource
from irloom.indexing.writer import CollectionWriter

DOCUMENTS = [
    Document("d2", "second text"),
    Document("d10", "", "only a title"),
    Document("ü", "ümläut \U0001f600", parent="d2", span=(3, 8), meta={"year": 2020, "tags": ("a", "b"), "ok": True}),
    Document("d9", "\ud800 a lone surrogate"),
]


class Lengths:
    """A part that keeps the length of each text."""

    kind, space, fingerprint = "lengths", "lengths/1", "lengths/1"

    def __init__(self, factor: int = 1) -> None:
        self.parameters = {"factor": factor}
        self.factor = factor

    def build(self, documents: DocumentSource, folder: Path, *, work: Path, trained: Path, progress: Progress) -> None:
        (work / "shard").write_bytes(b"finished")
        files.write_array(folder / "lengths.npy", np.array([self.factor * len(document.text) for document in documents]))


def write(path: Path, factor: int = 1) -> None:
    with CollectionWriter(path) as writer:
        writer.write_documents(DOCUMENTS, source={"name": "test"})
        writer.build("lengths", Lengths(factor))
        writer.commit()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write(tmp_path / "c")
    return tmp_path / "c"


@contextmanager
def fault(point: Callable[[str, Path], None]) -> Iterator[None]:
    files.fail_points.append(point)
    try:
        yield
    finally:
        files.fail_points.remove(point)


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_documents_come_back(path: Path) -> None:
    with Collection.open(path) as collection:
        assert len(collection) == 4
        assert list(collection.documents()) == DOCUMENTS
        assert collection.fetch(["ü", "d2", "ü"]) == [DOCUMENTS[2], DOCUMENTS[0], DOCUMENTS[2]]
        assert collection.fetch(["ü"])[0].meta == {"year": 2020, "tags": ("a", "b"), "ok": True}
        with pytest.raises(UnknownDocument, match="'d3'"):
            collection.fetch(["d2", "d3"])


def test_ids_by_position_and_back(path: Path) -> None:
    ids = Collection.open(path).part("lengths").ids
    assert ids.ids(np.array([3, 0])) == ["d9", "d2"]
    assert ids.positions(["d9", "nope", "", "d10"]).tolist() == [3, -1, -1, 1]
    assert ids.rank.tolist() == [2, 3, 0, 1]  # descending: ü, d9, d2, d10


def test_parts_by_name_and_kind(path: Path) -> None:
    collection = Collection.open(path)
    part = collection.only_part("lengths")
    assert (part.name, part.kind, part.parameters) == ("lengths", "lengths", {"factor": 1})
    assert files.map_array(part.segments[0].folder / "lengths.npy").tolist() == [len(document.text) for document in DOCUMENTS]
    with pytest.raises(UnknownName, match="Did you mean 'lengths'"):
        collection.part("length")
    with pytest.raises(UnknownName, match="kind of part"):
        collection.only_part("bm25")
    with CollectionWriter(path) as writer:
        writer.build("more", Lengths(2))
        writer.commit()
    with pytest.raises(BadValue, match="lengths, more"):
        Collection.open(path).only_part("lengths")


def test_a_reader_keeps_its_snapshot_until_it_lets_go(path: Path) -> None:
    old = Collection.open(path)
    with CollectionWriter(path) as writer:
        writer.build("lengths", Lengths(7))
        writer.commit()
    assert files.map_array(old.part("lengths").segments[0].folder / "lengths.npy")[0] == 11
    assert files.map_array(Collection.open(path).part("lengths").segments[0].folder / "lengths.npy")[0] == 77
    stale = old.part("lengths").segments[0].folder
    old.close()
    with CollectionWriter(path):
        assert not stale.exists()


def test_nothing_is_seen_before_the_commit_nor_left_without_one(path: Path) -> None:
    before = names(path)
    with CollectionWriter(path) as writer:
        writer.build("more", Lengths())
        assert set(Collection.open(path).parts) == {"lengths"}
    assert names(path) - before == {"work/more/shard"}
    with CollectionWriter(path) as writer:
        writer.drop("lengths")
        writer.commit()
    assert not Collection.open(path).parts
    assert not (path / "work").exists()


FAIL_POINTS = 43
"""Changes to the disk of the work below."""


@pytest.mark.parametrize("number", range(FAIL_POINTS + 1))
def test_a_fault_anywhere_leaves_the_old_state_or_the_new(path: Path, number: int) -> None:
    reached = 0

    def point(action: str, where: Path) -> None:
        nonlocal reached
        if where.name == ".lock":  # held all the same
            return
        reached += 1
        if reached == number + 1:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(where))

    def work() -> None:
        with fault(point), CollectionWriter(path) as writer:
            writer.build("lengths", Lengths(5))
            writer.build("more", Lengths())
            writer.commit()

    if number < FAIL_POINTS:
        with pytest.raises(OSError, match="No space left"):
            work()
    else:
        work()
        assert reached == FAIL_POINTS
    collection = Collection.open(path)
    parts = set(collection.parts)
    value = int(files.map_array(collection.part("lengths").segments[0].folder / "lengths.npy")[0])
    assert (parts, value) in [({"lengths"}, 11), ({"lengths", "more"}, 55)]
    assert not collection.manifest.damage(path)
    collection.close()
    with CollectionWriter(path) as writer:
        writer.build("lengths", Lengths(3))
        writer.commit()
    collection = Collection.open(path)
    assert names(path / "segments") == {name.removeprefix("segments/") for name in collection.manifest.files}


@pytest.mark.parametrize("action", ["write", "fsync", "rename"])
def test_a_killed_first_build_leaves_no_collection_and_can_be_done_again(tmp_path: Path, action: str) -> None:
    program = f"""
import os, signal, sys
from pathlib import Path
sys.path.insert(0, {str(Path(__file__).parent)!r})
from irloom.core import files
import test_collection
def point(action, path):
    if action == {action!r} and "manifest" in path.name:
        os.kill(os.getpid(), signal.SIGKILL)
files.fail_points.append(point)
test_collection.write(Path(sys.argv[1]))
"""
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path / "c")], check=False)
    assert done.returncode == -signal.SIGKILL
    with pytest.raises(NotACollection):
        Collection.open(tmp_path / "c")
    write(tmp_path / "c")
    assert len(Collection.open(tmp_path / "c")) == 4


def test_a_second_writer_is_told(path: Path) -> None:
    with CollectionWriter(path), pytest.raises(Locked, match=f"locked by process {os.getpid()}"):
        CollectionWriter(path)
    with CollectionWriter(path):
        pass


def test_truncation_is_found_at_open_and_a_flipped_bit_by_damage(path: Path) -> None:
    victims = [name for name in names(path) if name.startswith("segments") and (path / name).stat().st_size]
    assert len(victims) >= 8
    for name in victims:
        whole = (path / name).read_bytes()
        (path / name).write_bytes(whole[:-1])
        with pytest.raises(Corrupt, match=f"{len(whole) - 1} bytes, expected {len(whole)}"):
            Collection.open(path)
        (path / name).write_bytes(bytes([*whole[:-1], whole[-1] ^ 1]))
        (line,) = Collection.open(path).manifest.damage(path) if "rank" in name or "text.bytes" in name else [name]
        assert line.startswith(name)
        (path / name).unlink()
        with pytest.raises(Corrupt, match="missing"):
            Collection.open(path)
        (path / name).write_bytes(whole)
    assert not Collection.open(path).manifest.damage(path)


def _resign(path: Path, change: Callable[[dict[str, object]], object]) -> None:
    """Changes the manifest and gives it a right checksum, as a hostile writer would."""
    import hashlib

    body = json.loads((path / "manifest.json").read_text())
    del body["checksum"]
    change(body)
    body["checksum"] = hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    (path / "manifest.json").write_text(json.dumps(body))


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "segments/../../x", "manifest.json", "segments/0/link"])
def test_a_hostile_manifest_cannot_leave_the_collection(path: Path, name: str) -> None:
    (path / "segments/0/link").symlink_to(path.parent)
    record = {"bytes": 1, "sha256": "0"}
    _resign(path, lambda body: body["files"].update({name: record}))  # type: ignore[attr-defined]
    with pytest.raises(Corrupt, match=r"outside|leaves"):
        Collection.open(path)


def test_a_manifest_that_is_not_ours(path: Path) -> None:
    manifest = path / "manifest.json"
    whole = manifest.read_text()
    _resign(path, lambda body: body.update(version=99))
    with pytest.raises(FormatMismatch, match="version 99"):
        Collection.open(path)
    for text, error in [
        ("{", Corrupt),
        ("[]", NotACollection),
        ('{"format": "other"}', NotACollection),
        (whole.replace('"generation": 1', '"generation": 2'), Corrupt),
    ]:
        manifest.write_text(text)
        with pytest.raises(error):
            Collection.open(path)
    manifest.write_text(whole)
    _resign(path, lambda body: body.pop("files"))
    with pytest.raises(Corrupt, match="field"):
        Collection.open(path)


def test_what_is_no_collection(tmp_path: Path) -> None:
    with pytest.raises(NotACollection, match="no such folder"):
        Collection.open(tmp_path / "none")
    (tmp_path / "file").write_text("x")
    for attempt in (Collection.open, CollectionWriter):
        with pytest.raises(NotACollection, match="file"):
            attempt(tmp_path / "file")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("x")
    with pytest.raises(NotACollection, match=r"thesis\.txt"):
        CollectionWriter(tmp_path / "mine")
    assert names(tmp_path / "mine") == {"thesis.txt"}


@pytest.mark.parametrize(
    ("documents", "error"),
    [([], DataError), ([Document("a", ""), Document("a", "x")], DuplicateDocument), ([Document("", "x")], DataError)],
)
def test_bad_corpora_leave_nothing(tmp_path: Path, documents: list[Document], error: type[Exception]) -> None:
    with pytest.raises(error), CollectionWriter(tmp_path / "c") as writer:
        writer.write_documents(documents)
    assert not (tmp_path / "c").exists()


def test_documents_are_written_once(path: Path) -> None:
    with CollectionWriter(path) as writer, pytest.raises(CollectionError, match="already"):
        writer.write_documents(DOCUMENTS)
    with CollectionWriter(path) as writer, pytest.raises(BadValue, match="part"):
        writer.build("../x", Lengths())


def test_a_copy_opens_and_has_the_same_fingerprint(path: Path, tmp_path: Path) -> None:
    shutil.copytree(path, tmp_path / "copy")
    assert Collection.open(tmp_path / "copy").fingerprint == Collection.open(path).fingerprint


def test_an_interrupted_build_without_shards_leaves_nothing(tmp_path: Path) -> None:
    class Interrupted(Lengths):
        def build(self, documents: DocumentSource, folder: Path, *, work: Path, trained: Path, progress: Progress) -> None:
            raise KeyboardInterrupt

    def build() -> None:
        with CollectionWriter(tmp_path / "c") as writer:
            writer.write_documents(DOCUMENTS)
            writer.build("lengths", Interrupted())

    with pytest.raises(KeyboardInterrupt):
        build()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_other_things_is_told_to_stay_alone(tmp_path: Path) -> None:
    (tmp_path / "corpus.jsonl").touch()
    with pytest.raises(NotACollection, match=r"other things, such as 'corpus\.jsonl'; name a new folder, or an empty one$"):
        CollectionWriter(tmp_path)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"version": ' + "9" * 5000 + "}", "{", "\ud800"])
def test_a_manifest_that_cannot_be_read_is_damage(tmp_path: Path, text: str) -> None:
    write(tmp_path / "c")
    (tmp_path / "c" / "manifest.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(Corrupt, match="not JSON"):
        Collection.open(tmp_path / "c")
