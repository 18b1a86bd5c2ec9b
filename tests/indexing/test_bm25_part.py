"""Building an inverted index: by shards, after a kill, and by merging, it is the same files."""

import errno
import json
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from irloom.core import files
from irloom.core.errors import CollectionError
from irloom.core.files import no_progress
from irloom.core.types import Document
from irloom.indexing import bm25_part, term_counter
from irloom.indexing.bm25_part import BM25Part, merge_bm25
from irloom.indexing.index_files import check_size
from irloom.indexing.parts import DocumentSource, PartSegment
from irloom.indexing.text_store import TextStore, write_documents
from irloom.text.analyzer import Analyzer

GOLDEN = Path(__file__).parents[1] / "golden"
_FEW = settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def build(folder: Path, documents: DocumentSource, *, memory: int = 1 << 30, analyzer: Analyzer | None = None) -> Path:
    for name in ("part", "work", "trained"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    part = BM25Part(analyzer or Analyzer.english(), memory=memory)
    part.build(documents, folder / "part", work=folder / "work", trained=folder / "trained", progress=no_progress)
    return folder / "part"


def make(seed: int, count: int) -> list[Document]:
    """Documents of frequent and rare words; some say one word up to a hundred times."""
    draw = np.random.default_rng(seed)
    words = np.minimum(draw.zipf(1.3, (count, 40)), 900)
    made = []
    for place, row in enumerate(words.tolist()):
        often = f" w{row[0]}" * int(draw.integers(0, 100)) if place % 5 == 0 else ""
        made.append(Document(f"d{seed}-{place}", " ".join(f"w{word}" for word in row[: draw.integers(0, 41)]) + often, f"w{row[1]}s"))
    return made


def text_store(folder: Path, documents: list[Document]) -> TextStore:
    folder.mkdir(parents=True)
    write_documents(folder, documents, no_progress, work=folder)
    return TextStore(folder)


def same(one: Path, other: Path) -> None:
    assert sorted(path.name for path in one.iterdir()) == sorted(path.name for path in other.iterdir())
    for path in one.iterdir():
        assert (other / path.name).read_bytes() == path.read_bytes(), path.name


def segment(folder: Path, live: np.ndarray[tuple[int], np.dtype[np.bool_]] | None, documents: int) -> PartSegment:
    return PartSegment(folder, 0, documents, live)


def merge(sources: list[PartSegment], folder: Path) -> Path:
    folder.mkdir()
    merge_bm25(sources, folder, parameters={}, trained=None, retrained=folder, work=folder, progress=no_progress)
    return folder


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    return make(1, 700)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, documents: list[Document]) -> Path:
    return build(tmp_path_factory.mktemp("whole"), documents)


def test_shards_give_the_same_files(tmp_path: Path, documents: list[Document], whole: Path) -> None:
    same(whole, build(tmp_path / "list", documents, memory=60_000))
    assert len(list((tmp_path / "list" / "work").iterdir())) > 5
    same(whole, build(tmp_path / "store", text_store(tmp_path / "text", documents), memory=60_000))


def test_small_slices_give_the_same_files(tmp_path: Path, documents: list[Document], whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bm25_part, "AT_A_TIME", 77)
    monkeypatch.setattr(term_counter, "BLOCK_BYTES", 900)
    monkeypatch.setattr(term_counter, "CHUNKS", 50)
    monkeypatch.setattr(term_counter, "TERMS", 60)
    same(whole, build(tmp_path, documents, memory=60_000))


def test_a_killed_build_goes_on_with_its_finished_shards(tmp_path: Path, documents: list[Document], whole: Path) -> None:
    store = text_store(tmp_path / "text", documents)
    placed: list[str] = []

    def kill(action: str, path: Path) -> None:
        if action == "rename":
            placed.append(path.name)
            if len(placed) == 4:
                raise KeyboardInterrupt

    files.fail_points.append(kill)
    try:
        with pytest.raises(KeyboardInterrupt):
            build(tmp_path, store, memory=60_000)
        finished = {path.name for path in (tmp_path / "work").iterdir()}
        assert finished == set(placed[:3])
        del placed[:]
        placed.extend([""] * 4)
        build(tmp_path, store, memory=60_000)
    finally:
        files.fail_points.remove(kill)
    assert finished.isdisjoint(placed)
    same(whole, tmp_path / "part")


def test_shards_of_other_documents_are_not_taken(tmp_path: Path, documents: list[Document], whole: Path) -> None:
    changed = [*documents[:350], Document(documents[350].id, "something else"), *documents[351:]]
    build(tmp_path, text_store(tmp_path / "changed", changed), memory=60_000)
    for path in (tmp_path / "part").iterdir():
        path.unlink()
    same(whole, build(tmp_path, text_store(tmp_path / "text", documents), memory=60_000))


def test_merged_segments_are_a_rebuild(tmp_path: Path) -> None:
    parts = [make(2, 300), make(3, 1), make(4, 500)]
    draw = np.random.default_rng(5)
    lives = [draw.random(300) < 0.7, None, draw.random(500) < 0.5]
    sources = [
        segment(build(tmp_path / str(place), part), live, len(part)) for place, (part, live) in enumerate(zip(parts, lives, strict=True))
    ]
    kept = [document for part, live in zip(parts, lives, strict=True) for place, document in enumerate(part) if live is None or live[place]]
    same(build(tmp_path / "once", kept), merge(sources, tmp_path / "merged"))


@_FEW
@given(data=st.data())
def test_merging_any_segments_is_a_rebuild(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("merge")
    texts = data.draw(
        st.lists(st.lists(st.sampled_from(["a", "b", "c", "été", "x " * 70]), max_size=4).map(" ".join), min_size=1, max_size=9)
    )
    documents = [Document(str(place), text) for place, text in enumerate(texts)]
    cut = data.draw(st.integers(0, len(documents) - 1))
    live = np.array(data.draw(st.lists(st.booleans(), min_size=len(texts), max_size=len(texts))), np.bool_)
    live[-1] = True
    pieces = [piece for piece in ((0, cut), (cut, len(documents))) if piece[0] < piece[1] and live[slice(*piece)].any()]
    analyzer = Analyzer.unicode()
    sources = [
        segment(build(folder / str(start), documents[start:stop], analyzer=analyzer), live[start:stop], stop - start)
        for start, stop in pieces
    ]
    kept = [document for document, alive in zip(documents, live.tolist(), strict=True) if alive]
    same(build(folder / "once", kept, analyzer=analyzer), merge(sources, folder / "merged"))


def test_a_full_disk_is_not_kept_full(tmp_path: Path, documents: list[Document]) -> None:
    def refuse(action: str, path: Path) -> None:
        if action == "write" and path.name == "words.npy" and len(list((tmp_path / "work").iterdir())) == 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    files.fail_points.append(refuse)
    try:
        with pytest.raises(OSError, match="No space left"):
            build(tmp_path, documents, memory=60_000)
    finally:
        files.fail_points.remove(refuse)
    assert len(list((tmp_path / "work").iterdir())) == 2
    assert not (tmp_path / "work" / "making").exists()


def test_the_files_are_those_of_format_version_1(tmp_path: Path) -> None:
    root = GOLDEN / "v1"
    part = json.loads((root / "manifest.json").read_bytes())["parts"]["bm25"]
    analyzer = Analyzer.from_parameters(part["parameters"]["analyzer"])
    same(root / part["folders"]["0"], build(tmp_path, TextStore(root / "segments" / "0"), analyzer=analyzer))


def test_too_much_for_one_segment_is_refused() -> None:
    check_size(1 << 26, 1 << 26, (1 << 32) - 1)
    for sizes in ((1 + (1 << 26), 1, 1), (1, 1 + (1 << 26), 1), (1, 1, 1 << 32)):
        with pytest.raises(CollectionError, match="a segment holds up to"):
            check_size(*sizes)
