"""The inverted index on disk: what it holds is what the documents have, and damage is found at open."""

import shutil
from collections import Counter
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from irloom.core.errors import Corrupt
from irloom.core.files import no_progress
from irloom.core.types import Document
from irloom.indexing import bm25_part
from irloom.indexing.bm25_part import BM25Part
from irloom.indexing.inverted import InvertedIndex
from irloom.indexing.kernels.layout import WORD_ESCAPE
from irloom.indexing.postings import forms
from irloom.text.analyzer import Analyzer


def make_texts(documents: int, seed: int) -> list[str]:
    generator = np.random.default_rng(seed)
    drawn = np.minimum(generator.zipf(1.3, (documents, 40)), 900)
    return [" ".join(f"w{word}" for word in row[: generator.integers(0, 41)]) for row in drawn.tolist()]


def build(folder: Path, texts: list[str]) -> InvertedIndex:
    (folder / "part").mkdir()
    (folder / "work").mkdir()
    (folder / "trained").mkdir()
    documents = [Document(str(place), text) for place, text in enumerate(texts)]
    BM25Part(Analyzer.unicode()).build(documents, folder / "part", work=folder / "work", trained=folder / "trained", progress=no_progress)
    return InvertedIndex(folder / "part")


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return make_texts(700, seed=1)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> tuple[Path, InvertedIndex]:
    folder = tmp_path_factory.mktemp("index")
    return folder / "part", build(folder, texts)


def test_counts(built: tuple[Path, InvertedIndex], texts: list[str]) -> None:
    index = built[1]
    lengths = [len(text.split()) for text in texts]
    assert index.lists.lengths.tolist() == lengths
    df = Counter(term for text in texts for term in set(text.split()))
    assert len(index.terms) == len(df)
    terms = list(df)
    assert index.df(index.terms.find(terms)).tolist() == [df[term] for term in terms]
    assert index.terms.find(["no-such-term", "", terms[3]]).tolist()[:2] == [-1, -1]
    assert index.terms.terms(index.terms.find(terms[:9])) == terms[:9]


def test_terms_are_numbered_by_falling_df(built: tuple[Path, InvertedIndex]) -> None:
    index = built[1]
    df = index.df(np.arange(len(index.terms), dtype=np.int32))
    assert (np.diff(df) <= 0).all()
    bitmaps, chunked = index.lists.counts[:2].tolist()
    assert 0 < bitmaps < bitmaps + chunked < len(df)


def test_forward_file(built: tuple[Path, InvertedIndex], texts: list[str]) -> None:
    index = built[1]
    for place in (0, 1, 17, 699):
        numbers, tfs = index.forward.terms(place)
        assert dict(zip(index.terms.terms(numbers), tfs.tolist(), strict=True)) == Counter(texts[place].split())
        assert (np.diff(numbers) > 0).all()


def test_forward_tf_is_capped(tmp_path: Path) -> None:
    index = build(tmp_path, ["a " * 200])
    assert index.forward.terms(0)[1].tolist() == [WORD_ESCAPE]


def test_a_list_has_its_smallest_form() -> None:
    # of 256,000 documents: 1,000 blocks of 48 bytes against 2.5 or 4 bytes a posting, 4 chunks of 4 bytes and a bound of 12
    df = np.array([200_000, 24_100, 23_900, 100, 22, 21, 1], np.int64)
    assert forms(df, 256_000) == (2, 3)


def test_slices_give_the_same_files(
    tmp_path: Path, texts: list[str], built: tuple[Path, InvertedIndex], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bm25_part, "AT_A_TIME", 501)
    build(tmp_path, texts)
    for path in built[0].iterdir():
        assert (tmp_path / "part" / path.name).read_bytes() == path.read_bytes()


def test_bounds_cover_their_postings(built: tuple[Path, InvertedIndex], texts: list[str]) -> None:
    lists = built[1].lists
    for term in range(int(lists.counts[0])):
        word = built[1].terms.terms(np.array([term], np.int32))[0]
        for block in range(lists.block_tfs.shape[1]):
            pairs = list(zip(lists.block_tfs[term, block].tolist(), lists.block_lengths[term, block].tolist(), strict=True))
            for text in texts[block * 256 : block * 256 + 256]:
                terms = text.split()
                if word in terms:
                    assert any(tf >= terms.count(word) and length <= len(terms) for tf, length in pairs)
                    assert any(
                        tf >= terms.count(word) and length <= len(terms)
                        for tf, length in zip(lists.list_tfs[term], lists.list_lengths[term], strict=True)
                    )


def test_a_truncated_file_is_found_at_open(tmp_path: Path, built: tuple[Path, InvertedIndex]) -> None:
    for path in sorted(built[0].iterdir()):
        folder = tmp_path / path.name
        shutil.copytree(built[0], folder)
        with (folder / path.name).open("r+b") as file:
            file.truncate(path.stat().st_size - 1)
        with pytest.raises(Corrupt, match=path.name.split(".")[0]):
            InvertedIndex(folder)
        (folder / path.name).unlink()
        with pytest.raises(Corrupt):
            InvertedIndex(folder)


def test_an_array_of_another_index_is_found_at_open(tmp_path: Path, built: tuple[Path, InvertedIndex]) -> None:
    other = tmp_path / "other"
    other.mkdir()
    build(other, make_texts(300, seed=2))
    for name in ("words.npy", "ids.npy", "bits.npy", "lengths.npy", "forward_offsets.npy", "terms_offsets.npy", "runs.npy"):
        folder = tmp_path / name
        shutil.copytree(built[0], folder)
        shutil.copy(other / "part" / name, folder / name)
        with pytest.raises(Corrupt):
            InvertedIndex(folder)


@pytest.mark.parametrize("name", ["forward.words", "forward_offsets.npy", "terms_slots.npy"])
def test_damage_within_a_file_is_told_and_kills_nobody(built: tuple[Path, InvertedIndex], tmp_path: Path, name: str) -> None:
    folder = Path(shutil.copytree(built[0], tmp_path / "part"))
    damaged = bytearray((folder / name).read_bytes())
    damaged[256:-64] = b"\x7f" * len(damaged[256:-64])
    (folder / name).write_bytes(damaged)
    index = InvertedIndex(folder)
    terms, everything = [f"w{number}" for number in range(900)], np.arange(index.documents, dtype=np.int64)
    look = partial(index.terms.find, terms) if name == "terms_slots.npy" else partial(index.forward.df, everything, len(index.terms))
    with pytest.raises(Corrupt, match=name.partition(".")[0]):
        look()
