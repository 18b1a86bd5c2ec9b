"""Vectors over a collection that grows: the run of a collection built anew from the documents that are there, bit for bit."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from irloom.core.errors import ShapeMismatch
from irloom.core.run import Run
from irloom.core.types import Document, Query
from irloom.indexing import dense_files
from irloom.indexing.collection import Collection
from irloom.indexing.dense_part import DensePart
from irloom.indexing.writer import CollectionWriter
from irloom.rerankers.maxsim import MaxSimReranker
from irloom.retrievers.dense import Dense
from tests.fakes import FakeEncoder

ENCODER = FakeEncoder()
IDS = [*"abcdefghij", "10", "9", "ä", "\U0001f98a"]
WORDS = ["fox", "dog", "cat", "bird"]
QUERIES = [Query("1", "fox"), Query("2", "dog cat"), Query("3", "bird fox fox"), Query("4", " ")]

Step = tuple[str, dict[str, str]]


def builders(dtype: str) -> dict[str, DensePart]:
    return {"dense": DensePart(ENCODER, tokens=True, dtype=dtype), "half": DensePart(ENCODER, dtype="float16")}


def begin(path: Path, documents: Mapping[str, str], dtype: str) -> None:
    with CollectionWriter(path) as writer:
        writer.write_documents(Document(doc_id, text) for doc_id, text in documents.items())
        for name, builder in builders(dtype).items():
            writer.build(name, builder)
        writer.commit()


def take(path: Path, step: Step, documents: dict[str, str], dtype: str) -> None:
    """Changes the collection and the plain documents alike; what is put goes to the end of both."""
    verb, texts = step
    with CollectionWriter(path) as writer:
        if verb == "put":
            writer.update([Document(doc_id, text) for doc_id, text in texts.items()], builders(dtype))
        elif verb == "delete":
            writer.delete(list(texts), missing="ignore")
        else:
            writer.compact()
        writer.commit()
    for doc_id in texts if verb in ("put", "delete") else ():
        documents.pop(doc_id, None)
    documents.update(texts if verb == "put" else {})


def bits(run: Run) -> list[list[tuple[str, int]]]:
    """Each query's ids and the bits of their scores."""
    return [list(zip(run[query.id].doc_ids, run[query.id].scores.view(np.int32).tolist(), strict=True)) for query in QUERIES]


def runs(collection: Collection) -> list[list[list[tuple[str, int]]]]:
    """By both parts at several depths, and after MaxSim of both's heads."""
    dense, half = (Dense(collection, ENCODER, part=name, threads=1) for name in ("dense", "half"))
    maxsim = MaxSimReranker(ENCODER, collection, depth=4, threads=1)
    first = dense.retrieve(QUERIES, k=6)
    return [bits(first), bits(half.retrieve(QUERIES, k=2)), bits(dense.retrieve(QUERIES, k=40)), bits(maxsim.rerank(QUERIES, first, k=6))]


def texts_of(least: int) -> st.SearchStrategy[dict[str, str]]:
    text = st.lists(st.sampled_from(WORDS), max_size=3).map(" ".join)
    return st.dictionaries(st.sampled_from(IDS), text, min_size=least, max_size=6)


STEPS = st.lists(st.tuples(st.sampled_from(["put", "put", "delete", "compact"]), texts_of(1)), max_size=5)


@settings(max_examples=15)
@given(first=texts_of(1), steps=STEPS, dtype=st.sampled_from(["float32", "float16"]))
def test_any_changes_equal_a_rebuild(first: dict[str, str], steps: Sequence[Step], dtype: str) -> None:
    documents = dict(first)
    with TemporaryDirectory() as folder:
        path, anew = Path(folder) / "c", Path(folder) / "anew"
        begin(path, first, dtype)
        for step in steps:
            take(path, step, documents, dtype)
        with Collection.open(path) as grown:
            found = runs(grown)
        take(path, ("compact", {}), documents, dtype)
        with Collection.open(path) as whole:
            assert runs(whole) == found
            if not documents:
                assert found == [[[]] * len(QUERIES)] * 4
                return
            begin(anew, documents, dtype)
            with Collection.open(anew) as rebuilt:
                assert found == runs(rebuilt)
                for name in ("dense", "half"):
                    ours, theirs = whole.part(name).segments[0].folder, rebuilt.part(name).segments[0].folder
                    assert {path.name: path.read_bytes() for path in ours.iterdir()} == {
                        path.name: path.read_bytes() for path in theirs.iterdir()
                    }


def test_a_merge_piece_by_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dense_files, "PIECE_BYTES", 300)
    texts = {f"d{number}": " ".join(WORDS[: number % 4]) * (number % 3) for number in range(40)}
    begin(tmp_path / "c", dict(list(texts.items())[:25]), "float32")
    kept = {doc_id: text for doc_id, text in texts.items() if int(doc_id[1:]) % 7}
    with CollectionWriter(tmp_path / "c") as writer:
        writer.add([Document(doc_id, text) for doc_id, text in list(texts.items())[25:]], builders("float32"))
        writer.delete([doc_id for doc_id in texts if doc_id not in kept])
        assert writer.compact()
        writer.commit()
    begin(tmp_path / "anew", kept, "float32")
    with Collection.open(tmp_path / "c") as grown, Collection.open(tmp_path / "anew") as anew:
        assert runs(grown) == runs(anew)


def test_vectors_of_another_width_are_refused_before_the_commit(tmp_path: Path) -> None:
    begin(tmp_path / "c", {"a": "fox"}, "float32")
    wide = FakeEncoder(dim=30)
    wide.space = ENCODER.space  # such as files of vectors whose space was given one name
    both = {"dense": DensePart(ENCODER, tokens=True), "half": DensePart(wide, dtype="float16", dim=24)}
    with CollectionWriter(tmp_path / "c") as writer, pytest.raises(ShapeMismatch, match="a width of 24, as the part has them"):
        writer.add([Document("b", "dog")], both)
    with Collection.open(tmp_path / "c") as collection:
        assert len(collection) == 1
