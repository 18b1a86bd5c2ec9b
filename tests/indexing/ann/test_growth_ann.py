"""Approximate indexes over a collection that grows: they find as much as one built anew from the documents that are there."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from irloom.core.batches import DenseBatch
from irloom.core.types import Document, Query
from irloom.indexing.ann import segment
from irloom.indexing.ann.index import open_index
from irloom.indexing.ann.kinds import KINDS
from irloom.indexing.ann.recipe import Recipe
from irloom.indexing.ann.wish import AnnWish
from irloom.indexing.collection import Collection
from irloom.indexing.dense_part import DensePart
from irloom.indexing.flat import FlatIndex
from irloom.indexing.parts import PartView
from irloom.indexing.writer import CollectionWriter
from irloom.retrievers.dense import Dense
from tests.indexing.ann.parts import recall, vectors_of

POOL = vectors_of(6000, 24, 7, topics=30)
QUERIES = vectors_of(200, 24, 99, topics=30)
QUICK = ("hnsw", "ivf-sq8", "pq-fs", "binary-ivf")


class Numbered:
    """An encoder of texts that are numbers: each is the row of that number."""

    space = fingerprint = model = "numbered"
    compatible_with: tuple[str, ...] = ()

    def encode_documents(self, documents: Sequence[Document]) -> DenseBatch:
        return POOL[[int(document.text) for document in documents]]

    def encode_queries(self, queries: Sequence[Query]) -> DenseBatch:
        return QUERIES[[int(query.text) for query in queries]]

    def warm_up(self) -> None:
        pass


def part_of(kind: str) -> DensePart:
    return DensePart(Numbered(), chunk=2000, faiss=AnnWish(kind))


def build(path: Path, kind: str, documents: dict[str, int]) -> None:
    with CollectionWriter(path) as writer:
        writer.write_documents(Document(doc_id, str(row)) for doc_id, row in documents.items())
        writer.build("dense", part_of(kind))
        writer.commit()


def grow(path: Path, kind: str, documents: dict[str, int], rng: np.random.Generator, steps: int) -> None:
    """Takes random steps; `documents` follows."""
    for step in range(steps):
        verb = ("put", "delete", "put", "compact")[step % 4] if rng.random() < 0.7 else str(rng.choice(["put", "delete", "compact"]))
        with CollectionWriter(path) as writer:
            if verb == "put":
                ids = [f"d{number}" for number in rng.choice(3000, int(rng.integers(50, 900)), replace=False)]
                changed = {doc_id: int(row) for doc_id, row in zip(ids, rng.integers(len(POOL), size=len(ids)), strict=True)}
                writer.update([Document(doc_id, str(row)) for doc_id, row in changed.items()], {"dense": part_of(kind)})
                for doc_id in changed:
                    documents.pop(doc_id, None)
                documents.update(changed)
            elif verb == "delete":
                gone = [str(doc_id) for doc_id in rng.choice(sorted(documents), len(documents) // 5, replace=False)]
                writer.delete(gone)
                for doc_id in gone:
                    del documents[doc_id]
            else:
                writer.compact()
            writer.commit()


def share_found(part: PartView, allowed: float = 1.0) -> float:
    """The recall at 10 of a part, where that share of the documents may be found."""
    live = np.ones(part.total, np.bool_) if part.live is None else part.live
    mask = None if allowed == 1 else live & (np.random.default_rng(11).random(part.total) < allowed)
    truth = FlatIndex.open(part, threads=1).search(QUERIES, k=10, allowed=mask)
    return recall(open_index(part, threads=1).search(QUERIES, k=10, allowed=mask), truth)


def check_growth(root: Path, kind: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    documents = {f"d{number}": number for number in range(int(rng.integers(100, 900)))}
    build(root / "grown", kind, documents)
    grow(root / "grown", kind, documents, rng, 7)
    build(root / "anew", kind, documents)
    with Collection.open(root / "grown") as grown, Collection.open(root / "anew") as anew:
        assert len(grown) == len(anew) == len(documents)
        ours, theirs = share_found(grown.part("dense")), share_found(anew.part("dense"))
        assert ours >= theirs - 0.01
        for allowed in (0.5, 0.1, 0.01, 0.001):
            assert share_found(grown.part("dense"), allowed) >= 0.95
        run = Dense(grown, Numbered(), threads=1).retrieve([Query(str(i), str(i)) for i in range(20)], k=10)
        assert {doc_id for ranking in run.values() for doc_id in ranking.doc_ids} <= documents.keys()


@pytest.mark.parametrize("kind", QUICK)
def test_a_grown_index_finds_what_a_new_one_finds(tmp_path: Path, kind: str) -> None:
    check_growth(tmp_path, kind, 1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 5))
@pytest.mark.parametrize("kind", KINDS)
def test_grown_indexes_of_every_kind(tmp_path: Path, kind: str, seed: int) -> None:
    check_growth(tmp_path, kind, seed)


def test_what_is_outgrown_is_learnt_again(tmp_path: Path) -> None:
    """Compacting four times as many documents as were there when the lists were made gives more lists; fewer leave them."""
    path, documents = tmp_path / "c", {f"d{number}": number for number in range(400)}
    build(path, "ivf", documents)
    for first, learnt_from in ((400, 400), (1100, 2000)):
        with CollectionWriter(path) as writer:
            more = [Document(f"d{number}", str(number)) for number in range(first, first + (700 if first == 400 else 900))]
            writer.add(more, {"dense": part_of("ivf")})
            writer.compact()
            writer.commit()
        with Collection.open(path) as collection:
            trained = collection.part("dense").trained
            assert trained is not None
            assert Recipe.read(trained).documents == learnt_from
            assert share_found(collection.part("dense")) >= 0.94
    assert len(list((path / "trained").iterdir())) == 1
    assert segment.OUTGROWN == 4
