"""Runs an experiment: builds what is missing, retrieves, reranks, evaluates, and writes its folder."""

import json
import os
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from irloom.core.config import load_yaml
from irloom.core.errors import BadValue
from irloom.core.files import Progress, no_progress, remove_file, replacing
from irloom.core.run import Run
from irloom.core.types import Filter, Json, Qrels
from irloom.data.dataset import Dataset
from irloom.data.named import load_dataset
from irloom.eval.diagnosis import DEFAULT_CUT, Diagnosis, StageRun, diagnose
from irloom.eval.evaluate import evaluate
from irloom.eval.measures.parse import parse_measure
from irloom.eval.report import Report, make_report
from irloom.eval.report_files import FORMATS, with_diagnoses, with_rerankers, write_reports
from irloom.eval.reranked import Reranked
from irloom.eval.reranker_stages import rerankers_of
from irloom.indexing.collection import Collection
from irloom.pipelines.build import PartRequest, build_collection
from irloom.pipelines.collection_place import collection_place, present
from irloom.pipelines.diagnosing import near_duplicates_shown
from irloom.pipelines.experiment import Experiment, folder_name, parse_experiment
from irloom.pipelines.fusing import warn_of_shallow_fusions
from irloom.pipelines.manifest import NAME
from irloom.pipelines.notices import check_queries, warn_of_absent
from irloom.pipelines.plan import Plan
from irloom.pipelines.recording import Recorder, write_config
from irloom.pipelines.rehearsal import rehearse
from irloom.pipelines.system_runs import SystemRuns, run_systems
from irloom.pipelines.unfinished import Unfinished
from irloom.retrievers.filtered import within

_SHORT = 16
"""Digits of a hash that a reader is shown."""


def run_experiment(
    path: str | Path, *, output: str | Path | None = None, where: str | None = None, progress: Progress = no_progress
) -> list[Report]:
    """Builds what is missing, retrieves, reranks and evaluates; one report per dataset.

    With an output folder, the run files, the report and the manifest are written there; several datasets each have a
    folder of their own, and `report.json` above them holds the means over the datasets. What was finished stays when the
    work is interrupted, and is not done again where nothing has changed.

    Args:
        path: the experiment's YAML.
        output: the folder for the run files and the report; None to write nothing.
        where: only documents that this filter allows are found, beside the YAML's own.
        progress: called as it goes.

    Raises:
        ConfigError: the YAML cannot be used.
        DataError: the dataset cannot be read.
        MissingExtra: a system needs an extra that is not installed.
    """
    content = load_yaml(path)
    source: dict[str, Json] = {"path": str(Path(path).absolute()), "content": json.loads(json.dumps(content, default=str))}
    experiment = parse_experiment(content, where=str(path))
    if where is not None:
        experiment = replace(experiment, filter=Filter(where) if experiment.filter is None else experiment.filter & Filter(where))
    return run_parsed(experiment, source=source, output=output, progress=progress)


def run_parsed(
    experiment: Experiment,
    *,
    source: Mapping[str, Json],
    output: str | Path | None = None,
    diagnosed: bool = True,
    progress: Progress = no_progress,
) -> list[Report]:
    """Runs an experiment that was read already, as `run_experiment` does.

    Args:
        experiment: what is run.
        source: where it comes from, for the manifest.
        output: the folder; None to write nothing.
        diagnosed: whether what is written says of each query why a system lost.
        progress: called as it goes.
    """
    recorder = Recorder()
    names = [folder_name(name) for name in experiment.datasets]
    datasets = {folder: load_dataset(name, progress=progress) for folder, name in zip(names, experiment.datasets, strict=True)}
    if len(datasets) < len(names):
        raise BadValue(f"{experiment.where}: dataset", names, "datasets of different names, since each has a folder of its own")
    plan = Plan(experiment.where)
    systems = {
        folder: {name: plan.node(node, where=f"systems.{name}") for name, node in experiment.systems_of(folder).items()} for folder in names
    }
    for nodes in systems.values():
        rehearse(nodes, plan.requests(), where=experiment.where)
        warn_of_shallow_fusions(nodes, experiment.measures, where=experiment.where)
    root = _prepared(output) if output is not None else None
    folders = {name: root / name if root is not None and len(datasets) > 1 else root for name in datasets}
    reports, built = [], {}
    for name, dataset in datasets.items():
        work = _Work(experiment, dataset, root, folders[name], recorder, name, diagnosed)
        report, ran = work.run(systems[name], plan.requests(), progress)
        reports.append(report)
        built[name] = ran.nodes
    if root is not None:
        _finish(root, experiment, recorder, source, reports, built)
        for folder in folders.values():
            Unfinished(folder or root).clear()
    return reports


def macro_average(reports: Sequence[Report]) -> dict[str, object]:
    """The means over datasets, each counting once, in the shape of a report, with every dataset's report under `datasets`."""
    return {"systems": _means(reports), "datasets": {report.dataset: report.to_json(per_query=False) for report in reports}}


def _means(reports: Sequence[Report]) -> dict[str, Any]:
    return {
        name: {
            "measures": {
                measure: {"mean": statistics.fmean(report.systems[name].measures[measure].interval.mean for report in reports)}
                for measure in reports[0].measures
            }
        }
        for name in reports[0].systems
    }


@dataclass(frozen=True, slots=True)
class _Work:
    """One dataset of an experiment."""

    experiment: Experiment
    dataset: Dataset
    root: Path | None
    folder: Path | None
    recorder: Recorder
    name: str
    diagnosed: bool

    def run(self, systems: Mapping[str, Any], requests: Sequence[PartRequest], progress: Progress) -> tuple[Report, SystemRuns]:
        dataset, where = self.dataset, f"dataset {self.dataset.name!r}"
        queries, qrels = within(dataset.queries(), self.experiment.filter), dataset.qrels()
        check_queries(queries, where=where)
        nothing = Run.from_dict({query_id: {} for query_id in qrels})
        evaluate(nothing, qrels, self.experiment.measures)  # a measure that the judgments do not serve costs no building
        place = collection_place(dataset)
        build_collection(place, dataset, requests, progress=progress)
        with Collection.open(place) as collection:
            warn_of_absent(qrels, collection, where=where)
            if self.root is not None:
                remove_file(self.root / NAME)  # what an earlier experiment left there is overwritten from here on
            ran = run_systems(self.experiment, dataset, collection, queries, nodes=systems, folder=self.folder, progress=progress)
            report = self._report(ran, qrels, len(queries), collection)
            if self.folder is not None:
                runs = {name: system.run for name, system in ran.systems.items()}
                texts = {query.id: query for query in queries}
                diagnoses = self._diagnoses(ran, runs, qrels, collection) if self.diagnosed else {}
                report = with_diagnoses(report, diagnoses)
                write_reports(self.folder, report, queries=texts, qrels=qrels, runs=runs, fetch=present(collection), diagnoses=diagnoses)
                self.recorder.add(self.folder, dataset, collection, ran, report, queries=queries, qrels=qrels, name=self.name)
        return report, ran

    def _report(self, ran: SystemRuns, qrels: Qrels, count: int, collection: Collection) -> Report:
        least, notes = self.dataset.protocol.min_grade, {name: list(lines) for name, lines in ran.notes.items()}
        for name, system in ran.systems.items():
            alone = f"{1000 * system.batch_s / max(1, count):.2f} ms a query in one batch of {count}"
            notes.setdefault(name, []).append(alone)
        report = make_report(
            {name: evaluate(system.run, qrels, self.experiment.measures, min_grade=least) for name, system in ran.systems.items()},
            dataset=self.dataset.name,
            baseline=self.experiment.baseline,
            latency_ms={name: system.latency_ms for name, system in ran.systems.items()},
            notes=notes,
            min_grade=least,
            method=self.experiment.interval,
            facts={
                "split": self.dataset.protocol.split,
                "judgments": f"{sum(map(len, qrels.values())):,}",
                "documents": f"{len(collection):,}",
                "collection": f"{collection.fingerprint}, with {', '.join(sorted(collection.parts))}",
                **({"only documents where": self.experiment.filter.expression} if self.experiment.filter is not None else {}),
            },
        )
        found = {name: self._rerankers(system.stages, qrels) for name, system in ran.systems.items()}
        return with_rerankers(report, found)

    def _rerankers(self, stages: Sequence[StageRun], qrels: Qrels) -> list[Reranked]:
        judgments = f"{self.dataset.name} {self.dataset.protocol.split}"
        measures, least = self.experiment.measures, self.dataset.protocol.min_grade
        return rerankers_of(stages, qrels, measures, judgments=judgments, min_grade=least, method=self.experiment.interval)

    def _diagnoses(self, ran: SystemRuns, runs: Mapping[str, Run], qrels: Qrels, collection: Collection) -> dict[str, Diagnosis]:
        measure, least = parse_measure(self.experiment.measures[0]), self.dataset.protocol.min_grade
        shown = list(runs.values())
        twins = near_duplicates_shown(shown, qrels, present(collection), cut=measure.cut or DEFAULT_CUT, min_grade=measure.rel or least)
        return {
            name: diagnose(
                system.stages,
                qrels,
                measure=measure,
                min_grade=least,
                duplicates=twins,
                peers=[other.run for other in ran.systems.values() if other is not system and len(other.stages[-1].inputs or ()) < 2],
            )
            for name, system in ran.systems.items()
        }


def _finish(
    root: Path,
    experiment: Experiment,
    recorder: Recorder,
    source: Mapping[str, Json],
    reports: Sequence[Report],
    nodes: Mapping[str, Mapping[str, Any]],
) -> None:
    """Writes what stands above all datasets, the manifest last."""
    several = len(reports) > 1
    if several:
        for name in FORMATS.values():  # a page or table of one dataset that an earlier experiment left would be taken for this one's
            remove_file(root / name)
        with replacing(root / "report.json") as file:
            file.write(json.dumps(macro_average(reports), indent=1).encode())
    config = experiment.config(nodes)
    write_config(root, config)
    recorder.manifest(config, source, _means(reports) if several else {}).write(root)


def _prepared(output: str | Path) -> Path:
    """The folder for results, made and tried before hours of work go into them."""
    folder = Path(output)
    folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK):
        raise PermissionError(13, "Permission denied", str(folder))
    return folder
