"""The files of a part over a segment, staged beside those that are committed; the manifest does not name them yet."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from irloom.core.files import Progress, fsync_folder, make_folder, remove_folder
from irloom.indexing.collection import Segment, part_segment
from irloom.indexing.manifest import SEGMENTS, TRAINED, PartRecord
from irloom.indexing.parts import MergePart, PartBuilder
from irloom.indexing.text_store import TextStore

WORK = "work"


@dataclass(frozen=True, slots=True)
class StagedPart:
    """A part's record as it will be, and its new folders, whose files the manifest has to name."""

    record: PartRecord
    folders: tuple[Path, ...]


def build_over(root: Path, name: str, record: PartRecord, builder: PartBuilder, segment: str, *, progress: Progress) -> StagedPart:
    """Builds a part over one more segment."""
    base = root / SEGMENTS / segment
    folder = _new_folder(base, name)
    trained = root / record.trained if record.trained else _new_folder(root / TRAINED, name)
    builder.build(TextStore(base), folder, work=work_folder(root, name), trained=trained, progress=progress)
    return _staged(root, record, segment, folder, trained)


def merge_into(
    root: Path, name: str, record: PartRecord, sources: Sequence[Segment], segment: str, merge: MergePart, *, progress: Progress
) -> StagedPart:
    """Merges a part over several segments into one over the segment that takes their place."""
    folder, retrained = _new_folder(root / SEGMENTS / segment, name), _new_folder(root / TRAINED, name)
    merge(
        [part_segment(root, record, source) for source in sources],
        folder,
        parameters=record.parameters,
        trained=root / record.trained if record.trained else None,
        retrained=retrained,
        work=work_folder(root, name),
        progress=progress,
    )
    return _staged(root, replace(record, folders={}), segment, folder, retrained)


def work_folder(root: Path, name: str) -> Path:
    """Where a build keeps what outlives a kill; there after the call."""
    folder = root / WORK / name
    make_folder(folder, exist_ok=True)
    return folder


def _staged(root: Path, record: PartRecord, segment: str, folder: Path, trained: Path) -> StagedPart:
    """The record with a folder more; `trained` counts where something is in it."""
    folders = [folder]
    record = replace(record, folders={**record.folders, segment: folder.relative_to(root).as_posix()})
    if not any(trained.iterdir()):
        remove_folder(trained)
    elif (place := trained.relative_to(root).as_posix()) != record.trained:
        folders.append(trained)
        record = replace(record, trained=place)
    for new in folders:
        fsync_folder(new)
    return StagedPart(record, tuple(folders))


def _new_folder(base: Path, stem: str) -> Path:
    """A new folder in `base`: `stem`, or with a number where that is taken."""
    folder = next(path for number in range(1_000_000) if not (path := base / (f"{stem}.{number}" if number else stem)).exists())
    make_folder(folder)
    return folder
