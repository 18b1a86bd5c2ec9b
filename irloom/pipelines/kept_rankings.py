"""KeptRankings: what a reranking has done so far, on the disk, so that one that was interrupted goes on where it stopped.

A file beside the output, a line for each query, written as its ranking comes; gone when the output is written.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from irloom.core.errors import IrloomError
from irloom.core.files import open_for_write, short_hash, write_bytes
from irloom.core.notes import kept_order, plain_note
from irloom.core.run import Run
from irloom.data.lines import read_lines
from irloom.data.records import parse_record


class KeptRankings:
    """Rankings beside a file that is to hold all of them, as `.NAME.KEY.partial.jsonl`.

    Args:
        output: the file; nothing is kept beside one that is no plain file, such as a device.
    """

    def __init__(self, output: Path) -> None:
        self._output = output
        self._file: Path | None = None
        self.count = 0

    @property
    def path(self) -> Path | None:
        """Where they are; None before `take`, and beside what is no plain file."""
        return self._file

    def take(self, parts: Sequence[str]) -> dict[str, Run]:
        """The rankings that are there already, by query; a line that a kill cut short is passed over.

        Args:
            parts: all that decides the rankings; those of others are not touched.
        """
        if self._output.exists() and not self._output.is_file():
            return {}
        self._file = self._output.with_name(f".{self._output.name}.{short_hash(*parts)}.partial.jsonl")
        found = {}
        if self._file.exists():
            whole = self._file.read_bytes().endswith(b"\n")
            try:
                for number, line in read_lines(self._file):
                    run = _run(parse_record(self._file, number, line))
                    found[run.query_ids[0]] = run
            except (IrloomError, KeyError, TypeError, ValueError):
                whole = False
            if not whole:
                write_bytes(self._file, "".join(map(_line, found.values())).encode())
        self.count = len(found)
        return found

    def keep(self, run: Run) -> None:
        """Adds the rankings of a run, but for those of queries that failed; when this returns they are on the disk."""
        if self._file is None:
            return
        run = run.rows([query_id for row, query_id in enumerate(run) if not kept_order({name: run.notes[name][row] for name in run.notes})])
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with open_for_write(self._file, append=True) as file:
            file.write("".join(_line(run.rows([query_id])) for query_id in run).encode())
        self.count += len(run)

    def remove(self) -> None:
        """Takes the file away; all is done."""
        if self._file is not None:
            self._file.unlink(missing_ok=True)


def _line(run: Run) -> str:
    record = {
        "query": run.query_ids[0],
        "documents": [run.doc_ids[doc] for doc in run.docs.tolist()],
        "scores": run.scores.tolist(),
        "columns": {name: column.tolist() for name, column in run.columns.items()},
        "notes": {name: plain_note(values[0]) for name, values in run.notes.items()},
    }
    return json.dumps(record) + "\n"


def _run(record: Mapping[str, Any]) -> Run:
    documents, columns = record["documents"], {name: np.array(values, np.float32) for name, values in record["columns"].items()}
    return Run.from_columns(
        [record["query"]],
        np.array([0, len(documents)], np.int64),
        np.arange(len(documents), dtype=np.int32),
        np.array(record["scores"], np.float32),
        documents,
        ordered=True,
        columns=columns,
        notes={name: [value] for name, value in record["notes"].items()},
    )
