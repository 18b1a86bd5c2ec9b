"""`hf:<repository>`: a dataset of the Hugging Face Hub in BEIR's, MTEB's or NanoBEIR's layout, through the package `datasets`."""

import os
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

from irloom.core.errors import DataError
from irloom.core.files import short_hash
from irloom.core.optional import require
from irloom.core.types import Document, Query
from irloom.data.dataset import Dataset, Protocol, hash_of_documents
from irloom.data.places import HUB_PREFIX, OFFLINE, is_offline
from irloom.data.rows import documents_of, judgments_of, queries_of

_QRELS = ("qrels", "default")


class HubDataset(Dataset):
    """Configurations `corpus`, `queries` and `qrels` (MTEB: `default`) of one repository; BEIR keeps judgments in `<repository>-qrels`.

    The splits of the judgments are the dataset's. Corpus and queries are read from all splits of their configurations. What was fetched
    once lies in the cache of `datasets` and is read without a network.

    Args:
        name: "hf:" and a repository, such as "hf:mteb/scifact", with "@" and a revision where a certain one is wanted.
        protocol: how it is evaluated; None for what its splits suggest.

    Raises:
        DataError: the repository cannot be read or has no configuration `corpus`.
        MissingExtra: the package `datasets` is not installed.
    """

    def __init__(self, name: str, *, protocol: Protocol | None = None) -> None:
        super().__init__(name, protocol=protocol, description=f"the repository {name.removeprefix(HUB_PREFIX)} of the Hugging Face Hub")
        self.repository, _, revision = name.removeprefix(HUB_PREFIX).partition("@")
        self.revision = revision or None
        if not self.repository.strip("/"):
            raise DataError(f"{name!r} names no repository; expected such as 'hf:mteb/scifact'")
        self._configurations = self._names(self.repository)
        if "corpus" not in self._configurations:
            found = ", ".join(self._configurations)
            raise DataError(f"{name}: no configuration 'corpus'; expected corpus, queries and qrels, found {found}")
        self._where = Path(self.repository)

    @cached_property
    def _judged_in(self) -> tuple[str, str] | None:
        """The repository and the configuration that hold the judgments; None where there are none."""
        own = next((name for name in _QRELS if name in self._configurations), None)
        if own is not None:
            return self.repository, own
        beside = f"{self.repository}-qrels"
        try:
            return beside, self._names(beside, revision=None)[0]
        except DataError:
            return None

    @cached_property
    def _splits(self) -> tuple[str, ...]:
        return tuple(sorted(self._load(*self._judged_in))) if self._judged_in is not None else ()

    @property
    def splits(self) -> tuple[str, ...]:
        return self._splits

    def documents(self) -> Iterator[Document]:
        return documents_of(self._where, _rows(self._load(self.repository, "corpus")))

    def all_queries(self) -> list[Query]:
        if "queries" not in self._configurations:
            raise DataError(f"dataset {self.name!r} has no queries: there is no configuration 'queries'")
        return queries_of(self._where, _rows(self._load(self.repository, "queries")))

    def _judgments(self, split: str) -> dict[str, dict[str, int]]:
        assert self._judged_in is not None
        return judgments_of(Path(self._judged_in[0]), self._load(*self._judged_in)[split])

    @cached_property
    def fingerprint(self) -> str:
        return hash_of_documents(self.documents())

    @cached_property
    def content_hash(self) -> str:
        judged = [repr(sorted(self._judgments(split).items())) for split in self.splits]
        asked = repr(self.all_queries()) if "queries" in self._configurations else ""
        return short_hash(self.fingerprint, asked, *judged, size=32)

    def _names(self, repository: str, *, revision: str | None = "") -> list[str]:
        package = _package()
        wanted = self.revision if revision == "" else revision
        return [str(name) for name in _reading(repository, lambda: package.get_dataset_config_names(repository, revision=wanted))]

    def _load(self, repository: str, configuration: str) -> Mapping[str, Iterable[Mapping[str, Any]]]:
        package = _package()
        wanted = self.revision if repository == self.repository else None
        loaded = _reading(repository, lambda: package.load_dataset(repository, configuration, revision=wanted))
        splits: Mapping[str, Iterable[Mapping[str, Any]]] = loaded
        return splits


def _package() -> Any:
    if is_offline():
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    return require("datasets", extra="data", purpose="datasets of the Hub")


def _reading(repository: str, work: Any) -> Any:
    """The result; what the Hub's packages raise becomes one clear error."""
    http = require("huggingface_hub.errors", extra="data", purpose="datasets of the Hub")
    try:
        return work()
    except (OSError, ValueError, LookupError, RuntimeError, http.HfHubHTTPError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        advice = f"; {OFFLINE} is set, and only what was fetched before can be read" if is_offline() else ""
        raise DataError(f"{HUB_PREFIX}{repository} cannot be read ({type(error).__name__}: {reason}){advice}") from None


def _rows(splits: Mapping[str, Iterable[Mapping[str, Any]]]) -> Iterable[Mapping[str, Any]]:
    return chain.from_iterable(splits[name] for name in splits)
