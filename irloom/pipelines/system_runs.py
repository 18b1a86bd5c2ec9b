"""The systems of an experiment on one dataset: what each retrieves, how long it takes, what its stages give."""

import logging
import statistics
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from irloom.core.errors import ModelError
from irloom.core.files import Progress
from irloom.core.run import Run
from irloom.core.stage import Retriever
from irloom.core.types import Query
from irloom.data.dataset import Dataset
from irloom.data.trec import write_run
from irloom.eval.diagnosis import StageRun
from irloom.eval.self_hits import without_self_hits
from irloom.indexing.collection import Collection
from irloom.pipelines.asked_once import NotNoted
from irloom.pipelines.experiment import Experiment
from irloom.pipelines.sharing import SharingBuilder
from irloom.pipelines.stages import stage_runs
from irloom.pipelines.tuning import Tuner
from irloom.pipelines.unfinished import Unfinished
from irloom.pipelines.usage import Spent, Stopwatch
from irloom.pipelines.within import models_of, stages_of
from irloom.rerankers.failures import NoneAsked

logger = logging.getLogger(__name__)

_TIMED = 30
"""Queries that are asked one at a time for the latency."""


@dataclass(frozen=True, slots=True)
class SystemRun:
    """One system on one dataset.

    Attributes:
        run: its rankings, self hits removed where the protocol says so.
        stages: its stages, the last one the system itself.
        fingerprint: of the system.
        batch_s: seconds of all queries as one batch, shared stages included.
        latency_ms: the median milliseconds of a query asked alone. Of a reranker behind a server those of the one asking count, which are
            in its notes.
        spent: what this run cost here; a stage that an earlier system ran already costs nothing.
    """

    run: Run
    stages: tuple[StageRun, ...]
    fingerprint: str
    batch_s: float
    latency_ms: float
    spent: Spent


@dataclass(frozen=True, slots=True)
class SystemRuns:
    """All systems on one dataset.

    Attributes:
        systems: by name.
        nodes: the systems' nodes after tuning.
        notes: what tuning found, by system.
        models: the encoders and scorers that the systems use.
    """

    systems: Mapping[str, SystemRun]
    nodes: Mapping[str, Any]
    notes: Mapping[str, Sequence[str]]
    models: Sequence[Any]


def run_systems(
    experiment: Experiment,
    dataset: Dataset,
    collection: Collection,
    queries: Sequence[Query],
    *,
    nodes: Mapping[str, Any],
    folder: Path | None,
    progress: Progress,
) -> SystemRuns:
    """Tunes and runs every system; stages that systems share run once.

    Args:
        experiment: whose systems they are.
        dataset: for tuning and its protocol.
        collection: with the parts that the nodes name.
        queries: that are asked.
        nodes: the systems with their parts filled in.
        folder: where `runs/SYSTEM.trec` are written, each as soon as its system has run; None to write nothing.
        progress: called as it goes.
    """
    builder = SharingBuilder(dict(nodes), context={"collection": collection, "corpus": collection}, where=experiment.where)
    tuner = Tuner(builder, dataset, measure=experiment.measures[0], where=experiment.filter)
    tuner.systems()
    built = {name: builder.system(name) for name in nodes}
    work = _Work(experiment.k, dataset.protocol.remove_self_hits, queries, builder, Unfinished(folder) if folder is not None else None)
    found: dict[str, SystemRun] = {}
    for done, (name, retriever) in enumerate(built.items()):
        progress(dataset.name, done, len(built))
        found[name] = work.run(name, retriever)
        if folder is not None:
            write_run(found[name].run, folder / "runs" / f"{name}.trec", tag=name)
        later = list(built.values())[done + 1 :]
        builder.runs.keep_only({stage.fingerprint for system in later for stage in stages_of(system)})
    progress(dataset.name, len(built), len(built))
    models = {id(model): model for retriever in built.values() for model in models_of(retriever)}
    return SystemRuns(found, builder.systems, tuner.notes, list(models.values()))


@dataclass(frozen=True, slots=True)
class _Work:
    """What the systems have in common."""

    k: int
    remove_self_hits: bool
    queries: Sequence[Query]
    builder: SharingBuilder
    unfinished: Unfinished | None

    def run(self, name: str, retriever: Retriever) -> SystemRun:
        retriever.warm_up()
        depth = self.k + int(self.remove_self_hits)
        runs, watch = self.builder.runs, Stopwatch()
        made = self.unfinished.take(name, retriever, self.queries, k=depth) if self.unfinished else None
        if made is not None:
            runs.put(retriever, self.queries, k=depth, made=made)
        else:
            made = runs.make(retriever, self.queries, k=depth)
            if self.unfinished:
                self.unfinished.keep(name, retriever, self.queries, k=depth, made=made)
        spent = watch.read()
        stages = stage_runs(retriever, self.queries, k=depth)
        seconds = self._alone(retriever, depth) or [made.seconds / max(1, len(self.queries))]
        latency = 1000 * statistics.median(seconds)
        cleaned = tuple(replace(stage, run=self._cleaned(stage.run)) for stage in stages) if self.remove_self_hits else stages
        return SystemRun(self._cleaned(made.run).cut(self.k), cleaned, retriever.fingerprint, made.seconds, latency, spent)

    def _cleaned(self, run: Run) -> Run:
        return without_self_hits(run) if self.remove_self_hits else run

    def _alone(self, retriever: Retriever, depth: int) -> list[float]:
        """Seconds of some queries asked alone, with nothing kept but what a server gave.

        A query that leaves no room for documents, or that its server failed, is left out: in a batch it keeps its order, alone it is all
        that was asked, and an error. Any other error ends the asking.
        """
        runs, seconds = self.builder.runs, []
        runs.sharing = False
        try:
            for query in self.queries[:_TIMED]:
                with suppress(NoneAsked, NotNoted):
                    seconds.append(runs.make(retriever, [query], k=depth).seconds)
        except ModelError as error:
            logger.warning("%s: the latency is that of %d queries alone; the next one failed: %s", retriever.label, len(seconds), error)
        finally:
            runs.sharing = True
        return seconds
