"""A collection that grows: after any sequence of changes it holds what a plain dictionary holds."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from irloom.core import files
from irloom.core.errors import BadValue, CollectionError, Corrupt, DuplicateDocument, SpaceMismatch, UnknownDocument, UnknownName
from irloom.core.files import Progress
from irloom.core.types import Document, Json
from irloom.indexing.collection import Collection
from irloom.indexing.manifest import FOLDERS, read_manifest
from irloom.indexing.parts import DocumentSource, PartSegment
from irloom.indexing.writer import CollectionWriter, Updated


class Lengths:
    """A part that keeps the length of each text, and the number of documents that it learnt from."""

    kind, space, fingerprint = "lengths", "lengths/1", "lengths/1"
    parameters: Mapping[str, Json] = {}

    def build(self, documents: DocumentSource, folder: Path, *, work: Path, trained: Path, progress: Progress) -> None:
        if not any(trained.iterdir()):
            files.write_array(trained / "learnt.npy", np.array([len(documents)]))
        files.write_array(folder / "lengths.npy", np.array([len(document.text) for document in documents]))


class Other(Lengths):
    space = "lengths/2"


def merge_lengths(
    sources: Sequence[PartSegment],
    folder: Path,
    *,
    parameters: Mapping[str, Json],
    trained: Path | None,
    retrained: Path,
    work: Path,
    progress: Progress,
) -> None:
    kept = [files.map_array(source.folder / "lengths.npy")[source.live_places] for source in sources]
    if sum(map(len, kept)) > 10:
        files.write_array(retrained / "learnt.npy", np.array([sum(map(len, kept))]))
    files.write_array(folder / "lengths.npy", np.concatenate(kept))


BUILDERS = {"lengths": Lengths()}
MERGES = {"lengths": merge_lengths}


def begin(path: Path, texts: Mapping[str, str]) -> None:
    with CollectionWriter(path) as writer:
        writer.write_documents([Document(doc_id, text) for doc_id, text in texts.items()], source={"dataset": "first"})
        writer.build("lengths", Lengths())
        writer.commit()


def check(path: Path, expected: Mapping[str, str]) -> None:
    """The collection at `path` holds exactly the expected texts, by every way to look at it."""
    with Collection.open(path) as collection:
        assert len(collection) == len(collection.documents()) == len(expected)
        assert {document.id: document.text for document in collection.documents()} == expected
        assert [document.text for document in collection.fetch(list(expected))] == list(expected.values())
        assert collection.missing(["a", "b", "zz"]) == [doc_id for doc_id in ("a", "b", "zz") if doc_id not in expected]
        part = collection.part("lengths")
        values = np.concatenate([np.empty(0, np.int64), *(files.map_array(each.folder / "lengths.npy") for each in part.segments)])
        for doc_id, position in zip(expected, collection.ids.positions(list(expected)).tolist(), strict=True):
            assert values[position] == len(expected[doc_id])
        ids = [doc_id.encode() for doc_id in collection.ids.ids(np.arange(len(collection.ids)))]
        assert [ids[place] for place in np.argsort(collection.ids.rank)] == sorted(ids, reverse=True)
        assert not collection.manifest.damage(path)


def check_clean(path: Path) -> None:
    """Nothing lies in the folder but what the manifest names."""
    with Collection.open(path) as collection:
        on_disk = {found.relative_to(path).as_posix() for folder in FOLDERS for found in (path / folder).rglob("*") if found.is_file()}
        assert on_disk == set(collection.manifest.files)
        assert not (path / "work").exists()


IDS = st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=4, unique=True)
STEPS = st.lists(
    st.one_of(st.tuples(st.just("put"), IDS), st.tuples(st.just("delete"), IDS), st.tuples(st.just("compact"), st.just([]))), max_size=7
)


@settings(max_examples=40)
@given(IDS, STEPS)
def test_any_sequence_of_changes(first: list[str], steps: list[tuple[str, list[str]]]) -> None:
    with TemporaryDirectory() as folder:
        path, state = Path(folder) / "c", dict.fromkeys(first, "first")
        begin(path, state)
        for number, (action, ids) in enumerate(steps):
            with CollectionWriter(path) as writer:
                if action == "put" and not state.keys() & ids:
                    assert writer.add([Document(doc_id, "x" * number) for doc_id in ids], BUILDERS) == len(ids)
                elif action == "put":
                    old = len(state.keys() & ids)
                    assert writer.update([Document(doc_id, "x" * number) for doc_id in ids], BUILDERS) == Updated(len(ids) - old, old)
                elif action == "delete":
                    assert writer.delete(ids, missing="ignore") == len(state.keys() & ids)
                else:
                    writer.compact(merges=MERGES)
                writer.commit()
            if action == "put":
                state.update(dict.fromkeys(ids, "x" * number))
            elif action == "delete":
                state = {doc_id: text for doc_id, text in state.items() if doc_id not in ids}
            check(path, state)
            check_clean(path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    begin(tmp_path / "c", {"a": "one", "b": "three"})
    return tmp_path / "c"


def test_several_changes_in_one_commit(path: Path) -> None:
    with CollectionWriter(path) as writer:
        writer.add([Document("c", "x"), Document("d", "y")], BUILDERS)
        writer.delete(["a", "c"])
        writer.update([Document("b", "new")], BUILDERS)
        writer.delete(["b"])
        writer.update([Document("b", "newest")], BUILDERS)
        check(path, {"a": "one", "b": "three"})
        writer.commit()
        check(path, {"d": "y", "b": "newest"})
        assert writer.compact(merges=MERGES)
        assert not writer.compact(merges=MERGES)
        writer.commit()
    check(path, {"d": "y", "b": "newest"})
    check_clean(path)
    assert len(Collection.open(path).segments) == 1


def test_an_id_that_is_there_is_named_and_nothing_changes(path: Path) -> None:
    with pytest.raises(DuplicateDocument, match="document 'b' is there already; update replaces"), CollectionWriter(path) as writer:
        writer.add([Document("n", ""), Document("b", "")], BUILDERS)
    with pytest.raises(DuplicateDocument, match="'n' occurs twice"), CollectionWriter(path) as writer:
        writer.update([Document("n", ""), Document("n", "")], BUILDERS)
    with pytest.raises(UnknownDocument, match="'x'"), CollectionWriter(path) as writer:
        writer.delete(["a", "x"])
    with pytest.raises(BadValue, match="missing"), CollectionWriter(path) as writer:
        writer.delete(["a"], missing="maybe")  # type: ignore[arg-type]
    check(path, {"a": "one", "b": "three"})


def test_builders_must_cover_the_parts_and_fit(path: Path) -> None:
    with pytest.raises(CollectionError, match="part 'lengths', and no builder"), CollectionWriter(path) as writer:
        writer.add([Document("n", "")], {})
    with pytest.raises(SpaceMismatch), CollectionWriter(path) as writer:
        writer.add([Document("n", "")], {"lengths": Other()})
    with CollectionWriter(path) as writer:
        writer.delete(["a"])
        with pytest.raises(CollectionError, match="cannot be merged"):
            writer.compact()
    check(path, {"a": "one", "b": "three"})


def test_what_is_learnt_is_shared_until_it_is_learnt_again(path: Path) -> None:
    def learnt() -> int:
        with Collection.open(path) as collection:
            trained = collection.part("lengths").trained
            assert trained is not None
            return int(files.map_array(trained / "learnt.npy")[0])

    with CollectionWriter(path) as writer:
        writer.add([Document(f"n{number}", "") for number in range(5)], BUILDERS)
        writer.compact(merges=MERGES)
        writer.commit()
    assert learnt() == 2
    with CollectionWriter(path) as writer:
        writer.add([Document(f"m{number}", "") for number in range(5)], BUILDERS)
        writer.compact(merges=MERGES)
        writer.commit()
    assert learnt() == 12
    assert len(list((path / "trained").iterdir())) == 1


def test_a_part_over_a_grown_collection_and_one_in_the_place_of_another(path: Path) -> None:
    with CollectionWriter(path) as writer:
        writer.add([Document("n", "four")], BUILDERS)
        writer.build("new", Other())
        writer.commit()
    with Collection.open(path) as collection:
        assert {name: len(collection.part(name).segments) for name in collection.parts} == {"lengths": 2, "new": 2}
    with CollectionWriter(path) as writer:
        with pytest.raises(UnknownName):
            writer.swap("lengths", "newer")
        with pytest.raises(BadValue, match="another part"):
            writer.swap("lengths", "lengths")
        writer.swap("lengths", "new")
        writer.commit()
    with Collection.open(path) as collection:
        assert {name: record.space for name, record in collection.parts.items()} == {"lengths": "lengths/2"}
    check(path, {"a": "one", "b": "three", "n": "four"})


def test_a_reader_keeps_what_it_opened(path: Path) -> None:
    old = Collection.open(path)
    with CollectionWriter(path) as writer:
        writer.update([Document("a", "changed")], BUILDERS)
        writer.compact(merges=MERGES)
        writer.commit()
    assert old.fetch(["a"])[0].text == "one"
    assert not old.manifest.damage(path)
    new = Collection.open(path)
    assert new.fetch(["a"])[0].text == "changed"
    assert new.fingerprint != old.fingerprint
    old.close()
    new.close()
    with CollectionWriter(path) as writer:
        writer.set_source({"dataset": "second"})
        writer.commit()
    assert Collection.open(path).manifest.source == {"dataset": "second"}
    check(path, {"a": "changed", "b": "three"})
    check_clean(path)


def test_damage_is_not_merged(path: Path) -> None:
    """Fresh checksums would make it look sound for ever, and the kernels that merge trust what they read."""
    with CollectionWriter(path) as writer:
        writer.add([Document(f"n{number}", "more") for number in range(9)], BUILDERS)
        writer.delete(["a"])
        writer.commit()
    manifest = read_manifest(path)
    merged = [name for name, record in manifest.files.items() if record.bytes and not name.startswith("ranks/")]
    assert {name.partition("/")[0] for name in merged} == {"segments", "deleted", "trained"}
    shown: list[tuple[str, int, int]] = []
    for name in merged:
        sound = (path / name).read_bytes()
        (path / name).write_bytes(sound[:-1] + bytes([sound[-1] ^ 1]))
        with CollectionWriter(path, progress=lambda *step: shown.append(step)) as writer:
            with pytest.raises(Corrupt, match="its checksum differs") as error:
                writer.compact(merges=MERGES)
            assert error.value.path == path / name
            assert writer.manifest == manifest
        (path / name).write_bytes(sound)
    missing = next(name for name in merged if name.startswith("segments/"))
    (path / missing).rename(path / "away")
    with CollectionWriter(path) as writer, pytest.raises(Corrupt, match="is missing"):
        writer.compact(merges=MERGES)
    (path / "away").rename(path / missing)
    with CollectionWriter(path, progress=lambda *step: shown.append(step)) as writer:
        assert writer.compact(merges=MERGES)
        writer.commit()
        total = sum(manifest.files[name].bytes for name in merged)
        assert ("bytes", total, total) in shown
        shown.clear()
        assert not writer.compact(merges=MERGES)
    assert not shown
    check(path, {"b": "three", **{f"n{number}": "more" for number in range(9)}})


def test_what_fails_half_way_stages_nothing(path: Path) -> None:
    class Broken(Lengths):
        def build(self, documents: DocumentSource, folder: Path, *, work: Path, trained: Path, progress: Progress) -> None:
            files.write_array(folder / "half.npy", np.zeros(1))
            raise OSError("no more")

    def broken_merge(*args: object, **named: object) -> None:
        raise OSError("no more")

    with CollectionWriter(path) as writer:
        writer.delete(["a"])
        for attempt in (
            lambda: writer.update([Document("b", "new")], {"lengths": Broken()}),
            lambda: writer.add([Document("n", "new")], {"lengths": Broken()}),
            lambda: writer.build("lengths", Broken()),
            lambda: writer.compact(merges={"lengths": broken_merge}),
        ):
            with pytest.raises(OSError, match="no more"):
                attempt()
        writer.commit()
    check(path, {"b": "three"})
    check_clean(path)


def test_a_writer_that_was_left_writes_no_more(path: Path) -> None:
    with CollectionWriter(path) as writer:
        writer.delete(["a"])
    for attempt in (lambda: writer.add([Document("n", "")], BUILDERS), lambda: writer.delete(["a"]), writer.compact, writer.commit):
        with pytest.raises(CollectionError, match="was left"):
            attempt()
    check(path, {"a": "one", "b": "three"})


def test_a_relative_path_means_the_folder_where_it_was_opened(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    collection, writer = Collection.open("c"), CollectionWriter("c")
    monkeypatch.chdir("/")
    assert collection.part("lengths").segments[0].folder.is_dir()
    with writer:
        writer.delete(["a"])
        writer.commit()
    check(path, {"b": "three"})
