"""Writes a golden collection of the present format: `python -m tests.golden.make v2` makes v2 and v2.json here, once and for ever."""

import json
import sys
from pathlib import Path

from irloom.core.types import Document, Query
from irloom.indexing.bm25_part import BM25Part
from irloom.indexing.collection import Collection
from irloom.indexing.dense_part import DensePart
from irloom.indexing.minhash_part import MinHashPart
from irloom.indexing.parts import PartBuilder
from irloom.indexing.writer import CollectionWriter
from irloom.retrievers.bm25 import BM25
from irloom.retrievers.dense import Dense
from irloom.text.analyzer import Analyzer
from tests.fakes import FakeEncoder

QUERIES = {"q1": "cat", "q2": "dog bird", "q3": "text title cats"}


def builders() -> dict[str, PartBuilder]:
    return {"bm25": BM25Part(Analyzer.english()), "dense-fake": DensePart(FakeEncoder(8), tokens=True), "near": MinHashPart()}


def passage(number: int, words: str) -> Document:
    return Document(f"p{number}", words, f"passage {number}", meta={"year": 2000 + number, "score": number / 4, "lang": "en"})


def runs(collection: Collection) -> dict[str, dict[str, list[tuple[str, float]]]]:
    """The best five of each query by each retriever."""
    queries = [Query(name, text) for name, text in QUERIES.items()]
    found = {}
    for name, retriever in {"bm25": BM25(collection), "dense": Dense(collection, FakeEncoder(8))}.items():
        run = retriever.retrieve(queries, k=5)
        found[name] = {query: list(zip(run[query].doc_ids, map(float, run[query].scores), strict=True)) for query in run}
    return found


def make(root: Path) -> None:
    """A collection of three segments, two of them with deleted documents."""
    with CollectionWriter(root) as writer:
        first = [Document("d2", "the second text about cats and cats"), Document("d10", "", "only a title"), Document("empty", "")]
        tags = {"year": 2020, "tags": ("a", "b"), "ok": True, "lang": "de"}
        first += [
            Document("\u00fc", "\u00fcml\u00e4ut \U0001f600 cats", parent="d2", span=(3, 8), meta=tags),
            Document("d9", "\ud800 alone"),
        ]
        writer.write_documents([*first, *(passage(number, "cat " * number + "dog fish") for number in range(8))], source={"name": "golden"})
        for name, builder in builders().items():
            writer.build(name, builder)
        writer.commit()
    with CollectionWriter(root) as writer:
        writer.add([passage(number, "bird " * (number - 7) + "dog " * 70 + "cat") for number in range(8, 12)], builders())
        writer.commit()
    with CollectionWriter(root) as writer:
        writer.update([passage(3, "cat and dog and bird"), passage(9, "a title of cats"), passage(12, "new")], builders())
        writer.delete(["p1", "d9", "p10"])
        writer.commit()


def main(version: str) -> None:
    folder = Path(__file__).parent
    root = folder / version
    assert not root.exists(), f"{root} is there, and stays as it is"
    make(root)
    with Collection.open(root) as collection:
        facts = {"documents": len(collection), "queries": QUERIES, "runs": runs(collection)}
    (folder / f"{version}.json").write_text(json.dumps(facts, indent=1) + "\n")
    for path in (root / ".lock", *(root / "readers").iterdir()):
        path.unlink()
    (root / "readers").rmdir()


if __name__ == "__main__":
    main(sys.argv[1])
