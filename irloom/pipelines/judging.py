"""Judging: a walk through a pool whose judgments are on the disk as soon as they are given; what `irloom judge` does.

Two files are kept: the judgments in TREC's form, and beside them, as NAME.log.jsonl, who gave each one when. Both are rewritten whole, the
log first, so that a kill at any moment leaves every judgment that was given; the log is what counts.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from irloom.core.errors import BadValue, DataError, Locked
from irloom.core.files import check_target
from irloom.core.locks import FileLock
from irloom.data.pool import PoolItem
from irloom.data.qrels import read_qrels, write_qrels
from irloom.pipelines.judgment_log import Given, qrels_of, read_log, write_log

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
        check_target(output)
        if output.exists() and not output.is_file():
            raise BadValue("output", str(output), "a plain file, which is read when the work is taken up again")
        self._pool, self._output, self._judge, self._now = list(pool), output, judge, now
        self._lock = FileLock(output.with_name(f".{output.name}.lock"))
        self._given: list[Given] = []
        self._place = 0

    @property
    def current(self) -> PoolItem | None:
        """What is to be judged now; None at the end."""
        return self._pool[self._place] if self._place < len(self._pool) else None

    @property
    def grades(self) -> dict[tuple[str, str], int]:
        """The grades given so far, by query and document."""
        return {(one.query_id, one.doc_id): one.grade for one in self._given}

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
        self._write([*self._given, given])
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

    def _write(self, given: list[Given]) -> None:
        write_log(self._output, given)
        self._given = given
        write_qrels(qrels_of(given), self._output)

    def __enter__(self) -> Self:
        self._output.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire(shared=False)
        except Locked as error:
            raise Locked(f"{self._output} is being judged by another process ({error}); judge into another file, or wait") from None
        try:
            self._take_up()
        except BaseException:
            self._lock.release()
            raise
        return self

    def _take_up(self) -> None:
        """Reads what was judged before, and mends judgments that a kill left behind their log."""
        self._given = read_log(self._output)
        models = {one.judge for one in self._given if one.kind != "human"}
        if models:
            problem = f"holds the labels of a model ({min(models)}), which no person's are put among"
            raise DataError(f"{self._output} {problem}; name another file with --output")
        others = {one.judge for one in self._given} - {self._judge}
        if others:
            problem = f"holds the judgments of {min(others)!r}, not of {self._judge!r}; give each judge a file of their own"
            raise DataError(f"{self._output} {problem}, or name the judge with --judge")
        there = self._output.exists() and self._output.stat().st_size > 0
        held, wanted = (read_qrels(self._output) if there else {}), qrels_of(self._given)
        if there and held not in (wanted, qrels_of(self._given[:-1])):
            raise DataError(f"{self._output} holds judgments that 'irloom judge' did not write there; name another file with --output")
        if held != wanted:
            self._write(self._given)
        self._place = -1
        self.skip()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._lock.release()
