"""python-stdlib and python-packages: frozen content, kept in the cache, comparable or not."""

import sys
from pathlib import Path

import pytest

from irloom.core.errors import ConfigError, DataError
from irloom.data import python_datasets
from irloom.data.python_datasets import FROZEN, load_python

VERSION = sys.version.split()[0]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def test_the_standard_library(cache: Path) -> None:
    found = load_python("python-stdlib", cache)
    documents = {document.id: document.text for document in found.documents()}
    test, train = found.qrels("test"), found.qrels("train")
    assert 5_000 < len(documents) < 8_000
    assert 800 < len(test) < 1_300
    assert len(train) > 3_000
    assert not test.keys() & train.keys()
    assert all(documents.keys() >= judged.keys() for judged in (*test.values(), *train.values()))
    assert len(set(documents.values())) == len(documents)
    assert not [
        doc_id for doc_id in documents if doc_id.split(".")[0] in ("test", "idlelib", "tkinter", "lib2to3", "turtledemo", "ensurepip")
    ]
    assert documents["json.decoder.JSONDecoder.raw_decode"].startswith("def raw_decode(self, s, idx=0):\n    try:")
    assert len(found.queries()) == len(test)


def test_the_content_is_frozen_for_a_full_version(cache: Path) -> None:
    frozen = FROZEN.get(("python-stdlib", VERSION))
    if frozen is None:
        pytest.skip(f"no frozen hash for Python {VERSION}")
    found = load_python("python-stdlib", cache)
    assert found.content_hash == frozen
    assert found.comparable
    assert "the frozen content" in found.description


def test_it_is_made_once(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = load_python("python-stdlib", cache)
    monkeypatch.setattr(python_datasets, "definitions_under", None)
    second = load_python("python-stdlib", cache)
    assert (first.fingerprint, first.content_hash, first.path) == (second.fingerprint, second.content_hash, second.path)


@pytest.mark.parametrize(
    ("frozen", "text"),
    [({}, "not comparable with published figures"), ({("python-stdlib", VERSION): "0" * 64}, "not the frozen 000000000000")],
)
def test_other_content_says_that_figures_are_not_comparable(
    cache: Path, monkeypatch: pytest.MonkeyPatch, frozen: dict[tuple[str, str], str], text: str
) -> None:
    monkeypatch.setattr(python_datasets, "FROZEN", frozen)
    found = load_python("python-stdlib", cache)
    assert not found.comparable
    assert text in found.description
    assert found.content_hash[:12] in found.description


def one_package(monkeypatch: pytest.MonkeyPatch, name: str, version: str) -> None:
    monkeypatch.setattr(python_datasets, "PACKAGES", {name: version})


def test_packages_keep_definitions_without_docstrings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib.metadata import version

    one_package(monkeypatch, "pluggy", version("pluggy"))
    found = load_python("python-packages", tmp_path)
    judged = {doc_id for split in found.splits for row in found.qrels(split).values() for doc_id in row}
    documents = {document.id for document in found.documents()}
    assert judged < documents
    assert "pluggy._manager.PluginManager.register" in judged


def test_a_missing_package_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one_package(monkeypatch, "no-such-package", "1.0")
    with pytest.raises(ConfigError, match=r"needs no-such-package 1\.0, which is not installed; run: pip install no-such-package==1\.0"):
        load_python("python-packages", tmp_path)


def test_another_release_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one_package(monkeypatch, "numpy", "0.0.1")
    with pytest.raises(ConfigError, match=r"needs numpy 0\.0\.1, and .* is installed; run: pip install numpy==0\.0\.1"):
        load_python("python-packages", tmp_path)


def test_an_interrupted_making_starts_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib.metadata import version

    one_package(monkeypatch, "pluggy", version("pluggy"))
    whole = load_python("python-packages", tmp_path)
    for damage in ("corpus.jsonl.gz", "about.json"):
        (whole.path / damage).unlink()
        assert load_python("python-packages", tmp_path).content_hash == whole.content_hash
        assert (whole.path / damage).exists()


def test_a_cache_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib.metadata import version

    one_package(monkeypatch, "pluggy", version("pluggy"))
    (tmp_path / "generated").write_text("a file where a folder should be")
    with pytest.raises(DataError, match="set IRLOOM_CACHE to a folder that can be written"):
        load_python("python-packages", tmp_path)
