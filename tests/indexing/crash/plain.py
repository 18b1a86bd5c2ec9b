"""The least part that does all that a part may do: a shard under `work`, something learnt and shared, a merge that learns it again."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from irloom.core import files
from irloom.core.files import Progress
from irloom.core.types import Json
from irloom.indexing.collection import Collection
from irloom.indexing.parts import DocumentSource, PartSegment

LENGTHS, SCALE = "lengths.npy", "scale.npy"


class PlainPart:
    """Keeps the length of each text, times a scale that is learnt from the first segment."""

    kind, space, fingerprint = "plain", "plain", "plain"
    parameters: Mapping[str, Json] = {}

    def build(self, documents: DocumentSource, folder: Path, *, work: Path, trained: Path, progress: Progress) -> None:
        lengths = np.array([len(document.text) for document in documents], np.int64)
        with files.replacing(work / f"{len(lengths)}.shard") as file:
            file.write(lengths.tobytes())
        if not (trained / SCALE).exists():
            files.write_array(trained / SCALE, np.array([1 + lengths.sum()]))
        files.write_array(folder / LENGTHS, lengths * files.map_array(trained / SCALE)[0])


def merge_plain(
    sources: Sequence[PartSegment],
    folder: Path,
    *,
    parameters: Mapping[str, Json],
    trained: Path | None,
    retrained: Path,
    work: Path,
    progress: Progress,
) -> None:
    """Merges lengths under a new scale: a MergePart."""
    assert trained is not None
    merged = np.concatenate([files.map_array(source.folder / LENGTHS)[source.live_places] for source in sources])
    files.write_array(retrained / SCALE, np.array([1000]))
    files.write_array(folder / LENGTHS, merged // files.map_array(trained / SCALE)[0] * 1000)


def read_plain(collection: Collection) -> Any:
    """The scaled lengths of the live documents, and the scale."""
    part = collection.part("part")
    assert part.trained is not None
    lengths = [length for own in part.segments for length in files.map_array(own.folder / LENGTHS)[own.live_places].tolist()]
    return lengths, files.map_array(part.trained / SCALE).tolist()
