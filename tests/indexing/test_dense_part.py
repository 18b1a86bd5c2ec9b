"""DensePart: what it writes, what it takes up again, what it refuses."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from irloom.core import files
from irloom.core.batches import DenseBatch
from irloom.core.errors import BadValue, ModelError, ShapeMismatch
from irloom.core.types import Document
from irloom.indexing import dense_part
from irloom.indexing.collection import Collection
from irloom.indexing.dense_part import DensePart
from irloom.indexing.token_store import TokenStore, token_space
from irloom.indexing.writer import CollectionWriter
from tests.fakes import FakeEncoder

DOCUMENTS = [Document(f"d{i}", f"text number {i} of many" if i % 7 else "", f"title {i % 3}") for i in range(23)]


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dense_part, "CHUNK", 5)


def build(
    path: Path, part: DensePart, documents: Sequence[Document] = DOCUMENTS, progress: files.Progress = files.no_progress
) -> Collection:
    with CollectionWriter(path, progress=progress) as writer:
        if not writer.manifest.segments:
            writer.write_documents(documents)
        writer.build("dense", part)
        writer.commit()
    return Collection.open(path)


@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize("tokens", [False, True])
def test_vectors_are_the_encoders(tmp_path: Path, dtype: str, tokens: bool) -> None:
    encoder = FakeEncoder()
    part = build(tmp_path / "c", DensePart(encoder, tokens=tokens, dtype=dtype)).part("dense")
    expected = FakeEncoder().encode_documents(DOCUMENTS).astype(dtype)
    found = files.map_array(part.segments[0].folder / "vectors.npy")
    assert found.dtype == np.dtype(dtype)
    assert np.array_equal(found, expected)
    norms = files.map_array(part.segments[0].folder / "norms.npy", dtype=np.float32)
    assert (norms >= np.linalg.norm(expected.astype(np.float64), axis=1)).all()
    assert encoder.encoded == len(DOCUMENTS)  # each passes once
    assert (part.kind, part.space, part.fingerprint) == ("dense", encoder.space, encoder.fingerprint)
    assert part.parameters == {"model": "fake", "dtype": dtype, "tokens": encoder.tokens.space if tokens else False}
    assert sorted(path.name for path in part.segments[0].folder.iterdir()) == sorted(
        ["norms.npy", "vectors.npy", *(["token_offsets.npy", "token_vectors.npy"] if tokens else [])]
    )
    assert not (tmp_path / "c" / "work").exists()


def test_token_vectors_by_position(tmp_path: Path) -> None:
    encoder = FakeEncoder()
    part = build(tmp_path / "c", DensePart(encoder, tokens=True)).part("dense")
    store = TokenStore.open(part)
    expected = encoder.tokens.encode_documents(DOCUMENTS)
    assert (len(store), store.dim, store.space, token_space(part)) == (23, 24, encoder.tokens.space, encoder.tokens.space)
    everything = store.batch(np.arange(23))
    assert np.array_equal(everything.offsets, expected.offsets)
    assert np.array_equal(everything.vectors, expected.vectors)
    some = store.batch(np.array([7, 0, 7]))
    assert np.array_equal(some.vectors, np.concatenate([store.row(7), store.row(0), store.row(7)]))
    assert np.array_equal(np.diff(some.offsets), [len(store.row(7)), len(store.row(0)), len(store.row(7))])
    plain = build(tmp_path / "p", DensePart(encoder)).part("dense")
    assert token_space(plain) is None
    with pytest.raises(BadValue, match="tokens=True"):
        TokenStore.open(plain)


class Stopped(FakeEncoder):
    """Is interrupted after some documents."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.after = after

    def encode_documents(self, documents: Sequence[Document]) -> DenseBatch:
        if self.encoded + len(documents) > self.after:
            raise KeyboardInterrupt
        return super().encode_documents(documents)


@pytest.mark.parametrize("tokens", [False, True])
def test_a_stopped_build_is_taken_up_again(tmp_path: Path, tokens: bool) -> None:
    with pytest.raises(KeyboardInterrupt):
        build(tmp_path / "c", DensePart(Stopped(12), tokens=tokens))
    again = FakeEncoder()
    told: list[tuple[str, int, int]] = []
    collection = build(tmp_path / "c", DensePart(again, tokens=tokens), progress=lambda *what: told.append(what))
    assert again.encoded == 13  # two shards of five were there
    assert [what for what in told if what[0] == "vectors"] == [("vectors", n, 23) for n in (5, 10, 15, 20, 23)]
    whole = build(tmp_path / "whole", DensePart(FakeEncoder(), tokens=tokens))
    for path in whole.part("dense").segments[0].folder.iterdir():
        assert (collection.part("dense").segments[0].folder / path.name).read_bytes() == path.read_bytes()


def stop_at(number: int) -> Callable[[str, Path], None]:
    calls = [0]

    def point(action: str, path: Path) -> None:
        calls[0] += 1
        if calls[0] == number:
            raise OSError(28, "No space left on device", str(path))

    return point


def test_a_fault_at_any_write_leaves_no_wrong_shard(tmp_path: Path) -> None:
    documents = DOCUMENTS[:7]
    whole = build(tmp_path / "whole", DensePart(FakeEncoder(), tokens=True), documents).part("dense").segments[0].folder
    number, failed = 1, True
    while failed:
        path = tmp_path / str(number)
        point = stop_at(number)
        files.fail_points.append(point)
        try:
            build(path, DensePart(FakeEncoder(), tokens=True), documents)
            failed = False
        except OSError:
            files.fail_points.remove(point)
            part = build(path, DensePart(FakeEncoder(), tokens=True), documents).part("dense")
            for file in whole.iterdir():
                assert (part.segments[0].folder / file.name).read_bytes() == file.read_bytes()
            number += 7
    files.fail_points.remove(point)
    assert number > 40


def test_other_shards_are_not_taken(tmp_path: Path) -> None:
    """A truncated one, another encoder's, other texts'."""
    with pytest.raises(KeyboardInterrupt):
        build(tmp_path / "c", DensePart(Stopped(12)))
    shards = sorted((tmp_path / "c" / "work" / "dense").iterdir())
    assert len(shards) == 2
    shards[0].write_bytes(shards[0].read_bytes()[:-1])
    longer = FakeEncoder(length=999)
    with CollectionWriter(tmp_path / "c") as writer:
        writer.write_documents(DOCUMENTS)
        writer.build("dense", DensePart(longer))
        assert longer.encoded == 23
        again = FakeEncoder()
        writer.build("dense", DensePart(again))
        assert again.encoded == 18
        writer.build("dense", DensePart(half := FakeEncoder(), dtype="float16"))
        assert half.encoded == 23
        writer.build("dense", DensePart(same := FakeEncoder()))
        assert same.encoded == 0


class Crooked(FakeEncoder):
    """Gives what it must not."""

    def __init__(self, how: str) -> None:
        super().__init__()
        self.how = how

    def encode_documents(self, documents: Sequence[Document]) -> DenseBatch:
        vectors = super().encode_documents(documents)
        if self.how == "rows":
            return vectors[1:]
        if self.how == "width":
            return vectors[:, : 20 + len(documents) // 5]
        vectors[1, 3] = np.nan if self.how == "nan" else 1e6
        return vectors


def test_bad_vectors(tmp_path: Path) -> None:
    for how, error in (("rows", ShapeMismatch), ("width", ShapeMismatch), ("nan", ModelError)):
        with pytest.raises(error):
            build(tmp_path / how, DensePart(Crooked(how)))
    with pytest.raises(ModelError, match="'d1' is not finite in float16"):
        build(tmp_path / "large", DensePart(Crooked("large"), dtype="float16"))
    with pytest.raises(BadValue, match="float32, float16"):
        DensePart(FakeEncoder(), dtype="int8")

    class Single:
        """Gives no token vectors."""

        space, fingerprint, compatible_with = "s", "f", ()
        encode_queries = FakeEncoder.encode_queries
        encode_documents = FakeEncoder.encode_documents

    with pytest.raises(BadValue, match="Single gives no token vectors"):
        DensePart(Single(), tokens=True)
    assert DensePart(Single()).parameters["model"] is None
