"""A dense part moves to another model: a second part is built in its shadow, judged, and swapped in; what `irloom migrate` does."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from irloom.core.errors import BadValue, UnknownName
from irloom.core.files import Progress, no_progress
from irloom.core.types import Json
from irloom.indexing.collection import Collection
from irloom.indexing.dense_part import DensePart
from irloom.indexing.manifest import PartRecord, read_manifest
from irloom.indexing.parts import SHADOW, is_shadow
from irloom.pipelines.builders import EncoderChoice, dense_like
from irloom.pipelines.growing import open_for_growth
from irloom.pipelines.shadow_evaluation import ShadowEvaluation, ShadowQuestion, evaluate_shadow
from irloom.retrievers.dense import Dense


@dataclass(frozen=True, slots=True)
class Migration:
    """What was done.

    Attributes:
        path: the collection.
        part: the part that moves.
        shadow: the part with the new vectors, as long as it is not swapped.
        documents: how many the collection holds.
        made: whether the shadow was built now; else it was there already.
        evaluation: how the two rank the queries; None where none were asked.
        swapped: whether the new vectors are in place now.
    """

    path: Path
    part: str
    shadow: str
    documents: int
    made: bool
    evaluation: ShadowEvaluation | None
    swapped: bool

    @property
    def passed(self) -> bool:
        """Whether every gate holds."""
        return self.evaluation is None or all(result.passed for result in self.evaluation.gates)

    def to_json(self) -> dict[str, Json]:
        """Plain data."""
        return {
            "collection": str(self.path),
            "part": self.part,
            "shadow": self.shadow,
            "documents": self.documents,
            "made": self.made,
            "evaluation": None if self.evaluation is None else self.evaluation.to_json(),
            "passed": self.passed,
            "swapped": self.swapped,
        }


def migrate(
    path: str | Path,
    *,
    encoder: EncoderChoice,
    part: str | None = None,
    question: ShadowQuestion | None = None,
    swap: bool = False,
    progress: Progress = no_progress,
) -> Migration:
    """Builds a dense part anew with another encoder beside the old one, judges it, and puts it in place.

    The collection is searched as before until the swap, which is one commit. A build that was stopped is taken up again, and a shadow
    that is there is not built again: so a part can be built in one call, judged in another, and swapped in a third. Documents that are
    added or deleted in between are so in both. Where documents are deleted already, the collection is compacted as the shadow is built.

    Args:
        path: the collection.
        encoder: makes the new vectors.
        part: the dense part that moves; None for the only one.
        question: what is asked of both parts before the swap; None for nothing.
        swap: whether the new vectors take the place of the old ones; they do not where a gate of the question fails.
        progress: called as it goes.

    Raises:
        NotACollection: there is none at `path`.
        UnknownName: there is no such part, or a measure, a dataset or a split of the question is unknown.
        BadValue: the part is no dense one, or its vectors are of the encoder's space already.
        ConfigError: the part names no model and the question no encoder of it.
        SpaceMismatch: the question's encoder of the old part makes other vectors than that has.
        ModelError: a model cannot be had.
        DataError: the queries or judgments cannot be read.
        Locked: another process writes to the collection.
    """
    root = Path(path)
    records = read_manifest(root).parts
    name = _dense_name(root, records, part)
    builder = dense_like(records[name], encoder, name=name)
    if builder.space == records[name].space:
        raise BadValue("encoder", encoder, f"another model than that of part {name!r}: its vectors are of the same space")
    if question is not None:
        with Collection.open(root) as collection:
            _ = Dense(collection, question.old_encoder, part=name).encoder  # what cannot be asked is told before the work
    shadow = name + SHADOW
    made = _build_shadow(root, shadow, builder, progress)
    with Collection.open(root) as collection:
        documents, evaluation = len(collection), None
        if question is not None:
            evaluation = evaluate_shadow(collection, name, shadow, question, builder.encoder, progress=progress)
    found = Migration(root, name, shadow, documents, made, evaluation, swapped=False)
    if not swap or not found.passed:
        return found
    with open_for_growth(root, progress) as writer:
        writer.swap(name, shadow)
        writer.commit()
    return Migration(root, name, shadow, documents, made, evaluation, swapped=True)


def abandon(path: str | Path, *, part: str | None = None) -> str:
    """Removes the shadow of a part, and returns its name.

    Args:
        path: the collection.
        part: the dense part whose shadow goes; None for the only one.

    Raises:
        NotACollection: there is none at `path`.
        UnknownName: there is no such part, or it has no shadow.
        BadValue: the part is no dense one.
        Locked: another process writes to the collection.
    """
    root = Path(path)
    shadow = _dense_name(root, read_manifest(root).parts, part) + SHADOW
    with open_for_growth(root, no_progress) as writer:
        writer.drop(shadow)
        writer.commit()
    return shadow


def _dense_name(root: Path, parts: Mapping[str, PartRecord], part: str | None) -> str:
    """The dense part that is meant."""
    names = sorted(name for name, record in parts.items() if record.kind == "dense" and not is_shadow(name, parts))
    if part is None:
        if len(names) != 1:
            raise BadValue("part", part, f"one of {', '.join(names)}" if names else f"a dense part; {root} has none")
        return names[0]
    if part not in parts:
        raise UnknownName("part", part, parts, where=str(root))
    if part not in names:
        raise BadValue("part", part, "the name of a dense part that is no shadow of another")
    return part


def _build_shadow(root: Path, shadow: str, builder: DensePart, progress: Progress) -> bool:
    """Builds and commits the shadow unless it is there as the builder would make it; says whether it did."""
    with open_for_growth(root, progress) as writer:
        there = writer.manifest.parts.get(shadow)
        if there is not None and (there.space, dict(there.parameters)) == (builder.space, dict(builder.parameters)):
            return False
        if writer.manifest.positions > writer.manifest.documents:  # deleted documents are not encoded; files of vectors lack theirs
            writer.compact()
        writer.build(shadow, builder)
        writer.commit()
    return True
