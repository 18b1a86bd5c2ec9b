"""Repositories of the Hub, as folders that `datasets` reads in their place."""

import json
from pathlib import Path

import pytest

from irloom.core.errors import DataError
from irloom.core.types import Document, Query
from irloom.data.hub import HubDataset
from irloom.data.named import load_dataset

datasets = pytest.importorskip("datasets")

CORPUS = [{"_id": "a", "title": "T", "text": "x"}, {"_id": "b", "title": "", "text": "y"}]
QUERIES = [{"_id": "q", "text": "x?"}, {"_id": "p", "text": "unjudged"}]


def repository(path: str, configurations: dict[str, dict[str, list[dict[str, object]]]]) -> None:
    """A folder with the card that names its configurations, each with its splits."""
    lines = ["---", "configs:"]
    for configuration, splits in configurations.items():
        lines += [f"- config_name: {configuration}", "  data_files:"]
        for split, rows in splits.items():
            file = Path(path) / configuration / f"{split}.jsonl"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("".join(json.dumps(row) + "\n" for row in rows))
            lines += [f"  - split: {split}", f"    path: {configuration}/{split}.jsonl"]
    (Path(path) / "README.md").write_text("\n".join([*lines, "---", ""]))


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)


def test_mteb() -> None:
    judged = [{"query-id": "q", "corpus-id": "a", "score": 2.0}]
    repository("mteb/tiny", {"default": {"test": judged, "dev": judged}, "corpus": {"corpus": CORPUS}, "queries": {"queries": QUERIES}})
    data = load_dataset("hf:mteb/tiny")
    assert isinstance(data, HubDataset)
    assert data.splits == ("dev", "test")
    assert list(data.documents()) == [Document("a", "x", "T"), Document("b", "y")]
    assert data.queries() == [Query("q", "x?")]
    assert data.qrels() == {"q": {"a": 2}}
    again = HubDataset("hf:mteb/tiny")
    assert (again.fingerprint, again.content_hash) == (data.fingerprint, data.content_hash)


def test_nanobeir() -> None:
    """Judgments have no grades, and every split is called `train`."""
    judged = [{"query-id": "q", "corpus-id": "b"}]
    repository("zeta/Nano", {"corpus": {"train": CORPUS}, "queries": {"train": QUERIES}, "qrels": {"train": judged}})
    data = load_dataset("hf:zeta/Nano")
    assert data.protocol.split == "train"
    assert data.qrels() == {"q": {"b": 1}}


def test_beir_keeps_judgments_in_a_repository_of_their_own() -> None:
    repository("BeIR/arguana", {"corpus": {"corpus": CORPUS}, "queries": {"queries": QUERIES}})
    repository("BeIR/arguana-qrels", {"default": {"test": [{"query-id": "q", "corpus-id": "a", "score": 1}]}})
    data = load_dataset("hf:BeIR/arguana")
    assert data.qrels() == {"q": {"a": 1}}
    assert data.protocol.remove_self_hits


def test_documents_only() -> None:
    repository("my/docs", {"corpus": {"train": CORPUS}})
    data = load_dataset("hf:my/docs")
    assert data.splits == ()
    assert len(data.content_hash) == 64
    with pytest.raises(DataError, match="has no queries"):
        data.all_queries()


def test_what_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    repository("my/other", {"default": {"train": CORPUS}})
    with pytest.raises(DataError, match=r"hf:my/other: no configuration 'corpus'; expected corpus, queries and qrels, found default"):
        load_dataset("hf:my/other")
    with pytest.raises(DataError, match="'hf:' names no repository"):
        load_dataset("hf:")
    monkeypatch.setenv("IRLOOM_OFFLINE", "1")
    with pytest.raises(DataError, match=r"hf:my/none cannot be read .*IRLOOM_OFFLINE is set"):
        load_dataset("hf:my/none")
