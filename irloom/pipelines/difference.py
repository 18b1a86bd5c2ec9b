"""What changed between two manifests: configuration, data, collection, models, code, libraries, hardware, numbers."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from irloom.core.errors import IrloomError
from irloom.core.files import map_array
from irloom.core.types import Json
from irloom.data.dataset import Dataset
from irloom.data.named import load_dataset
from irloom.indexing.collection import Collection
from irloom.pipelines.collection_place import collection_place
from irloom.pipelines.content import ContentChanges, content_changes, documents_items, qrels_items, queries_items
from irloom.pipelines.manifest import Manifest, leaves, read_manifest
from irloom.pipelines.recording import HASHES

GROUPS = ("config", "data", "collection", "models", "code", "libraries", "hardware", "seeds", "numbers")
ABSENT = "(not there)"

_DATA = ("fingerprint", "content_hash", "documents", "queries", "judgments", "protocol", "files")
_COLLECTION = ("fingerprint", "parts")
_NAMED = 10
"""Ids that are named of each kind of change."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    Attributes:
        group: one of `GROUPS`.
        key: what differs, dotted.
        before: in the first manifest.
        after: in the second.
    """

    group: str
    key: str
    before: Json
    after: Json

    def to_json(self) -> dict[str, Json]:
        """Plain data."""
        return asdict(self)


def diff_folders(first: str | Path, second: str | Path) -> list[Change]:
    """What changed between two experiments' folders; changed documents are named where the second one's data are still there.

    Raises:
        DataError: a folder has no manifest, or a broken one.
    """
    before, after = read_manifest(first), read_manifest(second)
    return [*manifest_changes(before, after), *named_content(Path(first), before, after)]


def manifest_changes(before: Manifest, after: Manifest) -> list[Change]:
    """Every difference that counts: not times, places and energy, which always differ."""
    found = list(tree_changes("config", before.config, after.config))
    for name in dict.fromkeys([*before.datasets, *after.datasets]):
        if name not in before.datasets or name not in after.datasets:
            found.append(Change("data", name, *(ABSENT if name not in side.datasets else "there" for side in (before, after))))
            continue
        old, new = before.datasets[name], after.datasets[name]
        found += tree_changes("data", _only(old["data"], _DATA), _only(new["data"], _DATA), prefix=name)
        found += tree_changes("collection", _only(old["collection"], _COLLECTION), _only(new["collection"], _COLLECTION), prefix=name)
    models = [{name: _only(model, ("fingerprint", "files")) for name, model in side.models.items()} for side in (before, after)]
    found += tree_changes("models", *models)
    for group in ("code", "libraries", "hardware", "seeds"):
        found += tree_changes(group, getattr(before, group), getattr(after, group))
    found += _number_changes(before, after)
    return sorted(found, key=lambda change: GROUPS.index(change.group))


def tree_changes(group: str, before: object, after: object, *, prefix: str = "") -> Iterator[Change]:
    """The plain values that differ between two trees; a branch that only one has is one change."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys([*before, *after]):
            name = f"{prefix}.{key}" if prefix else str(key)
            yield from tree_changes(group, before.get(key, ABSENT), after.get(key, ABSENT), prefix=name)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for place, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from tree_changes(group, old, new, prefix=f"{prefix}[{place}]")
    elif not _equal(before, after):
        yield Change(group, prefix, _shown(before), _shown(after))


def count_numbers(manifest: Manifest) -> int:
    """How many numbers a manifest holds: those of the report and each query's values."""
    trees = [system["measures"] for dataset in manifest.datasets.values() for system in dataset["systems"].values()]
    return sum(len(value) if isinstance(value, list) else 1 for tree in trees for _, value in leaves(tree))


def named_content(folder: Path, before: Manifest, after: Manifest) -> list[Change]:
    """The documents, queries and judgments that changed, by their ids, where the data of `after` are there to be asked.

    Args:
        folder: of `before`, with its tables of hashes.
        before: the older manifest.
        after: the newer one.
    """
    found = []
    places = [str(name) for name in after.config.get("dataset", ())]
    for place, name in zip(places, after.datasets, strict=False):
        old, new = before.datasets.get(name), after.datasets[name]
        if old is None or old["data"]["content_hash"] == new["data"]["content_hash"]:
            continue
        tables = (folder / name if len(before.datasets) > 1 else folder) / HASHES
        try:
            dataset = load_dataset(place)
            if dataset.content_hash == new["data"]["content_hash"]:
                found += [change for kind in _CONTENTS for change in _named(kind, tables, old["data"], dataset, name)]
        except (IrloomError, OSError):
            continue  # the hashes have told that the data differ; which ones cannot be told without them
    return found


_CONTENTS = ("documents", "queries", "judgments")


def _named(kind: str, tables: Path, old: Mapping[str, Any], dataset: Dataset, name: str) -> Iterator[Change]:
    table = np.asarray(map_array(tables / f"{kind}.npy", dtype=np.uint64))
    if kind == "documents":
        with Collection.open(collection_place(dataset)) as collection:
            items, count = documents_items(collection.documents()), len(collection)
            changes = content_changes(table, items, old_count=int(old["documents"]), count=count)
    elif kind == "queries":
        queries = dataset.queries()
        changes = content_changes(table, queries_items(queries), old_count=len(table), count=len(queries))
    else:
        qrels = dataset.qrels()
        changes = content_changes(table, qrels_items(qrels), old_count=len(table), count=len(qrels))
    yield from _content_lines(kind, changes, name)


def _content_lines(kind: str, changes: ContentChanges, name: str) -> Iterator[Change]:
    what = {"documents": "document", "queries": "query", "judgments": "judgments of query"}[kind]
    for verb, ids in (("changed", changes.changed), ("added", changes.added)):
        for identity in ids[:_NAMED]:
            yield Change("data", f"{name}: {what} {identity!r}", "there" if verb == "changed" else ABSENT, verb)
        if len(ids) > _NAMED:
            yield Change("data", f"{name}: {kind}", None, f"{len(ids) - _NAMED:,} more {verb}")
    if changes.removed:
        yield Change("data", f"{name}: {kind}", f"{changes.removed:,} there", "removed")


def _number_changes(before: Manifest, after: Manifest) -> Iterator[Change]:
    for name in [name for name in before.datasets if name in after.datasets]:
        old, new = before.datasets[name], after.datasets[name]
        for system in dict.fromkeys([*old["systems"], *new["systems"]]):
            where = f"{name}: {system}"
            if system not in old["systems"] or system not in new["systems"]:
                yield Change("numbers", where, *(ABSENT if system not in side["systems"] else "there" for side in (old, new)))
                continue
            one, two = old["systems"][system], new["systems"][system]
            yield from tree_changes("numbers", _only(one, ("run_sha256",)), _only(two, ("run_sha256",)), prefix=where)
            for measure in dict.fromkeys([*one["measures"], *two["measures"]]):
                results = [dict(side["measures"].get(measure, {})) for side in (one, two)]
                values = [result.pop("values", []) for result in results]
                yield from tree_changes("numbers", *results, prefix=f"{where} {measure}")
                ids = [list(side.get("query_ids", ())) for side in (old, new)]
                yield from _value_changes(f"{where} {measure} by query", ids, values)
    yield from tree_changes("numbers", before.means, after.means, prefix="means")


def _value_changes(where: str, ids: Sequence[Sequence[str]], values: Sequence[Sequence[float]]) -> Iterator[Change]:
    one, two = (dict(zip(names, row, strict=False)) for names, row in zip(ids, values, strict=True))
    differing = [query for query in dict.fromkeys([*one, *two]) if not _equal(one.get(query, ABSENT), two.get(query, ABSENT))]
    if differing:
        first = differing[0]
        told = f"{len(differing):,} of {len(one):,} differ, such as {first!r}: {two.get(first, ABSENT)}"
        yield Change("numbers", where, f"{first!r}: {one.get(first, ABSENT)}", told)


def _only(tree: Mapping[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    return {key: tree[key] for key in keys if key in tree}


def _equal(one: object, two: object) -> bool:
    both_nan = isinstance(one, float) and isinstance(two, float) and math.isnan(one) and math.isnan(two)
    return both_nan or (one == two and isinstance(one, bool) == isinstance(two, bool))


def _shown(value: object) -> Json:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {leaf}" for key, leaf in leaves(value))
    return value if isinstance(value, str | int | float | bool | None) else str(value)
