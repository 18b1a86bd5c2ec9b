"""`irloom download`: named collections before they are needed."""

import hashlib
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from irloom.data.catalogue import CATALOGUE, GROUPS
from irloom.data.dataset import Protocol
from irloom.data.entry import Counts, Download, Entry
from tests.serving import Served, serving


@pytest.fixture
def served(animals: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """Two collections of the catalogue, `beir/animals` and `beir/broken`, whose checksum is another one; both form a group."""
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setenv("IRLOOM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("IRLOOM_DATA", str(tmp_path / "data"))
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for path in sorted(path for path in animals.rglob("*") if path.is_file()):
            archive.write(path, f"animals/{path.relative_to(animals)}")
    with serving() as found:
        found.files["/animals.zip"] = data.getvalue()
        for name, md5 in (("animals", hashlib.md5(data.getvalue()).hexdigest()), ("broken", "0" * 32)):
            urls = ("http://127.0.0.1:9/animals.zip", f"{found.url}/animals.zip")
            sources, folder = ((Download("", urls, md5),),), f"beir/{name}"
            entry = Entry(folder, folder, folder, "beir", Protocol(), Counts(4, 3, 4), "CC0", sources)
            monkeypatch.setitem(CATALOGUE, folder, entry)
        monkeypatch.setitem(GROUPS, "zoo", ("beir/animals", "beir/broken"))
        yield found


def test_a_download(irloom, served: Served, tmp_path: Path) -> None:
    """The first address is down; after it the dataset is used like any other."""
    folder = tmp_path / "cache" / "datasets" / "beir" / "animals"
    done = irloom("download", "beir/animals", "beir/animals")
    assert (done.code, done.out) == (0, f"beir/animals: {folder}\n")
    served.files.clear()
    assert irloom("download", "beir/animals").code == 0
    assert irloom("datasets", "beir/animals", "--check").code == 0
    assert irloom("index", "bm25", "--output", tmp_path / "c", "--dataset", "beir/animals").code == 0


def test_a_dataset_is_fetched_where_it_is_needed(irloom, served: Served, tmp_path: Path) -> None:
    done = irloom("index", "bm25", "--output", tmp_path / "c", "--dataset", "beir/animals")
    assert done.code == 0, done.err


def test_a_checksum_that_fails(irloom, served: Served, tmp_path: Path) -> None:
    done = irloom("download", "zoo")
    assert done.code == 2
    assert done.out.startswith("beir/animals: ")
    for said in ("beir/broken", "127.0.0.1:9/animals.zip: ", "its MD5 is", f"expected {'0' * 32}"):
        assert said in done.err
    assert not (tmp_path / "cache" / "datasets" / "beir" / "broken").exists()


def test_bad_input(irloom, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    done = irloom("download", "beir/animal")
    assert (done.code, "Did you mean 'beir/animals'" in done.err) == (2, True)
    assert irloom("download", "beir/robust04").code == 2
    monkeypatch.setenv("IRLOOM_OFFLINE", "1")
    done = irloom("download", "beir/animals")
    assert (done.code, "IRLOOM_OFFLINE forbids" in done.err) == (2, True)
