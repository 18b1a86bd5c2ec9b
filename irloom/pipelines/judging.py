"""Judging: a walk through a pool whose judgments are on the disk as soon as they are given; what `irloom judge` does."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from irloom.core.errors import BadValue, DataError
from irloom.data.pool import PoolItem
from irloom.pipelines.judgment_file import JudgmentFile
from irloom.pipelines.judgment_log import Given

GRADES: Mapping[int, str] = {0: "not relevant", 1: "related", 2: "highly relevant", 3: "perfect"}
"""TREC Deep Learning's scale."""


class Judging:
    """The pool of one judge, and where in it the judge is. Use it as a context manager: it holds a lock on the judgments' file.

    Args:
        pool: what is to be judged, in order.
        output: the file of judgments; made with the first one.
        judge: a name without blanks at its ends.
        now: the time; a test's own.

    Raises:
        BadValue: the judge has no name, or the output is a device or a pipe.
        OSError: the output is a folder, or in one that nothing can be written to.
        DataError: the output holds judgments that were not given here, or another judge's.
    """

    def __init__(
        self, pool: Sequence[PoolItem], output: Path, *, judge: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        if not judge.strip() or judge != judge.strip():
            raise BadValue("judge", judge, "a name")
        self._pool, self._judge, self._now = list(pool), judge, now
        self._file = JudgmentFile(output, self._check)
        self._place = 0

    @property
    def current(self) -> PoolItem | None:
        """What is to be judged now; None at the end."""
        return self._pool[self._place] if self._place < len(self._pool) else None

    @property
    def grades(self) -> dict[tuple[str, str], int]:
        """The grades given so far, by query and document."""
        return {(one.query_id, one.doc_id): one.grade for one in self._file.given}

    @property
    def left(self) -> int:
        """How many documents of the pool have no judgment."""
        grades = self.grades
        return sum((item.query_id, item.doc_id) not in grades for item in self._pool)

    @property
    def place(self) -> tuple[int, int]:
        """The place of the current document in the pool, from 1, and how many there are."""
        return self._place + 1, len(self._pool)

    def give(self, grade: int) -> None:
        """Judges the current document; when this returns, the judgment is on the disk.

        Raises:
            BadValue: there is no such grade, or nothing is left to be judged.
        """
        item = self.current
        if item is None or grade not in GRADES:
            raise BadValue("grade", grade, f"one of {', '.join(map(str, GRADES))}, while there is a document to judge")
        given = Given(item.query_id, item.doc_id, grade, self._judge, self._now().isoformat(timespec="seconds"))
        self._file.add([given], whole=True)
        self.skip()

    def skip(self) -> None:
        """Goes on to the next document that has no judgment."""
        grades, self._place = self.grades, self._place + 1
        while (item := self.current) is not None and (item.query_id, item.doc_id) in grades:
            self._place += 1

    def back(self) -> bool:
        """Goes back to the document before, judged or not; says whether there is one."""
        self._place = max(0, self._place - 1)
        return bool(self._pool)

    def __enter__(self) -> Self:
        self._file.__enter__()
        self._place = -1
        self.skip()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.__exit__(kind, error, trace)

    def _check(self, given: Sequence[Given]) -> None:
        """Refuses what another judge gave."""
        models = {one.judge for one in given if one.kind != "human"}
        if models:
            problem = f"holds the labels of a model ({min(models)}), which no person's are put among"
            raise DataError(f"{self._file.path} {problem}; name another file with --output")
        others = {one.judge for one in given} - {self._judge}
        if others:
            problem = f"holds the judgments of {min(others)!r}, not of {self._judge!r}; give each judge a file of their own"
            raise DataError(f"{self._file.path} {problem}, or name the judge with --judge")
