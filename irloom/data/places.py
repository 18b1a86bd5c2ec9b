"""Where datasets lie: under IRLOOM_DATA, in the cache; what a local folder's name says of its protocol; whether more may be fetched."""

import os
import sys
from pathlib import Path

from irloom.data.dataset import Protocol
from irloom.data.entry import Entry
from irloom.data.layouts import kind_of

HUB_PREFIX, IRDS_PREFIX = "hf:", "irds:"
OFFLINE = "IRLOOM_OFFLINE"

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


def find_entry(entry: Entry) -> Path | None:
    """The folder in which a collection of the catalogue lies, with the split that is evaluated; None where it is not here.

    Under its own name any layout will do; under another one it must have the layout of the catalogue.
    """
    for root in roots():
        for name in (entry.folder, *entry.aliases):
            kind = kind_of(root / name) if (root / name).is_dir() else None
            if kind and entry.protocol.split in kind[1] and (name == entry.folder or kind[0] == entry.layout):
                return root / name
    return None


def dataset_folder() -> Path:
    """Where downloads go: `datasets` in the cache."""
    return cache_folder() / "datasets"


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


def roots() -> list[Path]:
    """The folders of datasets, in the order in which they are looked at; they need not exist."""
    named = os.environ.get("IRLOOM_DATA")
    return [*([Path(named).expanduser()] if named else []), dataset_folder()]


def is_offline() -> bool:
    """Whether IRLOOM_OFFLINE forbids the network: set, and neither empty nor 0."""
    return os.environ.get(OFFLINE, "").strip().lower() not in ("", "0", "false", "no")
