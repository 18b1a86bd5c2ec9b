"""A pool to the labels of a model, kept as they come; what `irloom judge --model` does."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from irloom.core.errors import DataError, shortened
from irloom.core.files import Progress, no_progress
from irloom.core.types import Json
from irloom.data.pool import PoolItem
from irloom.pipelines.judgment_file import JudgmentFile
from irloom.pipelines.judgment_log import Given
from irloom.pipelines.model_judge import ModelJudge, Verdict

BATCH = 32
"""Pairs that are asked together, and on the disk before the next ones are."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What a model has judged.

    Attributes:
        labels: how many labels the file holds.
        left: how many pairs of the pool have none.
        ways: how the labels given now were read, "strict", "fallback", "invalid" or "empty", and how often.
        cut: how many passages were cut to fit.
        faults: why pairs were not judged, and how often.
        prompt_tokens: that were read now.
        new_tokens: that were written now.
        histogram: how many labels of each grade the file holds, those that could not be read left out.
        invalid: how many of the file's labels could not be read and stand as 0.
    """

    labels: int
    left: int
    ways: Mapping[str, int]
    cut: int
    faults: Mapping[str, int]
    prompt_tokens: int
    new_tokens: int
    histogram: Mapping[int, int]
    invalid: int

    @property
    def alarm(self) -> str:
        """What must be told where most answers could not be read, so that the labels say little; "" where they could."""
        if 2 * self.invalid <= self.labels:
            return ""
        share = f"{self.invalid:,} of {self.labels:,} labels ({self.invalid / self.labels:.1%})"
        return f"ALARM: {share} are answers that could not be read and stand as 0; the log shows them; try another --prompt or model"


class ModelJudging:
    """The labels of one model judge in one file. Use it as a context manager: it holds a lock on the file.

    Args:
        pool: what is to be judged, with its texts.
        output: the file of labels; made with the first ones.
        judge: the model.
        now: the time; a test's own.

    Raises:
        DataError: a query of the pool has no text, or the output holds labels of people, of another model, prompt or setting.
    """

    def __init__(
        self, pool: Sequence[PoolItem], output: Path, *, judge: ModelJudge, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        silent = next((item for item in pool if not item.query.strip()), None)
        if silent is not None:
            raise DataError(f"query {silent.query_id!r} of the pool has no text to ask a model about; make the pool with --dataset")
        self._pool, self._judge, self._now = list(pool), judge, now
        self._file = JudgmentFile(output, self._check)
        self._ways: Counter[str] = Counter()
        self._faults: Counter[str] = Counter()
        self._cut = self._read = self._written = 0

    def run(self, *, progress: Progress = no_progress) -> None:
        """Judges what has no label yet; each batch is on the disk before the next one is asked.

        Raises:
            ModelError: the model answers nothing.
        """
        done = {(one.query_id, one.doc_id) for one in self._file.given}
        left = [item for item in self._pool if (item.query_id, item.doc_id) not in done]
        if left:
            self._judge.warm_up()
        for start in range(0, len(left), BATCH):
            items = left[start : start + BATCH]
            self._keep(items, self._judge.judge(items))
            progress("judgments", len(self._pool) - len(left) + start + len(items), len(self._pool))

    @property
    def result(self) -> Judged:
        """What is judged so far."""
        done = {(one.query_id, one.doc_id): one for one in self._file.given}
        invalid = sum(one.detail.get("read") == "invalid" for one in done.values())
        histogram = Counter(one.grade for one in done.values() if one.detail.get("read") != "invalid")
        left = sum((item.query_id, item.doc_id) not in done for item in self._pool)
        counts = (dict(self._ways), self._cut, dict(self._faults), self._read, self._written)
        return Judged(len(done), left, *counts, dict(sorted(histogram.items())), invalid)

    def _keep(self, items: Sequence[PoolItem], verdicts: Sequence[Verdict]) -> None:
        at, new = self._now().isoformat(timespec="seconds"), []
        for item, verdict in zip(items, verdicts, strict=True):
            if verdict.fault:
                self._faults[shortened(verdict.fault)] += 1
                continue
            detail: dict[str, Json] = {**self._judge.settings, "read": verdict.how, "cut": verdict.cut, "answers": list(verdict.answers)}
            new.append(Given(item.query_id, item.doc_id, verdict.grade, self._judge.name, at, "model", detail))
            self._ways[verdict.how] += 1
            self._cut += verdict.cut
            self._read += verdict.prompt_tokens
            self._written += verdict.new_tokens
        if new:
            self._file.add(new)

    def __enter__(self) -> Self:
        self._file.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.__exit__(kind, error, trace)

    def _check(self, given: Sequence[Given]) -> None:
        """Refuses what people or another model gave."""
        people = {one.judge for one in given if one.kind != "model"}
        if people:
            raise DataError(f"{self._file.path} holds the judgments of {min(people)!r}, which no model's are put among; name another file")
        others = {one.judge for one in given if one.detail.get("judge") != self._judge.fingerprint}
        if others:
            problem = f"holds the labels of {min(others)!r} by another model, prompt or setting"
            raise DataError(f"{self._file.path} {problem}; give each judge a file of its own")


def told(judged: Judged, output: Path) -> list[str]:
    """What a run of a judge came to, in sentences; the first ones are of this run, the last one of the file."""
    now = sum(judged.ways.values())
    lines = [f"{now:,} judged now, {judged.prompt_tokens:,} tokens read and {judged.new_tokens:,} written."] if now else []
    words = {"empty": "passages without text, which are 0 and cost no call", "fallback": "answers in another form than asked for"}
    lines += [f"{judged.ways[way]:,} {text}." for way, text in words.items() if judged.ways.get(way)]
    if judged.cut:
        lines.append(f"{judged.cut:,} passages were cut to fit.")
    lines += [f"{count:,} not judged, asked again next time: {fault}" for fault, count in judged.faults.items()]
    if judged.labels:
        shares = ", ".join(f"{grade}: {count:,}" for grade, count in judged.histogram.items())
        unread = f"{judged.invalid:,} ({judged.invalid / judged.labels:.1%}) could not be read and stand as 0"
        lines.append(
            f"{judged.labels:,} labels in {output}, {judged.left:,} pairs of the pool left; {shares or 'no grade read'}; {unread}."
        )
    return lines
