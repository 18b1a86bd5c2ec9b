"""From a dataset to a collection with the parts that are asked for; what is there already is not built again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from irloom.core.errors import CollectionError, ConfigError
from irloom.core.files import Progress, no_progress
from irloom.core.optional import require
from irloom.core.types import Json
from irloom.data.dataset import Dataset
from irloom.data.named import load_dataset
from irloom.indexing.collection import Collection
from irloom.indexing.manifest import NAME, PartRecord
from irloom.indexing.parts import PartBuilder
from irloom.indexing.writer import CollectionWriter
from irloom.pipelines.builders import READ_CHUNK
from irloom.pipelines.describe import index_line
from irloom.pipelines.duplicates import Duplicate, find_duplicates, set_aside, without_folded
from irloom.pipelines.intake import NearDuplicates, near_part
from irloom.pipelines.notices import with_empty_counted

if TYPE_CHECKING:
    from irloom.indexing.ann.wish import AnnWish


@dataclass(frozen=True, slots=True)
class PartRequest:
    """A part that a collection is to have."""

    name: str
    builder: PartBuilder


@dataclass(frozen=True, slots=True)
class Built:
    """What indexing did.

    Attributes:
        path: the collection.
        documents: how many it holds.
        made: the parts made now.
        kept: those that were there.
        duplicates: documents that are near-duplicates of others, where they were looked for.
        folded: how many of these were not indexed.
        compacted: whether segments were merged first, since deleted documents were among them.
        indexes: a line on the approximate index of each part that has one.
    """

    path: Path
    documents: int
    made: tuple[str, ...]
    kept: tuple[str, ...]
    duplicates: tuple[Duplicate, ...] = ()
    folded: int = 0
    compacted: bool = False
    indexes: Mapping[str, str] = field(default_factory=dict)


def build_collection(
    path: str | Path,
    dataset: Dataset | None,
    requests: Sequence[PartRequest],
    *,
    duplicates: NearDuplicates | None = None,
    progress: Progress = no_progress,
) -> Built:
    """Makes the collection at `path`, or adds to it the parts that it lacks; text and parts are one commit.

    Where documents have been deleted the collection is compacted before a part is added, so that it is built over those that are there.

    Args:
        path: the collection.
        dataset: what it is made of; None where it is there.
        requests: the parts that it is to have.
        duplicates: what is done with near-duplicates among the documents of a new collection; None to look for none.
        progress: called as it goes.

    Raises:
        ConfigError: there is no collection yet and no dataset to make it from, or it is there and near-duplicates are asked for.
        CollectionError: the collection there holds other documents than the dataset's.
        Locked: another process writes to it.
    """
    root = Path(path)
    if dataset is None and not (root / NAME).exists():
        raise ConfigError(f"{root} is no collection yet; name the documents to put into it with --dataset")
    with CollectionWriter(root, progress=progress) as writer:
        found, wanted = writer.manifest.source, list(requests)
        near: tuple[Duplicate, ...] = ()
        if writer.manifest.generation == 0 and dataset is not None:
            near = _write(writer, dataset, wanted, duplicates, progress)
        elif duplicates is not None:
            raise ConfigError(f"{root} has its documents already; near-duplicates are looked for when documents come, as by 'irloom add'")
        elif dataset is not None:
            _check_same(root, found, dataset)
        missing = [request for request in wanted if not _has(writer.manifest.parts.get(request.name), request.builder)]
        compacted = bool(missing) and writer.manifest.positions > writer.manifest.documents and writer.compact()
        for request in missing:
            writer.build(request.name, request.builder)
        if missing or not found:
            writer.commit()
        made = tuple(request.name for request in missing)
        kept = tuple(request.name for request in wanted if request.name not in made)
        folded = len(near) if duplicates is not None and duplicates.action == "fold" else 0
        with Collection.open(root) as collection:
            indexes = {name: line for name in made if (line := index_line(collection, name))}
        return Built(root, writer.manifest.documents, made, kept, near, folded, compacted, indexes)


def _write(
    writer: CollectionWriter, dataset: Dataset, wanted: list[PartRequest], near: NearDuplicates | None, progress: Progress
) -> tuple[Duplicate, ...]:
    """Stages the text of a new collection; where near-duplicates are looked for, their part joins those that are wanted."""
    documents = with_empty_counted(dataset.documents(), where=f"dataset {dataset.name!r}")
    source: dict[str, Json] = {"dataset": dataset.name, "fingerprint": dataset.fingerprint}
    if near is None:
        writer.write_documents(documents, source=source)
        return ()
    name, part = near_part({}, near, root=writer.root)
    wanted.append(PartRequest(name, part))
    with set_aside(writer.root, documents, progress) as incoming:
        found = find_duplicates(incoming, part, present=None, work=writer.root / "work" / name, progress=progress)
        writer.write_documents(without_folded(incoming, found) if near.action == "fold" else incoming, source=source)
    return tuple(found)


def _check_same(root: Path, source: Mapping[str, Json], dataset: Dataset) -> None:
    """Refuses a dataset whose documents are not those of the collection."""
    if source.get("changed"):
        raise CollectionError(
            f"{root} was made of {source.get('dataset')!r} and has changed since; 'irloom sync {root} {dataset.name}' brings it back to "
            "that, and 'irloom index' without --dataset indexes the documents that it holds"
        )
    if source.get("fingerprint") != dataset.fingerprint:
        raise CollectionError(
            f"{root} holds the documents of {source.get('dataset')!r} ({source.get('fingerprint')}), not those of "
            f"{dataset.name!r} ({dataset.fingerprint}); index them into another folder"
        )


def index_bm25(
    output: str | Path,
    *,
    dataset: str | None = None,
    analyzer: str = "english",
    part: str | None = None,
    duplicates: NearDuplicates | None = None,
    memory: int | None = None,
    progress: Progress = no_progress,
) -> Built:
    """Makes a collection with a BM25 part, or adds the part to one.

    Args:
        output: the collection.
        dataset: a dataset's name or path; None where the collection is there.
        analyzer: the name of the text analysis, such as "english", "code" or a Snowball language.
        part: the part's name; None for one after the analyzer.
        duplicates: what is done with near-duplicates among the documents; None to look for none.
        memory: bytes that the build may take, besides what Python and its libraries do; None for the usual.
        progress: called as it goes.
    """
    request = bm25_request(analyzer, part, memory=memory)
    loaded = load_dataset(dataset, progress=progress) if dataset is not None else None
    return build_collection(output, loaded, [request], duplicates=duplicates, progress=progress)


def index_dense(
    output: str | Path,
    *,
    encoder: str,
    dataset: str | None = None,
    tokens: bool = False,
    part: str | None = None,
    faiss: "AnnWish | None" = None,
    duplicates: NearDuplicates | None = None,
    progress: Progress = no_progress,
) -> Built:
    """Makes a collection with a dense part, or adds the part to one.

    Args:
        output: the collection.
        encoder: a model's folder, hub id or short name such as "minilm".
        dataset: a dataset's name or path; None where the collection is there.
        tokens: whether the token vectors of the same pass are kept, for MaxSim.
        part: the part's name; None for one after the model.
        faiss: the approximate index that is made of the vectors; None for exact search alone.
        duplicates: what is done with near-duplicates among the documents; None to look for none.
        progress: called as it goes.
    """
    from irloom.models.encoders.dense import DenseEncoder

    request = dense_request(DenseEncoder(encoder), part or dense_name(encoder), tokens=tokens, faiss=faiss)
    loaded = load_dataset(dataset, progress=progress) if dataset is not None else None
    return build_collection(output, loaded, [request], duplicates=duplicates, progress=progress)


def index_vectors(
    output: str | Path,
    *,
    vectors: str | Path,
    ids: str | Path | None = None,
    space: str | None = None,
    dataset: str | None = None,
    part: str | None = None,
    faiss: "AnnWish | None" = None,
    duplicates: NearDuplicates | None = None,
    progress: Progress = no_progress,
) -> Built:
    """Makes a collection with a dense part of vectors that were made elsewhere, or adds the part to one.

    Args:
        output: the collection.
        vectors: a .npy file of float32 or float16 (n, dim).
        ids: a text file with the documents' ids, one a line, in the order of the rows; the .npy with the suffix .ids when left out.
        space: names what made the vectors, so that queries can be told to be of the same; a hash of the file when left out.
        dataset: a dataset's name or path; None where the collection is there.
        part: the part's name; None for one after the file.
        faiss: the approximate index that is made of the vectors; None for exact search alone.
        duplicates: what is done with near-duplicates among the documents; None to look for none.
        progress: called as it goes.
    """
    from irloom.models.encoders.vector_file import VectorFile

    encoder = VectorFile(vectors, document_ids=ids, space=space)
    encoder.warm_up()
    request = dense_request(encoder, part or dense_name(Path(vectors).stem), tokens=False, chunk=READ_CHUNK, faiss=faiss)
    loaded = load_dataset(dataset, progress=progress) if dataset is not None else None
    return build_collection(output, loaded, [request], duplicates=duplicates, progress=progress)


def bm25_request(analyzer: str, name: str | None = None, *, memory: int | None = None) -> PartRequest:
    """A BM25 part by the name of its analyzer."""
    from irloom.indexing.bm25_part import MEMORY, BM25Part
    from irloom.text.analyzer import analyzer_by_name

    builder = BM25Part(analyzer_by_name(analyzer), memory=memory or MEMORY)
    return PartRequest(name or ("bm25" if analyzer == "english" else f"bm25-{analyzer}"), builder)


def dense_request(encoder: Any, name: str, *, tokens: bool, chunk: int | None = None, faiss: "AnnWish | None" = None) -> PartRequest:
    """A dense part of an encoder's vectors, with the token vectors of the same pass or without, and an approximate index or none."""
    from irloom.indexing.dense_part import DensePart

    if faiss is not None:
        require("faiss", extra="faiss", purpose="an approximate index")
    return PartRequest(name, DensePart(encoder, tokens=tokens, chunk=chunk, faiss=faiss))


def dense_name(model: str) -> str:
    """The name of the part of a model: dense- and the last piece of its path."""
    last = model.rstrip("/").rpartition("/")[2]
    return "dense-" + "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in last).lower()


def _has(record: PartRecord | None, builder: PartBuilder) -> bool:
    """Whether a part is what the builder would make; one that keeps more (token vectors) will do as well."""
    if record is None or record.kind != builder.kind or record.space != builder.space:
        return False
    return all(record.parameters.get(key) == value or value is False for key, value in builder.parameters.items())
