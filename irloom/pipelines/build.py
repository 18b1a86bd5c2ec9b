"""From a dataset to a collection with the parts that are asked for; what is there already is not built again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from irloom.core.errors import CollectionError, ConfigError
from irloom.core.files import Progress, no_progress
from irloom.core.types import Json
from irloom.data.dataset import Dataset
from irloom.data.named import load_dataset
from irloom.indexing.manifest import NAME, PartRecord
from irloom.indexing.parts import PartBuilder
from irloom.indexing.writer import CollectionWriter
from irloom.pipelines.notices import with_empty_counted


@dataclass(frozen=True, slots=True)
class PartRequest:
    """A part that a collection is to have."""

    name: str
    builder: PartBuilder


@dataclass(frozen=True, slots=True)
class Built:
    """What indexing did: the collection's path, its number of documents, the parts made now and those that were there."""

    path: Path
    documents: int
    made: tuple[str, ...]
    kept: tuple[str, ...]


def build_collection(
    path: str | Path, dataset: Dataset | None, requests: Sequence[PartRequest], *, progress: Progress = no_progress
) -> Built:
    """Makes the collection at `path`, or adds to it the parts that it lacks; text and parts are one commit.

    Raises:
        ConfigError: there is no collection yet and no dataset to make it from.
        CollectionError: the collection there holds other documents than the dataset's.
        Locked: another process writes to it.
    """
    root = Path(path)
    if dataset is None and not (root / NAME).exists():
        raise ConfigError(f"{root} is no collection yet; name the documents to put into it with --dataset")
    with CollectionWriter(root, progress=progress) as writer:
        found = writer.manifest.source
        if not writer.manifest.segments and dataset is not None:
            documents = with_empty_counted(dataset.documents(), where=f"dataset {dataset.name!r}")
            writer.write_documents(documents, source={"dataset": dataset.name, "fingerprint": dataset.fingerprint})
        elif dataset is not None:
            _check_same(root, found, dataset)
        missing = [request for request in requests if not _has(writer.manifest.parts.get(request.name), request.builder)]
        for request in missing:
            writer.build(request.name, request.builder)
        if missing or not found:
            writer.commit()
        made = tuple(request.name for request in missing)
        kept = tuple(request.name for request in requests if request.name not in made)
        return Built(root, writer.manifest.documents, made, kept)


def _check_same(root: Path, source: Mapping[str, Json], dataset: Dataset) -> None:
    """Refuses a dataset whose documents are not those of the collection."""
    if source.get("changed"):
        advice = "leave --dataset out to index the documents that it holds"
        raise CollectionError(f"{root} was made of {source.get('dataset')!r} and has changed since; {advice}")
    if source.get("fingerprint") != dataset.fingerprint:
        raise CollectionError(
            f"{root} holds the documents of {source.get('dataset')!r} ({source.get('fingerprint')}), not those of "
            f"{dataset.name!r} ({dataset.fingerprint}); index them into another folder"
        )


def index_bm25(
    output: str | Path, *, dataset: str | None = None, analyzer: str = "english", part: str | None = None, progress: Progress = no_progress
) -> Built:
    """Makes a collection with a BM25 part, or adds the part to one.

    Args:
        output: the collection.
        dataset: a dataset's name or path; None where the collection is there.
        analyzer: the name of the text analysis, such as "english", "code" or a Snowball language.
        part: the part's name; None for one after the analyzer.
        progress: called as it goes.
    """
    loaded = load_dataset(dataset, progress=progress) if dataset is not None else None
    return build_collection(output, loaded, [bm25_request(analyzer, part)], progress=progress)


def index_dense(
    output: str | Path,
    *,
    encoder: str,
    dataset: str | None = None,
    tokens: bool = False,
    part: str | None = None,
    progress: Progress = no_progress,
) -> Built:
    """Makes a collection with a dense part, or adds the part to one.

    Args:
        output: the collection.
        encoder: a model's folder, hub id or short name such as "minilm".
        dataset: a dataset's name or path; None where the collection is there.
        tokens: whether the token vectors of the same pass are kept, for MaxSim.
        part: the part's name; None for one after the model.
        progress: called as it goes.
    """
    from irloom.models.encoders.dense import DenseEncoder

    loaded = load_dataset(dataset, progress=progress) if dataset is not None else None
    request = dense_request(DenseEncoder(encoder), part or dense_name(encoder), tokens=tokens)
    return build_collection(output, loaded, [request], progress=progress)


def bm25_request(analyzer: str, name: str | None = None) -> PartRequest:
    """A BM25 part by the name of its analyzer."""
    from irloom.indexing.bm25_part import BM25Part
    from irloom.text.analyzer import analyzer_by_name

    return PartRequest(name or ("bm25" if analyzer == "english" else f"bm25-{analyzer}"), BM25Part(analyzer_by_name(analyzer)))


def dense_request(encoder: Any, name: str, *, tokens: bool) -> PartRequest:
    """A dense part of an encoder's vectors, with the token vectors of the same pass or without."""
    from irloom.indexing.dense_part import DensePart

    return PartRequest(name, DensePart(encoder, tokens=tokens))


def dense_name(model: str) -> str:
    """The name of the part of a model: dense- and the last piece of its path."""
    last = model.rstrip("/").rpartition("/")[2]
    return "dense-" + "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in last).lower()


def _has(record: PartRecord | None, builder: PartBuilder) -> bool:
    """Whether a part is what the builder would make; one that keeps more (token vectors) will do as well."""
    if record is None or record.kind != builder.kind or record.space != builder.space:
        return False
    return all(record.parameters.get(key) == value or value is False for key, value in builder.parameters.items())
