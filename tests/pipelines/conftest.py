"""A small BEIR folder with two splits, and vectors of its texts in files."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from irloom.core.types import Document, Query
from tests.fakes import FakeEncoder
from tests.pipelines.turning import Turning, registered

WORDS = ["ant", "bee", "cat", "dog", "eel", "fox", "gnu", "hen", "ibex", "jay", "kite", "lynx", "mole", "newt", "owl", "pig"]


@pytest.fixture(autouse=True)
def _own_collections(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IRLOOM_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """32 documents of two to four animals; a query asks for two, and the documents with both are judged."""
    root = tmp_path / "animals"
    (root / "qrels").mkdir(parents=True)
    random = np.random.default_rng(7)
    texts = [" ".join(random.choice(WORDS, size=random.integers(2, 5), replace=False)) for _ in range(32)]
    records = [{"_id": f"d{place}", "title": "", "text": text} for place, text in enumerate(texts)]
    (root / "corpus.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    queries = {f"q{place}": texts[place].split()[:2] for place in range(12)}
    (root / "queries.jsonl").write_text("".join(json.dumps({"_id": name, "text": " ".join(pair)}) + "\n" for name, pair in queries.items()))
    for split, names in (("test", list(queries)[:8]), ("train", list(queries)[8:])):
        lines = [f"{name}\td{place}\t1" for name in names for place, text in enumerate(texts) if set(queries[name]) <= set(text.split())]
        (root / "qrels" / f"{split}.tsv").write_text("\n".join(["query-id\tcorpus-id\tscore", *lines]) + "\n")
    return root


@pytest.fixture
def vectors(folder: Path, tmp_path: Path) -> dict[str, str]:
    """The arguments of a VectorFile over the folder's texts."""
    encoder = FakeEncoder()
    for name, cls in (("corpus", Document), ("queries", Query)):
        records = [json.loads(line) for line in (folder / f"{name}.jsonl").read_text().splitlines()]
        np.save(tmp_path / f"{name}.npy", encoder.encode_texts([cls(record["_id"], record["text"]).text for record in records]))
        (tmp_path / f"{name}.ids").write_text("".join(record["_id"] + "\n" for record in records))
    return {"documents": str(tmp_path / "corpus.npy"), "queries": str(tmp_path / "queries.npy")}


@pytest.fixture
def turning(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A reranker `turning` in the registry."""
    monkeypatch.setattr(Turning, "asked", [])
    with registered():
        yield
