"""The part that finds near-duplicates: against each pair compared, over segments, after deletes, merged as built again."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from irloom.core.errors import BadValue, Corrupt
from irloom.core.files import no_progress
from irloom.core.types import Document
from irloom.indexing.minhash_part import MOST, MinHashIndex, MinHashPart, merge_minhash, most_shared, text_shingles
from irloom.indexing.parts import PartSegment
from irloom.text.minhash import jaccard

WORDS = ["ant", "bee", "cat", "dog", "eel", "fox", "gnu", "hen"]
SEA = "the cat sat on the mat and looked out over the sea at the ships that came home"


def built(root: Path, texts: list[str], builder: MinHashPart) -> Path:
    for name in ("part", "work", "trained"):
        (root / name).mkdir(parents=True, exist_ok=True)
    documents = [Document(f"d{place}", text) for place, text in enumerate(texts)]
    builder.build(documents, root / "part", work=root / "work", trained=root / "trained", progress=no_progress)
    return root / "part"


def segments_of(root: Path, segments: list[list[str]], *, deleted: set[int] = frozenset(), threshold: float = 0.8) -> list[PartSegment]:
    """The part over segments of texts; `deleted` are positions."""
    base, parts = 0, []
    for number, texts in enumerate(segments):
        live = np.array([base + place not in deleted for place in range(len(texts))], np.bool_)
        folder = built(root / str(number), texts, MinHashPart(threshold=threshold))
        parts.append(PartSegment(folder, base, len(texts), None if live.all() else live))
        base += len(texts)
    return parts


def candidates(segments: list[PartSegment], texts: list[str], threshold: float = 0.8) -> list[list[int]]:
    bands = MinHashPart(threshold=threshold).bands_of([text_shingles(text) for text in texts])
    return [positions.tolist() for positions in MinHashIndex(segments).candidates(bands)]


def test_equal_and_near_texts_over_segments(tmp_path) -> None:
    near = SEA.replace("ships", "boats")
    found_in = segments_of(tmp_path, [["a dog barks at the moon", SEA, ""], [near, "fish swim in the sea"]])
    (found,) = candidates(found_in, [SEA], 0.8)
    assert found[0] == 1  # the same text shares every band
    assert set(found) <= {1, 3}
    assert candidates(found_in, ["", "nothing like it at all here"]) == [[], []]


def test_deleted_documents_are_no_candidates(tmp_path) -> None:
    found_in = segments_of(tmp_path, [[SEA, SEA], [SEA]], deleted={0, 2})
    assert candidates(found_in, [SEA]) == [[1]]


def test_low_threshold_misses_no_pair(tmp_path) -> None:
    """At the threshold a pair is missed with a probability of 0.001; these seeds and texts are always the same."""
    random = np.random.default_rng(5)
    texts = [" ".join(random.choice(WORDS, 12).tolist()) for _ in range(60)]
    texts += [text.replace("cat", "dog", 1) for text in texts]
    found_in = segments_of(tmp_path, [texts[:70], texts[70:]], threshold=0.3)
    sets = [text_shingles(text) for text in texts]
    for place, found in enumerate(candidates(found_in, texts, 0.3)):
        assert {other for other in range(len(texts)) if jaccard(sets[place], sets[other]) >= 0.3} <= set(found)


@settings(max_examples=25)
@given(
    segments=st.lists(st.lists(st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join), min_size=1, max_size=5), min_size=1, max_size=3),
    dropped=st.sets(st.integers(0, 14)),
)
def test_a_merge_is_what_a_build_of_the_live_documents_is(tmp_path_factory, segments, dropped) -> None:
    root = tmp_path_factory.mktemp("merge")
    found_in = segments_of(root, segments, deleted=dropped)
    merged = root / "merged"
    merged.mkdir()
    merge_minhash(found_in, merged, parameters={}, trained=None, retrained=root, work=root, progress=no_progress)
    texts = [text for texts in segments for text in texts]
    again = built(root / "again", [text for place, text in enumerate(texts) if place not in dropped], MinHashPart())
    assert {path.name: path.read_bytes() for path in merged.iterdir()} == {path.name: path.read_bytes() for path in again.iterdir()}


def test_finished_shards_are_taken_up(tmp_path, monkeypatch) -> None:
    part = built(tmp_path, [SEA, "a dog"], MinHashPart())
    first = {path.name: path.read_bytes() for path in part.iterdir()}
    monkeypatch.setattr(MinHashPart, "bands_of", lambda *_: pytest.fail("hashed again"))
    assert {path.name: path.read_bytes() for path in built(tmp_path, [SEA, "a dog"], MinHashPart()).iterdir()} == first


def test_a_broken_shard_is_made_again(tmp_path) -> None:
    part = built(tmp_path, [SEA], MinHashPart())
    first = {path.name: path.read_bytes() for path in part.iterdir()}
    (shard,) = (tmp_path / "work").iterdir()
    shard.write_bytes(shard.read_bytes()[:-1])
    assert {path.name: path.read_bytes() for path in built(tmp_path, [SEA], MinHashPart()).iterdir()} == first


def test_thresholds_differ_in_space_or_fingerprint() -> None:
    assert MinHashPart(threshold=0.8).space == MinHashPart(threshold=0.8001).space
    assert MinHashPart(threshold=0.8).fingerprint != MinHashPart(threshold=0.8001).fingerprint
    assert MinHashPart(threshold=0.5).space != MinHashPart(threshold=0.9).space


@pytest.mark.parametrize("threshold", [0.0, -1.0, 1.1])
def test_bad_threshold(threshold) -> None:
    with pytest.raises(BadValue, match="threshold"):
        MinHashPart(threshold=threshold)


def test_damaged_files_are_refused(tmp_path) -> None:
    found_in = segments_of(tmp_path, [[SEA, SEA]])
    places = tmp_path / "0" / "part" / "places.npy"
    whole = places.read_bytes()
    places.write_bytes(whole[:-4] + (9).to_bytes(4, "little"))
    with pytest.raises(Corrupt, match="beyond the 2 documents"):
        candidates(found_in, [SEA])
    places.write_bytes(whole[:-1])
    with pytest.raises(Corrupt):
        MinHashIndex(found_in)


def test_most_shared_come_first_and_few() -> None:
    assert most_shared(np.array([5, 2, 5, 9, 2, 5], np.int64)).tolist() == [5, 2, 9]
    assert len(most_shared(np.arange(1000, dtype=np.int64))) == MOST
