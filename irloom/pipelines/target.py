"""What `search` and `retrieve` are pointed at: a collection, or the YAML of a pipeline over one."""

from dataclasses import dataclass
from pathlib import Path

from irloom.core.config import Builder, check_keys, load_yaml
from irloom.core.errors import BadValue, CollectionError
from irloom.core.stage import Retriever
from irloom.indexing.collection import Collection
from irloom.indexing.parts import is_shadow

_SEARCHED = ("bm25", "dense")
"""Kinds of parts that a retriever searches; others serve the collection itself."""
_KEYS = ("collection", "pipeline", "systems", "where")


@dataclass(frozen=True, slots=True)
class Target:
    """A retriever and the collection whose documents it finds."""

    retriever: Retriever
    collection: Collection


def open_target(target: str | Path, *, part: str | None = None) -> Target:
    """Opens a collection (its one part, or the one named) or a pipeline's YAML.

    The YAML has `collection` (a path, from the YAML's folder), `pipeline` (a stage) and, if wanted, `systems` that it names, and `where`, a
    filter that always holds.

    Raises:
        BadValue: a part was named for a YAML.
        CollectionError: the collection cannot be opened, has no part, or has several and none was named.
        ConfigError: the YAML cannot be used.
    """
    path = Path(target)
    if path.suffix in (".yaml", ".yml"):
        if part is not None:
            raise BadValue("part", part, "no part: a pipeline's YAML names its own")
        return _open_pipeline(path)
    collection = Collection.open(path)
    return Target(retriever_of(collection, part=part), collection)


def retriever_of(collection: Collection, *, part: str | None = None) -> Retriever:
    """The retriever of a collection's one searched part, a shadow not counted, or of the part that is named.

    Raises:
        CollectionError: it has no part, or several and none was named, or the named one cannot be searched.
        UnknownName: it has none of that name.
    """
    names = sorted(name for name, record in collection.parts.items() if record.kind in _SEARCHED and not is_shadow(name, collection.parts))
    if part is None:
        if not names:
            raise CollectionError(f"{collection.root} has no part to search; add one with 'irloom index bm25 --output {collection.root}'")
        if len(names) > 1:
            raise CollectionError(f"{collection.root} has several parts: {', '.join(names)}; name the one to search with part= or --part")
        part = names[0]
    kind = collection.part(part).kind
    if kind not in _SEARCHED:
        raise CollectionError(
            f"part {part!r} of {collection.root} is of kind {kind!r}, which no retriever searches; name one of {', '.join(names)}"
        )
    if kind == "bm25":
        from irloom.retrievers.bm25 import BM25

        return BM25(collection, part=part)
    from irloom.retrievers.dense import Dense

    return Dense(collection, part=part)


def _open_pipeline(path: Path) -> Target:
    config = load_yaml(path)
    check_keys(config, _KEYS, required=("collection", "pipeline"), where=str(path))
    collection = Collection.open(path.parent / str(config["collection"]))
    builder = Builder(config.get("systems") or {}, context={"collection": collection, "corpus": collection}, where=str(path))
    node = config["pipeline"]
    if config.get("where") is not None:
        node = {"filtered": {"retriever": node, "where": config["where"]}}
    return Target(builder.retriever(node, where="pipeline"), collection)
