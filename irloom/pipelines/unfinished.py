"""The systems that an interrupted experiment had finished: they are not run again when nothing has changed."""

import json
import shutil
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from irloom.core.files import replacing, short_hash
from irloom.core.notes import plain_note
from irloom.core.run import Run
from irloom.core.stage import Retriever
from irloom.core.types import Query
from irloom.pipelines.provenance import code, libraries
from irloom.pipelines.shared import Made

FOLDER = "unfinished"


class Unfinished:
    """Runs under `unfinished/` of an experiment's folder, exact to the bit, until the experiment has ended.

    Args:
        folder: the experiment's, or the dataset's where there are several.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / FOLDER

    def keep(self, name: str, retriever: Retriever, queries: Sequence[Query], *, k: int, made: Made) -> None:
        """Writes a system's run."""
        run, key = made.run, _key(retriever, queries, k)
        notes = {note: plain_note(values) for note, values in run.notes.items()}
        facts = json.dumps({"key": key, "seconds": made.seconds, "queries": run.query_ids, "documents": run.doc_ids, "notes": notes})
        columns: dict[str, Any] = {f"column.{column}": values for column, values in run.columns.items()}
        data, buffer = np.frombuffer(facts.encode("utf-8", "surrogatepass"), np.uint8), BytesIO()
        np.savez(buffer, facts=data, offsets=run.offsets, docs=run.docs, scores=run.scores, **columns)
        with replacing(self.folder / f"{name}.npz") as file:
            file.write(buffer.getbuffer())

    def take(self, name: str, retriever: Retriever, queries: Sequence[Query], *, k: int) -> Made | None:
        """A system's run as it was left; None where there is none, or where something has changed since."""
        path = self.folder / f"{name}.npz"
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                facts = json.loads(arrays["facts"].tobytes().decode("utf-8", "surrogatepass"))
                if facts["key"] != _key(retriever, queries, k):
                    return None
                columns = {column.removeprefix("column."): arrays[column] for column in arrays.files if column.startswith("column.")}
                parts = (arrays["offsets"], arrays["docs"], arrays["scores"])
        except (OSError, ValueError, KeyError, EOFError, BadZipFile):
            return None
        return Made(Run(facts["queries"], *parts, facts["documents"], columns=columns, notes=facts["notes"]), facts["seconds"])

    def clear(self) -> None:
        """Takes the runs away; the experiment has ended."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _key(retriever: Retriever, queries: Sequence[Query], k: int) -> str:
    return short_hash(str(code()["sha256"]), repr(libraries()), retriever.fingerprint, str(k), *map(repr, queries), size=16)
