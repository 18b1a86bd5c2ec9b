"""Near-duplicates at ingest: what is found, what folding keeps, and brute force as the second truth."""

import json
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from irloom.core.errors import BadValue, ConfigError, DuplicateDocument
from irloom.core.types import Document
from irloom.data.dataset import MemoryDataset
from irloom.indexing.collection import Collection
from irloom.indexing.minhash_part import text_shingles
from irloom.pipelines.build import bm25_request, build_collection
from irloom.pipelines.duplicates import Duplicate, folded_ids, standing_for, write_duplicates
from irloom.pipelines.growing import add, compact, delete, update
from irloom.pipelines.intake import NearDuplicates
from irloom.text.minhash import jaccard
from tests.fakes import FakeEncoder

SEA = "the cat sat on the mat and looked out over the sea at the ships that came home in the evening"
NEAR = SEA.replace("evening", "morning")
FAR = "a dog barks at the moon while the owl hoots in the old oak behind the house of the miller"
REPORT, FOLD = NearDuplicates("report"), NearDuplicates("fold")


def documents(**texts: str) -> list[Document]:
    return [Document(doc_id, text) for doc_id, text in texts.items()]


def held(path: Path) -> dict[str, Document]:
    with Collection.open(path) as collection:
        return {document.id: document for document in collection.documents()}


def made(path: Path, near: NearDuplicates | None = None, **texts: str):
    return build_collection(path, MemoryDataset("texts", documents(**texts)), [bm25_request("english")], duplicates=near)


def greedy(came: list[Document], there: list[Document], threshold: float) -> list[tuple[str, str]]:
    """Each document against every one that stays."""
    stay, found = [(document.id, text_shingles(document.text)) for document in there], []
    for document in came:
        own = text_shingles(document.text)
        similar = [(jaccard(own, other), -place, doc_id) for place, (doc_id, other) in enumerate(stay)]
        best = max(similar, default=(0.0, 0, ""))
        if best[0] >= threshold and len(own):
            found.append((document.id, best[2]))
        else:
            stay.append((document.id, own))
    return found


def test_a_new_collection_reports(tmp_path) -> None:
    built = made(tmp_path / "c", REPORT, a=SEA, b=FAR, c=SEA, d=NEAR)
    assert built.made == ("bm25", "minhash")
    assert [(pair.id, pair.of) for pair in built.duplicates] == [("c", "a"), ("d", "a")]
    assert built.duplicates[0].jaccard == 1.0
    assert 0.8 <= built.duplicates[1].jaccard < 1.0
    assert (built.documents, built.folded) == (4, 0)


def test_a_new_collection_folds(tmp_path) -> None:
    built = made(tmp_path / "c", FOLD, a=SEA, b=FAR, c=SEA, d=NEAR)
    assert (built.documents, built.folded) == (2, 2)
    now = held(tmp_path / "c")
    assert set(now) == {"a", "b"}
    assert now["a"].meta == {"folded": ("c", "d")}
    assert not now["b"].meta
    with Collection.open(tmp_path / "c") as collection:
        assert folded_ids(collection) == {"c": "a", "d": "a"}


def test_what_is_added_is_compared_with_what_is_there(tmp_path) -> None:
    path = made(tmp_path / "c", a=SEA, b=FAR).path  # without a part for it: that is made now
    grown = add(path, documents(c=NEAR, d="something else entirely, of no kin"), duplicates=FOLD)
    assert (grown.added, grown.folded, grown.documents) == (1, 1, 3)
    assert held(path)["a"].meta == {"folded": ("c",)}
    grown = add(path, documents(e=SEA, f="something else entirely, of no kin"), duplicates=FOLD)
    assert (grown.added, grown.folded, grown.documents) == (0, 2, 3)
    assert [(pair.id, pair.of) for pair in grown.duplicates] == [("e", "a"), ("f", "d")]
    assert held(path)["a"].meta == {"folded": ("c", "e")}
    compact(path)
    assert held(path)["a"].meta == {"folded": ("c", "e")}
    grown = add(path, documents(g=SEA), duplicates=REPORT)
    assert (grown.added, grown.folded, grown.documents) == (1, 0, 4)
    assert [(pair.id, pair.of) for pair in grown.duplicates] == [("g", "a")]


def test_nothing_is_written_where_all_is_folded_and_known(tmp_path) -> None:
    path = made(tmp_path / "c", FOLD, a=SEA).path
    add(path, documents(b=SEA), duplicates=FOLD)
    segments = len(held(path)), list((path / "segments").iterdir())
    grown = add(path, documents(b=SEA), duplicates=FOLD)
    assert (grown.added, grown.folded) == (0, 1)
    assert (len(held(path)), list((path / "segments").iterdir())) == segments


def test_an_id_that_is_there_is_refused_even_where_it_would_be_folded(tmp_path) -> None:
    path = made(tmp_path / "c", FOLD, a=SEA, b=FAR).path
    before = (path / "manifest.json").read_bytes()
    with pytest.raises(DuplicateDocument, match="'b' is there already"):
        add(path, documents(b=SEA), duplicates=FOLD)
    assert (path / "manifest.json").read_bytes() == before


def test_an_update_is_not_compared_with_what_it_replaces(tmp_path) -> None:
    path = made(tmp_path / "c", FOLD, a=SEA, b=FAR).path
    grown = update(path, documents(a=NEAR), duplicates=FOLD)
    assert (grown.added, grown.replaced, grown.folded) == (0, 1, 0)
    assert held(path)["a"].text == NEAR
    grown = update(path, documents(b=SEA, x=FAR), duplicates=FOLD)  # b is folded into a; what was b is gone, so x is not like it
    assert (grown.added, grown.replaced, grown.folded, grown.documents) == (1, 1, 1, 2)
    assert {doc_id: document.meta.get("folded") for doc_id, document in held(path).items()} == {"a": ("b",), "x": None}


def test_what_comes_can_stand_for_others_in_the_place_of_what_was_there(tmp_path) -> None:
    path = made(tmp_path / "c", FOLD, a=FAR).path
    update(path, documents(a=SEA, b=NEAR), duplicates=FOLD)
    assert {doc_id: (document.text, document.meta.get("folded")) for doc_id, document in held(path).items()} == {"a": (SEA, ("b",))}


def test_folded_documents_go_with_the_one_that_stands_for_them(tmp_path) -> None:
    path = made(tmp_path / "c", FOLD, a=SEA, b=FAR, c=SEA).path
    delete(path, ["a"])
    with Collection.open(path) as collection:
        assert folded_ids(collection) == {}
    add(path, documents(c=SEA), duplicates=FOLD)
    assert set(held(path)) == {"b", "c"}


def test_an_id_with_a_document_of_its_own_is_folded_no_more(tmp_path) -> None:
    path = made(tmp_path / "c", FOLD, a=SEA, c=SEA).path
    add(path, documents(c=FAR))
    with Collection.open(path) as collection:
        assert folded_ids(collection) == {}


def test_an_emptied_collection(tmp_path) -> None:
    path = made(tmp_path / "c", FOLD, a=SEA).path
    delete(path, ["a"])
    compact(path)
    assert add(path, documents(b=SEA, c=NEAR), duplicates=FOLD).folded == 1
    bare = made(tmp_path / "bare", a=SEA).path
    delete(bare, ["a"])
    compact(bare)
    assert add(bare, documents(b=SEA, c=NEAR), duplicates=FOLD).folded == 1
    assert add(bare, documents(d=NEAR), duplicates=REPORT).duplicates[0].of == "b"


def test_documents_without_words_are_like_nothing(tmp_path) -> None:
    with pytest.warns(UserWarning, match="without text"):
        assert made(tmp_path / "c", FOLD, a="", b="", c="...").documents == 3


WORDS = st.lists(st.sampled_from(["ant", "bee", "cat", "dog", "eel"]), min_size=1, max_size=7).map(" ".join)


@settings(max_examples=20)
@given(first=st.lists(WORDS, min_size=1, max_size=6), later=st.lists(st.lists(WORDS, min_size=1, max_size=5), max_size=2))
def test_as_brute_force(tmp_path_factory, first, later) -> None:
    """Each against each; a pair at the threshold is missed with a probability of 0.001, and these few are found."""
    near, path = NearDuplicates("fold", 0.5), tmp_path_factory.mktemp("near") / "c"
    came = [Document(f"0.{place}", text) for place, text in enumerate(first)]
    built = build_collection(path, MemoryDataset("texts", came), [], duplicates=near)
    found = [(pair.id, pair.of) for pair in built.duplicates]
    expected = greedy(came, [], 0.5)
    assert found == expected
    for turn, texts in enumerate(later, 1):
        there = list(held(path).values())
        came = [Document(f"{turn}.{place}", text) for place, text in enumerate(texts)]
        grown = add(path, came, duplicates=near)
        bases = greedy(came, there, 0.5)
        assert [pair.id for pair in grown.duplicates] == [doc_id for doc_id, _ in bases]
        assert all(pair.jaccard >= 0.5 for pair in grown.duplicates)


def test_many_equal_texts_take_no_time(tmp_path) -> None:
    """2,000 equal documents are 2 million pairs; each is compared with the first alone."""
    texts = {f"d{place}": SEA for place in range(2_000)}
    built = made(tmp_path / "c", REPORT, **texts)
    assert len(built.duplicates) == 1_999
    assert {pair.of for pair in built.duplicates} == {"d0"}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [(("forget",), "report, fold"), (("fold", 0.0), "above 0"), (("fold", 1.5), "above 0"), (("fold", float("nan")), "above 0")],
)
def test_what_cannot_be_asked(wrong, said) -> None:
    with pytest.raises(BadValue, match=said):
        NearDuplicates(*wrong)


def test_another_similarity_than_the_parts(tmp_path) -> None:
    path = made(tmp_path / "c", NearDuplicates("fold", 0.7), a=SEA).path
    with pytest.raises(BadValue, match=r"0\.7, from which on part 'minhash'"):
        add(path, documents(b=FAR), duplicates=NearDuplicates("fold", 0.9))
    assert add(path, documents(b=SEA), duplicates=NearDuplicates("fold", 0.7)).folded == 1
    with pytest.raises(ConfigError, match="irloom add"):
        made(path, FOLD, a=SEA)


def test_a_field_of_that_name_with_something_else() -> None:
    with pytest.raises(BadValue, match="folded"):
        standing_for(Document("a", "x", meta={"folded": "no list"}), ["b"])


def test_failure_leaves_nothing_behind(tmp_path) -> None:
    twice = MemoryDataset("texts", [Document("a", SEA), Document("a", FAR)])
    with pytest.raises(DuplicateDocument):
        build_collection(tmp_path / "c", twice, [bm25_request("english")], duplicates=FOLD)
    assert not (tmp_path / "c").exists()


@pytest.mark.parametrize("tokens", [False, True])
def test_the_vectors_of_a_document_that_stands_for_others_are_kept(tmp_path, tokens) -> None:
    """Its text has not changed: it is not encoded again, and a file of vectors need not have it."""
    from irloom.indexing.dense_part import DensePart
    from irloom.indexing.token_store import TokenStore
    from irloom.indexing.vectors import Vectors
    from irloom.pipelines.build import PartRequest

    encoder = FakeEncoder()
    dataset = MemoryDataset("texts", documents(a=SEA, b=FAR))
    path = build_collection(tmp_path / "c", dataset, [PartRequest("d", DensePart(encoder, tokens=tokens))]).path
    encoder.encoded = 0
    assert add(path, documents(c=NEAR, e="some other words that are new"), encoders={"d": encoder}, duplicates=FOLD).folded == 1
    assert encoder.encoded == 1
    if not tokens:
        np.save(tmp_path / "new.npy", encoder.encode_texts(["a fifth text of its own"]))
        (tmp_path / "new.ids").write_text("f\n")
        came = documents(f="a fifth text of its own", g=FAR)
        assert add(path, came, encoders={"d": tmp_path / "new.npy"}, duplicates=FOLD).folded == 1
    with Collection.open(path) as collection:
        part, texts = collection.part("d"), {document.id: document.text for document in collection.documents()}
        positions = collection.ids.positions(list(texts))
        assert np.array_equal(Vectors.open(part).take(positions), encoder.encode_texts(list(texts.values())))
        if tokens:
            batch = TokenStore.open(part).batch(positions)
            assert np.array_equal(batch.vectors, encoder.tokens.batch(list(texts.values())).vectors)
            assert np.array_equal(batch.offsets, encoder.tokens.batch(list(texts.values())).offsets)


def test_an_error_at_any_change_of_the_disk_leaves_before_or_after(tmp_path, monkeypatch) -> None:
    """Every thirteenth one, from the first document set aside to the last clean-up."""
    from irloom.core import files
    from irloom.pipelines.verifying import verify_collection

    path, came = made(tmp_path / "c", a=SEA, b=FAR).path, 0
    before, after = {"a": (), "b": ()}, {"a": ("c",), "b": (), "d": ()}
    for stop in range(0, 10_000, 13):
        came = 0

        def fail(action, place, stop=stop) -> None:
            nonlocal came
            came += 1
            if came > stop:
                raise OSError(28, "No space left on device", str(place))

        monkeypatch.setattr(files, "fail_points", [fail])
        with suppress(OSError):
            add(path, documents(c=NEAR, d="something else entirely, of no kin"), duplicates=FOLD)
        monkeypatch.setattr(files, "fail_points", [])
        assert not verify_collection(path).damage
        now = {doc_id: document.meta.get("folded", ()) for doc_id, document in held(path).items()}
        assert now in (before, after)
        if now == after:
            break
    assert stop > 100
    assert now == after


def test_report_as_lines(tmp_path) -> None:
    write_duplicates(tmp_path / "near.jsonl", [Duplicate("b", "ä", float(np.float32(0.5)))])
    assert [json.loads(line) for line in (tmp_path / "near.jsonl").read_text().splitlines()] == [{"id": "b", "of": "ä", "jaccard": 0.5}]
