"""What datasets there are, for people: local ones, generated ones and those of the catalogue; nothing is read or fetched."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from irloom.data.catalogue import CATALOGUE
from irloom.data.dataset import Protocol
from irloom.data.entry import Entry
from irloom.data.layouts import kind_of
from irloom.data.places import PROTOCOLS, find_entry, roots

_GENERATED = {
    "python-stdlib": "functions and classes of this Python's standard library; docstring sentences as queries",
    "python-packages": "more than 100,000 definitions of pinned packages; docstring sentences as queries",
}


@dataclass(frozen=True, slots=True)
class DatasetInfo:
    """A dataset that can be loaded by name.

    Attributes:
        name: what `load_dataset` takes.
        kind: "beir", "tsv", "parquet", "corpus", "texts" or "generated".
        splits: its sets of judgments; of a collection of the catalogue that is not here, the one that is evaluated.
        place: its folder; "" where it is generated, or not here yet.
        description: one line.
        documents: how many the catalogue expects; 0 where that is not known.
        queries: the same.
        judgments: the same.
        licence: a note; "" where none is known.
        fetchable: whether it is not here and can be fetched.
        size: about how many bytes that sends; 0 where it is not known.
    """

    name: str
    kind: str
    splits: tuple[str, ...]
    place: str
    description: str
    documents: int = 0
    queries: int = 0
    judgments: int = 0
    licence: str = ""
    fetchable: bool = False
    size: int = 0


def list_datasets() -> list[DatasetInfo]:
    """The datasets that names lead to, sorted: local ones, generated ones, and those of the catalogue; folders are looked at, not read."""
    found = {info.name: info for info in list_local()}
    found.update((entry.name, describe(entry)) for entry in CATALOGUE.values())
    return sorted(found.values(), key=lambda info: info.name)


def list_local() -> list[DatasetInfo]:
    """Those of them that lie in a folder of datasets under their own name or can be made here, sorted."""
    found: dict[str, DatasetInfo] = {}
    for root in roots():
        for folder in sorted(root.iterdir()) if root.is_dir() else ():
            if folder.is_dir() and not folder.name.startswith(".") and folder.name not in found:
                found.update((info.name, info) for info in _describe_folder(folder))
    for name, description in _GENERATED.items():
        found.setdefault(name, DatasetInfo(name, "generated", ("test", "train"), "", description))
    return sorted(found.values(), key=lambda info: info.name)


def describe(entry: Entry) -> DatasetInfo:
    """What the catalogue says of a collection, and where it lies if it is here."""
    folder = find_entry(entry)
    kind = kind_of(folder) if folder is not None else None
    notes = _notes(entry.protocol)
    if folder is None and not entry.sources:
        notes.append("not for download")
    return DatasetInfo(
        entry.name,
        kind[0] if kind else entry.layout,
        kind[1] if kind else (entry.protocol.split,),
        str(folder) if folder is not None else "",
        "; ".join(notes),
        entry.counts.documents,
        entry.counts.queries,
        entry.counts.judgments,
        entry.licence,
        folder is None and bool(entry.sources),
        entry.size,
    )


def _describe_folder(folder: Path) -> Iterator[DatasetInfo]:
    kind = kind_of(folder)
    if kind is None or (kind[0] == "texts" and any(entry.startswith(f"{folder.name}/") for entry in CATALOGUE)):
        return
    notes = "a folder of .md and .txt files" if kind[0] == "texts" else ""
    protocol = PROTOCOLS.get(folder.name)
    yield DatasetInfo(folder.name, kind[0], kind[1], str(folder), "; ".join(_notes(protocol)) if protocol else notes)


def _notes(protocol: Protocol) -> list[str]:
    notes = [f"evaluated on {protocol.split}"] if protocol.split != "test" else []
    notes += ["self hits removed"] if protocol.remove_self_hits else []
    notes += [f"relevant from grade {protocol.min_grade}"] if protocol.min_grade != 1 else []
    return notes
