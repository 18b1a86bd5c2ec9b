"""The builders of a collection's parts, made again from what the manifest says of them, so that a collection can grow."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from irloom.core.batches import DenseBatch
from irloom.core.contracts import Encoder
from irloom.core.errors import BadValue, CollectionError, Corrupt, ModelError, SpaceMismatch, UnknownName
from irloom.core.files import map_array
from irloom.core.optional import require
from irloom.indexing.manifest import NAME, PartRecord
from irloom.indexing.parts import PartBuilder

if TYPE_CHECKING:
    from irloom.indexing.dense_part import DensePart

EncoderChoice: TypeAlias = str | Path | Encoder[DenseBatch]
"""A model's folder, hub id or short name; the path of a .npy file of vectors; or an encoder."""

READ_CHUNK: Final = 8192
"""Documents in a shard of vectors that are only read."""


def builders_of(
    root: Path, parts: Mapping[str, PartRecord], *, encoders: Mapping[str, EncoderChoice] | None = None, memory: int | None = None
) -> dict[str, PartBuilder]:
    """The builder of each part. Models are looked at, so that what cannot be had is told before any document is read.

    Args:
        root: the collection, for errors.
        parts: what its manifest says of its parts.
        encoders: by the name of a dense part; the model that the part names is taken where none is given.
        memory: bytes that a build may take, besides what Python and its libraries do; None for the usual.

    Raises:
        UnknownName: an encoder is given for a part that is not there.
        CollectionError: a part's encoder is not known or cannot be had, or its kind is not known.
        SpaceMismatch: an encoder makes other vectors than the part's.
        MissingExtra: a model needs a package that is not installed.
    """
    given = encoders or {}
    dense = [name for name, record in parts.items() if record.kind == "dense"]
    for name in given:
        if name not in dense:
            raise UnknownName("dense part", name, dense, where=str(root))
    return {name: _builder(root, name, record, given.get(name), memory) for name, record in parts.items()}


def named_encoders(
    root: Path, parts: Mapping[str, PartRecord], *, models: Iterable[str] = (), vectors: Iterable[str] = ()
) -> dict[str, EncoderChoice]:
    """The encoders by the name of the part that they are for.

    Args:
        root: the collection, for errors.
        parts: what its manifest says of its parts.
        models: each a model, or PART=MODEL.
        vectors: each the path of a .npy file, or PART=PATH.

    Raises:
        BadValue: one names no part where several are dense, or none is; or two are for the same part.
    """
    dense = [name for name, record in parts.items() if record.kind == "dense"]
    found: dict[str, EncoderChoice] = {}
    for option, values in (("encoder", models), ("vectors", vectors)):
        for value in values:
            part, marked, rest = value.partition("=")
            if not marked or part not in dense:
                if len(dense) != 1:
                    raise BadValue(
                        option, value, f"PART=... with one of {', '.join(sorted(dense))}" if dense else f"none: {root} has no dense part"
                    )
                part, rest = dense[0], value
            if part in found:
                raise BadValue(option, value, f"one encoder for part {part!r}, which has one already")
            found[part] = rest if option == "encoder" else Path(rest)
    return found


def _builder(root: Path, name: str, record: PartRecord, encoder: EncoderChoice | None, memory: int | None) -> PartBuilder:
    try:
        if record.kind == "bm25":
            builder = _bm25(record, memory)
        elif record.kind == "dense":
            builder = _dense(root, name, record, encoder)
        elif record.kind == "minhash":
            builder = _minhash(record)
        else:
            advice = "drop the part, or add with CollectionWriter and the builder that made it"
            raise CollectionError(f"{root}: part {name!r} is of kind {record.kind!r}, for which irloom knows no builder; {advice}")
    except (KeyError, TypeError, ValueError) as error:
        raise Corrupt(root / NAME, f"the parameters of part {name!r} are not those of its kind ({error!r})") from None
    if builder.space != record.space:
        raise SpaceMismatch(name, asked=builder.space, found=record.space)
    return builder


def _bm25(record: PartRecord, memory: int | None) -> PartBuilder:
    from irloom.indexing.bm25_part import MEMORY, BM25Part
    from irloom.text.analyzer import Analyzer

    return BM25Part(Analyzer.from_parameters(cast(Any, record.parameters["analyzer"])), memory=memory or MEMORY)


def _minhash(record: PartRecord) -> PartBuilder:
    from irloom.indexing.minhash_part import MinHashPart

    return MinHashPart(threshold=float(cast(float, record.parameters["threshold"])))


def _dense(root: Path, name: str, record: PartRecord, encoder: EncoderChoice | None) -> PartBuilder:
    if encoder is None:
        model = record.parameters.get("model")
        if not isinstance(model, str):
            raise CollectionError(
                f"{root}: part {name!r} names no model that made its vectors ({record.space}); give the new documents' vectors with "
                f"--vectors {name}=FILE.npy, or the model with --encoder {name}=MODEL"
            )
        encoder = model
    builder = dense_like(record, encoder, name=name, space=record.space, dim=_width(root, record))
    try:
        _ = builder.space  # where a model is looked for
    except ModelError as error:
        advice = f"name the model that made its vectors with --encoder {name}=MODEL, or give those of the new documents with --vectors"
        raise CollectionError(f"{root}: the model of part {name!r} cannot be had; {advice} ({error})") from None
    return builder


def dense_like(record: PartRecord, encoder: EncoderChoice, *, name: str, space: str | None = None, dim: int | None = None) -> "DensePart":
    """What builds a dense part as a record has it: its type, its token vectors, its FAISS index.

    Args:
        record: of a dense part.
        encoder: makes the vectors.
        name: of the part, for errors.
        space: that a file of vectors is taken to be of; None for its own.
        dim: the width that the vectors must have; None for any.

    Raises:
        DataError: a file of vectors cannot be used.
        MissingExtra: the part has a FAISS index and FAISS is not installed.
        BadValue: the part keeps token vectors and the encoder gives none.
    """
    from irloom.indexing.ann.wish import AnnWish
    from irloom.indexing.dense_part import DensePart

    chunk: int | None = None
    if isinstance(encoder, Path):
        from irloom.models.encoders.vector_file import VectorFile

        encoder, chunk = VectorFile(encoder, space=space, dim=dim), READ_CHUNK
        encoder.warm_up()
    elif isinstance(encoder, str):
        from irloom.models.encoders.dense import DenseEncoder

        encoder = DenseEncoder(encoder)
    wish = record.parameters.get("faiss")
    if wish is not None:
        require("faiss", extra="faiss", purpose=f"part {name!r}")
    return DensePart(
        encoder,
        tokens=bool(record.parameters.get("tokens")),
        dtype=str(record.parameters.get("dtype", "float32")),
        dim=dim,
        chunk=chunk,
        faiss=AnnWish.from_json(wish) if wish is not None else None,
    )


def _width(root: Path, record: PartRecord) -> int | None:
    """The width of the part's vectors; None where there is no segment."""
    from irloom.indexing.vectors import VECTORS

    folder = next(iter(record.folders.values()), None)
    return None if folder is None else int(map_array(root / folder / VECTORS).shape[1])
