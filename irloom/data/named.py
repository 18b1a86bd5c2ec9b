"""Datasets by name: as a path, under IRLOOM_DATA, in the cache, fetched, from another package, or made from the installed Python."""

import os
from pathlib import Path

from irloom.core.errors import DataError, UnknownName
from irloom.core.files import Progress, no_progress
from irloom.data.catalogue import CATALOGUE, GROUPS, protocol_of, refuse_group
from irloom.data.checked import NamedDataset
from irloom.data.dataset import Dataset
from irloom.data.entry import Entry
from irloom.data.layouts import open_path
from irloom.data.listing import describe, list_datasets, list_local
from irloom.data.places import HUB_PREFIX, IRDS_PREFIX, PROTOCOLS, cache_folder, dataset_folder, find_entry, roots
from irloom.data.python_datasets import NAMES, load_python

__all__ = ["about", "cache_folder", "fetch_dataset", "list_datasets", "load_dataset"]

_FILES = (".jsonl", ".tsv", ".gz", ".parquet")


def load_dataset(name_or_path: str | Path, *, progress: Progress = no_progress) -> Dataset:
    """Finds a dataset: a path first, then a folder under IRLOOM_DATA, then one under `datasets` in the cache; then it is fetched or made.

    A BEIR folder, a folder of tables as MS MARCO has them, Parquet files, a folder with only a corpus, a corpus file (.jsonl, .tsv, plain
    or gzipped) and a folder of .md and .txt files are datasets. `irds:ID` is one of ir_datasets, `hf:REPOSITORY` one of the Hugging Face
    Hub. The protocol goes with a name that is looked up, never with a path.

    Args:
        name_or_path: such as "beir/scifact", "irds:vaswani", "hf:mteb/scifact", "python-stdlib" or a path.
        progress: called with the bytes of a download.

    Raises:
        UnknownName: no place has that name.
        DataError: the path holds no dataset or does not exist, it could not be fetched, or the name is that of a group.
        MissingExtra: the name needs a package that is not installed.
        ConfigError: a package of `python-packages` is missing or of another release.
        Locked: another process is fetching it.
    """
    name, path = str(name_or_path), Path(name_or_path)
    if not name:
        raise DataError("the dataset's name is empty")
    if path.exists():
        return open_path(name if path.name in ("", "..") else path.name, path)
    if name.startswith((HUB_PREFIX, IRDS_PREFIX)):
        return _load_elsewhere(name)
    if name in CATALOGUE:
        return _load_entry(CATALOGUE[name], progress)
    refuse_group(name)
    if not path.is_absolute() and ".." not in path.parts:
        for root in roots():
            if (root / name).is_dir():
                return open_path(name, root / name, PROTOCOLS.get(name))
    if name in NAMES:
        return load_python(name, cache_folder())
    family = [known for known in CATALOGUE if known.startswith(f"{path.parts[0]}/")]
    if family and not name.endswith(_FILES):
        raise UnknownName("dataset", name, family)
    if isinstance(name_or_path, Path) or len(path.parts) > 1 or name.endswith(_FILES):
        raise DataError(f"dataset {name} does not exist; give a folder with corpus.jsonl, a corpus file, or a name")
    raise UnknownName("dataset", name, [info.name for info in list_local()], where=_looked_in(name))


def about(name: str) -> dict[str, object]:
    """What is known of a dataset without reading its records or fetching it: place, splits, protocol, licence, counts, addresses.

    Raises:
        UnknownName: no place has that name.
        DataError: the path holds no dataset or does not exist.
    """
    if name in CATALOGUE:
        entry = CATALOGUE[name]
        info, protocol = describe(entry), entry.protocol
        addresses = [url for source in entry.sources for download in source for url in download.urls]
        expected = {"documents": info.documents, "queries": info.queries, "judgments": info.judgments}
        more = {
            "expected": expected,
            "licence": info.licence,
            "download": f"{info.size:,} bytes" if info.size else "",
            "addresses": addresses or [entry.how],
        }
        kind, splits, where = info.kind, list(info.splits), info.place
    else:
        dataset = load_dataset(name)
        protocol, splits, where = dataset.protocol, list(dataset.splits), str(getattr(dataset, "path", ""))
        kind, more = dataset.description, {}
    return {
        "name": name,
        "kind": kind,
        "place": where,
        "splits": splits,
        "evaluated on": protocol.split if splits else "",
        "self hits": "removed" if protocol.remove_self_hits else "kept",
        "relevant from grade": protocol.min_grade,
        **more,
    }


def fetch_dataset(name: str, *, progress: Progress = no_progress) -> Path:
    """The folder of a collection of the catalogue, which is fetched first where it is not here.

    Raises:
        UnknownName: the catalogue does not have it.
        DataError: it could not be fetched.
        Locked: another process is fetching it.
    """
    return _entry_folder(_entry(name), progress)


def _entry(name: str) -> Entry:
    if name not in CATALOGUE:
        raise UnknownName("named collection", name, [*CATALOGUE, *GROUPS])
    return CATALOGUE[name]


def _entry_folder(entry: Entry, progress: Progress) -> Path:
    folder = find_entry(entry)
    if folder is not None:
        return folder
    for root in roots():
        if (root / entry.folder).is_dir():
            split = entry.protocol.split
            raise DataError(f"{root / entry.folder} is not a whole {entry.name}: it lacks the corpus or the judgments {split!r}")
    from irloom.data.placing import place

    unit = place(entry, dataset_folder(), progress=progress)
    return unit / Path(entry.folder).relative_to(entry.unit)


def _load_entry(entry: Entry, progress: Progress) -> Dataset:
    folder = _entry_folder(entry, progress)
    return NamedDataset(entry, folder, open_path(entry.name, folder, entry.protocol))


def _load_elsewhere(name: str) -> Dataset:
    """A dataset of another package; what reads it is imported only here."""
    protocol = protocol_of(name.partition(":")[2])
    if name.startswith(IRDS_PREFIX):
        from irloom.data.irds import IrdsDataset

        return IrdsDataset(name, protocol=protocol)
    from irloom.data.hub import HubDataset

    return HubDataset(name, protocol=protocol)


def _looked_in(name: str) -> str:
    asked = os.environ.get("IRLOOM_DATA")
    places = f"under IRLOOM_DATA ({asked})" if asked else "IRLOOM_DATA is not set"
    public = next((known for known in (f"beir/{name}", f"nanobeir/{name}") if known in CATALOGUE), "")
    hint = f"; {public!r} can be fetched" if public else ""
    return f"no file or folder {name!r} here, {places}, and none in the cache{hint}"
