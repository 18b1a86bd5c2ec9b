"""What `irloom verify` finds: bytes that changed, and pieces that are whole but do not fit each other."""

import json
from pathlib import Path

import numpy as np
import pytest

from irloom.core.errors import NotACollection
from irloom.core.types import Document
from irloom.data.dataset import MemoryDataset
from irloom.indexing.manifest import Manifest, read_manifest
from irloom.pipelines.build import PartRequest, bm25_request, build_collection
from irloom.pipelines.growing import add, delete
from irloom.pipelines.verifying import verify_collection
from tests.fakes import FakeEncoder


@pytest.fixture
def grown(tmp_path: Path) -> Path:
    """Two segments, one document deleted, a part of each kind."""
    from irloom.indexing.dense_part import DensePart
    from irloom.indexing.minhash_part import MinHashPart

    encoder = FakeEncoder()
    requests = [bm25_request("english"), PartRequest("dense-fake", DensePart(encoder)), PartRequest("minhash", MinHashPart())]
    dataset = MemoryDataset("animals", [Document(name, f"a text about {name}") for name in ("ant", "bee", "cat")])
    path = build_collection(tmp_path / "grown", dataset, requests).path
    add(path, [Document("dog", "a dog"), Document("eel", "an eel")], encoders={"dense-fake": encoder})
    delete(path, ["bee"])
    return path


def resealed(path: Path, name: str) -> None:
    """Writes the manifest again with the file as it is now, so that only what the file says can be wrong."""
    manifest: Manifest = read_manifest(path)
    manifest.with_files(path, path / name).write(path)


def test_sound(grown) -> None:
    found = verify_collection(grown)
    assert found.damage == ()
    assert (found.documents, found.segments) == (4, 2)
    on_disk = [path for folder in ("segments", "deleted", "ranks") for path in (grown / folder).rglob("*") if path.is_file()]
    assert (found.files, found.bytes) == (len(on_disk), sum(path.stat().st_size for path in on_disk))


def test_every_changed_byte_is_found(grown) -> None:
    for name in read_manifest(grown).files:
        path = grown / name
        whole = path.read_bytes()
        if not whole:
            continue
        path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        (line,) = verify_collection(grown).damage
        assert line.startswith(f"{name}: ")
        path.write_bytes(whole)
    assert not verify_collection(grown).damage


def test_ranks_out_of_order(grown) -> None:
    name = read_manifest(grown).ranks
    ranks = np.load(grown / name)
    np.save(grown / name, ranks[::-1].copy())
    resealed(grown, name)
    assert "not in descending order" in verify_collection(grown).damage[0]
    np.save(grown / name, np.zeros_like(ranks))
    resealed(grown, name)
    assert verify_collection(grown).damage == ("ranks: not each number from 0 to 4 once",)


def test_an_id_that_two_documents_have(grown) -> None:
    """The tombstone of a replaced document is lost."""
    from irloom.pipelines.growing import update

    update(grown, [Document("ant", "another ant")], encoders={"dense-fake": FakeEncoder()})
    manifest = read_manifest(grown)
    first = next(iter(manifest.segments))
    body = json.loads((grown / "manifest.json").read_text())
    places = {segment["name"]: segment for segment in body["segments"]}
    bits = grown / places[first]["tombstones"]
    np.save(bits, np.load(bits) & 0b01111111)  # the first document lives again
    resealed(grown, places[first]["tombstones"])
    segments = {**manifest.segments, first: type(manifest.segments[first])(3, 1, places[first]["tombstones"])}
    from dataclasses import replace

    replace(read_manifest(grown), segments=segments).write(grown)
    assert any("'ant'" in line for line in verify_collection(grown).damage)


@pytest.mark.parametrize("part", ["bm25", "dense-fake", "minhash"])
def test_a_part_of_another_segment(grown, part) -> None:
    """Files that are whole, of three documents where two are."""
    folders = read_manifest(grown).parts[part].folders
    first, second = (grown / folders[name] for name in ("0", "1"))
    for path in second.iterdir():
        path.write_bytes((first / path.name).read_bytes())
    resealed(grown, folders["1"])
    found = verify_collection(grown).damage
    assert [line for line in found if line.startswith(f"part {part!r}: ")] == list(found)
    assert found


def test_damaged_manifest_and_none(grown, tmp_path) -> None:
    manifest = grown / "manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b'"generation": 3', b'"generation": 4'))
    assert "its checksum differs" in verify_collection(grown).damage[0]
    with pytest.raises(NotACollection):
        verify_collection(tmp_path / "none")
