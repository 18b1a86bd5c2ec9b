"""Datasets by name: as a path, under IRLOOM_DATA, in the cache, or made from the installed Python."""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from irloom.core.errors import DataError, UnknownName
from irloom.data.dataset import Dataset, Protocol
from irloom.data.folder import FolderDataset, find_corpus, is_corpus_file, splits_of
from irloom.data.python_datasets import NAMES, load_python
from irloom.data.text_folder import TextFolder, holds_texts

PROTOCOLS = {
    "arguana": Protocol(remove_self_hits=True),
    "quora": Protocol(remove_self_hits=True),
    "clariq": Protocol(split="dev"),
    "msmarco": Protocol(split="dev"),
    "llmjudge-dev": Protocol(min_grade=2),
    "trec-dl-2019": Protocol(min_grade=2),
    "trec-dl-2020": Protocol(min_grade=2),
    "trec-dl-2021": Protocol(min_grade=2),
    "trec-dl-2022": Protocol(min_grade=2),
    "trec-dl-2023": Protocol(min_grade=2),
}
"""What a name carries beyond the default: ArguAna and Quora search a corpus that holds their queries, TREC DL counts grades from 2
as relevant, ClariQ and MS MARCO publish figures on dev. A plain folder never gets these, whatever it is called."""

_GENERATED = {
    "python-stdlib": "functions and classes of this Python's standard library; docstring sentences as queries",
    "python-packages": "more than 100,000 definitions of pinned packages; docstring sentences as queries",
}


@dataclass(frozen=True, slots=True)
class DatasetInfo:
    """A dataset that can be loaded by name.

    Attributes:
        name: what `load_dataset` takes.
        kind: "beir", "corpus", "texts" or "generated".
        splits: its sets of judgments.
        place: its folder; "" where it is generated.
        description: one line.
    """

    name: str
    kind: str
    splits: tuple[str, ...]
    place: str
    description: str


def load_dataset(name_or_path: str | Path) -> Dataset:
    """Finds a dataset: a path first, then a folder under IRLOOM_DATA, then one under `datasets` in the cache, then a generated one.

    A BEIR folder, a folder with only a corpus, a corpus file (.jsonl, .tsv, plain or gzipped) and a folder of .md and .txt files
    are datasets. The protocol goes with a name that is looked up, never with a path.

    Raises:
        UnknownName: no place has that name.
        DataError: the path holds no dataset, or does not exist.
        ConfigError: a package of `python-packages` is missing or of another release.
    """
    name, path = str(name_or_path), Path(name_or_path)
    if not name:
        raise DataError("the dataset's name is empty")
    if path.exists():
        return _open(name if path.name in ("", "..") else path.name, path, None)
    if not path.is_absolute() and ".." not in path.parts:
        for root in _roots():
            if (root / name).is_dir():
                return _open(name, root / name, PROTOCOLS.get(name))
    if isinstance(name_or_path, Path) or len(path.parts) > 1 or name.endswith((".jsonl", ".tsv", ".gz")):
        raise DataError(f"dataset {name} does not exist; give a folder with corpus.jsonl, a corpus file, or a name")
    if name in NAMES:
        return load_python(name, cache_folder())
    raise UnknownName("dataset", name, [info.name for info in list_datasets()], where=_looked_in(name))


def list_datasets() -> list[DatasetInfo]:
    """The datasets that names lead to, sorted; folders are looked at, not read."""
    found: dict[str, DatasetInfo] = {}
    for root in _roots():
        for folder in sorted(root.iterdir()) if root.is_dir() else ():
            if folder.is_dir() and not folder.name.startswith(".") and folder.name not in found:
                found.update((info.name, info) for info in _describe(folder))
    for name, description in _GENERATED.items():
        found.setdefault(name, DatasetInfo(name, "generated", ("test", "train"), "", description))
    return sorted(found.values(), key=lambda info: info.name)


def cache_folder() -> Path:
    """IRLOOM_CACHE, or `irloom` in the platform's cache folder; it need not exist yet."""
    named = os.environ.get("IRLOOM_CACHE")
    if named:
        return Path(named).expanduser()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "irloom"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "irloom"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "irloom"


def _roots() -> list[Path]:
    named = os.environ.get("IRLOOM_DATA")
    return [*([Path(named).expanduser()] if named else []), cache_folder() / "datasets"]


def _open(name: str, path: Path, protocol: Protocol | None) -> Dataset:
    if path.is_file():
        if not is_corpus_file(path):
            raise DataError(f"{path} is no corpus file; expected .jsonl or .tsv, plain or gzipped")
        return FolderDataset(name, path)
    if find_corpus(path) is not None:
        return FolderDataset(name, path, protocol=protocol)
    if holds_texts(path):
        return TextFolder(name, path)
    raise DataError(f"{path} is no dataset: it holds neither a corpus (corpus.jsonl, collection.tsv) nor .md or .txt files")


def _describe(folder: Path) -> Iterator[DatasetInfo]:
    if find_corpus(folder) is not None:
        splits = splits_of(folder)
        protocol = PROTOCOLS.get(folder.name)
        notes = [f"evaluated on {protocol.split}"] if protocol and protocol.split != "test" else []
        notes += ["self hits removed"] if protocol and protocol.remove_self_hits else []
        notes += [f"relevant from grade {protocol.min_grade}"] if protocol and protocol.min_grade != 1 else []
        kind = "beir" if splits else "corpus"
        yield DatasetInfo(folder.name, kind, splits, str(folder), "; ".join(notes))
    elif holds_texts(folder):
        yield DatasetInfo(folder.name, "texts", (), str(folder), "a folder of .md and .txt files")


def _looked_in(name: str) -> str:
    asked = os.environ.get("IRLOOM_DATA")
    places = f"under IRLOOM_DATA ({asked})" if asked else "IRLOOM_DATA is not set"
    return f"no folder {name!r} here, {places}, and none in the cache"
