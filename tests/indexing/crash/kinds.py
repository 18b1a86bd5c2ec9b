"""Collections of one part of each kind: how they are made, changed and looked at. Small segments are indexed (see `SMALL`)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from irloom.core import files
from irloom.core.errors import NotACollection
from irloom.core.files import short_hash
from irloom.core.run import Run
from irloom.core.types import Document, Query
from irloom.indexing.ann.wish import AnnWish
from irloom.indexing.bm25_part import BM25Part
from irloom.indexing.collection import Collection
from irloom.indexing.dense_part import DensePart
from irloom.indexing.manifest import read_manifest
from irloom.indexing.minhash_part import MinHashIndex, MinHashPart, text_shingles
from irloom.indexing.parts import PartBuilder
from irloom.indexing.writer import CollectionWriter
from irloom.rerankers.maxsim import MaxSimReranker
from irloom.retrievers.bm25 import BM25
from irloom.retrievers.dense import Dense
from irloom.text.analyzer import Analyzer
from tests.fakes import FakeEncoder
from tests.indexing.crash.plain import PlainPart, merge_plain, read_plain

SMALL = 4
"""What `irloom.indexing.ann.segment.SMALL` must be, so that segments as small as these are not scanned."""

State = str
"""A hash of what a reader finds: of the documents, and of what a search gives."""

WORDS = ("fox", "red", "whale", "blue", "owl", "green", "sings")
PART = "part"
QUERIES = [Query("one", "red fox"), Query("two", "whale sings blue"), Query("three", "owl")]


@dataclass(frozen=True)
class Kind:
    """A kind of part.

    Attributes:
        builder: makes its builder.
        search: something that equals itself, from every file of the part, over a collection that has the part alone.
        documents: how many the first segment has.
    """

    builder: Callable[[], PartBuilder]
    search: Callable[[Collection], Any]
    documents: int = 10

    @property
    def builders(self) -> Mapping[str, PartBuilder]:
        return {PART: self.builder()}


def _encoder() -> FakeEncoder:
    return FakeEncoder(16)


def _listed(run: Run) -> dict[str, list[tuple[str, float]]]:
    return {query: list(zip(run[query].doc_ids, map(float, run[query].scores), strict=True)) for query in run}


def _by_bm25(collection: Collection) -> Any:
    return _listed(BM25(collection).retrieve(QUERIES, k=100))


def _by_vectors(collection: Collection) -> Any:
    return _listed(Dense(collection, _encoder(), threads=1).retrieve(QUERIES, k=10))


def _by_tokens(collection: Collection) -> Any:
    run = Dense(collection, _encoder(), threads=1).retrieve(QUERIES, k=100)
    return _listed(MaxSimReranker(_encoder(), collection, depth=100).rerank(QUERIES, run, k=100))


def _by_bands(collection: Collection) -> Any:
    part = collection.part(PART)
    bands = MinHashPart().bands_of([text_shingles(document.full_text) for document in collection.documents()])
    return [part.ids.ids(found) for found in MinHashIndex(part.segments).candidates(bands)]


def _faiss(name: str) -> Kind:
    return Kind(lambda: DensePart(_encoder(), faiss=AnnWish(name)), _by_vectors, documents=80)


FAISS = ("hnsw", "hnsw-sq8", "ivf-opq", "pq-fs", "binary-ivf")
KINDS: Mapping[str, Kind] = {
    "plain": Kind(PlainPart, read_plain),
    "bm25": Kind(lambda: BM25Part(Analyzer.english()), _by_bm25),
    "dense": Kind(lambda: DensePart(_encoder()), _by_vectors),
    "tokens": Kind(lambda: DensePart(_encoder(), tokens=True), _by_tokens),
    "minhash": Kind(MinHashPart, _by_bands),
    **{name: _faiss(name) for name in FAISS},
}
"""One of each kind of part; of the approximate indexes every family, with and without lists, codes and a rotation."""


def document(number: int, version: int = 0) -> Document:
    """The document of that number: its text depends on the version, and one in five has metadata and a title."""
    picks = [WORDS[(number * 3 + version + place * place) % len(WORDS)] for place in range(number % 5)]
    picks += [f"w{number}"] if number >= 15 else []
    extra = {"year": 2000 + number, "ok": bool(version)} if number % 5 == 0 else {}
    return Document(f"d{number}", " ".join(picks), "a title" if extra else "", meta=extra)


def first(root: Path, kind: Kind) -> None:
    """Makes a collection of one segment."""
    with CollectionWriter(root) as writer:
        writer.write_documents([document(number) for number in range(kind.documents)], source={"name": "crash"})
        for name, builder in kind.builders.items():
            writer.build(name, builder)
        writer.commit()


def grown(root: Path, kind: Kind) -> None:
    """Makes a collection of three segments, two of them with deleted documents."""
    first(root, kind)
    end = kind.documents
    with CollectionWriter(root) as writer:
        writer.add([document(number) for number in range(end, end + 5)], kind.builders)
        writer.commit()
    with CollectionWriter(root) as writer:
        writer.update([document(number, 1) for number in (3, end + 1, end + 5, end + 6)], kind.builders)
        writer.delete(["d4", f"d{end + 3}"])
        writer.commit()


def grow(root: Path, kind: Kind) -> None:
    """Replaces three documents, adds two and deletes one, in one commit."""
    end = kind.documents
    with CollectionWriter(root) as writer:
        writer.update([document(number, 2) for number in (1, end + 2, 5, end + 10, end + 11)], kind.builders)
        writer.delete(["d7"])
        writer.commit()


def compact(root: Path, kind: Kind) -> None:
    """Makes one segment of all."""
    with CollectionWriter(root) as writer:
        writer.compact(merges={"plain": merge_plain})
        writer.commit()


def rebuild(root: Path, kind: Kind) -> None:
    """Builds the part anew over every segment, in the place of the old one."""
    with CollectionWriter(root) as writer:
        for name, builder in kind.builders.items():
            writer.build(name, builder)
        writer.commit()


def settle(root: Path, kind: Kind) -> None:
    """A small commit after a crash: deletes a document that every state has, or makes the collection where there is none."""
    if not (root / "manifest.json").exists():
        first(root, kind)
    with CollectionWriter(root) as writer:
        writer.delete(["d0"])
        writer.commit()


WORK: Mapping[str, Callable[[Path, Kind], None]] = {"first": first, "grow": grow, "compact": compact, "rebuild": rebuild}
CASES = [(name, task) for name in KINDS for task in WORK if not (name in FAISS and task == "rebuild")]
"""Each kind with the work that is done with it; an approximate index is built anew as vectors are."""
LIFE = ("first", "grow", "rebuild", "compact")
"""The work of a whole life, in order."""


def read_state(root: Path, kind: Kind) -> State:
    """What a new reader finds."""
    with Collection.open(root) as collection:
        assert not collection.manifest.damage(root)
        documents = tuple(collection.documents())
        assert len(documents) == len(collection)
        return short_hash(repr((documents, kind.search(collection))), size=16)


def state_or_none(root: Path, kind: Kind) -> State | None:
    """What a new reader finds; None where there is no collection."""
    try:
        return read_state(root, kind)
    except NotACollection:
        return None


def points_of(work: str, root: Path, kind: Kind) -> list[tuple[str, Path]]:
    """Does a piece of work and returns the fail points that it passed."""
    passed: list[tuple[str, Path]] = []

    def note(action: str, path: Path) -> None:
        passed.append((action, path))

    files.fail_points.append(note)
    try:
        WORK[work](root, kind)
    finally:
        files.fail_points.remove(note)
    return passed


def leftovers(root: Path) -> set[str]:
    """The files in a collection's folder that do not belong to it."""
    manifest = read_manifest(root)
    ours = {*manifest.files, "manifest.json", ".lock", f"readers/{manifest.generation}"}
    found = {path.relative_to(root).as_posix() for path in root.rglob("*") if not path.is_dir()}
    assert ours <= found
    return found - ours
