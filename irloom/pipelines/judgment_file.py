"""A file of judgments and the log beside it, held by one process; what people's and models' judging stand on.

The judgments are in TREC's form; the log, NAME.log.jsonl, says who gave each one when, and is what counts. It is written first, so that a
kill at any moment leaves every judgment that was given.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from irloom.core.errors import BadValue, DataError, Locked
from irloom.core.files import check_target
from irloom.core.locks import FileLock
from irloom.data.qrels import read_qrels, write_qrels
from irloom.pipelines.judgment_log import Given, append_log, log_path, qrels_of, read_log, write_log


class JudgmentFile:
    """Judgments on the disk. Use it as a context manager: it holds a lock on the file, and takes up what was left there.

    Args:
        path: the file; made with the first judgment.
        check: called with what the log holds before anything is written; raises where that is another judge's.

    Raises:
        BadValue: the path is a device or a pipe.
        OSError: it is a folder, or in one that nothing can be written to.
    """

    def __init__(self, path: Path, check: Callable[[Sequence[Given]], None]) -> None:
        check_target(path)
        if path.exists() and not path.is_file():
            raise BadValue("output", str(path), "a plain file, which is read when the work is taken up again")
        self.path, self.given = path, list[Given]()
        self._check = check
        self._lock = FileLock(path.with_name(f".{path.name}.lock"))

    def add(self, new: Sequence[Given], *, whole: bool = False) -> None:
        """Adds judgments; when this returns, they are on the disk.

        Args:
            new: what was given.
            whole: writes the log anew in one step instead of its last lines alone, of which a kill can cut one short: for the judgments of
                people, which are few and cannot be asked for again.
        """
        given = [*self.given, *new]
        if whole:
            write_log(self.path, given)
        else:
            append_log(self.path, new)
        self.given = given
        write_qrels(qrels_of(given), self.path)

    def __enter__(self) -> Self:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire(shared=False)
        except Locked as error:
            raise Locked(f"{self.path} is being judged by another process ({error}); judge into another file, or wait") from None
        try:
            self._take_up()
        except BaseException:
            self._lock.release()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._lock.release()

    def _take_up(self) -> None:
        """Reads what was judged before, and mends judgments that a kill left behind their log."""
        self.given = read_log(self.path)
        self._check(self.given)
        held = read_qrels(self.path) if self.path.exists() and self.path.stat().st_size else {}
        logged = {(one.query_id, one.doc_id, one.grade) for one in self.given}
        if any((query_id, doc_id, grade) not in logged for query_id, row in held.items() for doc_id, grade in row.items()):
            problem = f"holds judgments that 'irloom judge' did not write there, since {log_path(self.path).name} does not have them"
            raise DataError(f"{self.path} {problem}; name another file with --output")
        wanted = qrels_of(self.given)
        if held != wanted:
            write_qrels(wanted, self.path)
