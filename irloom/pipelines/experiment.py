"""An experiment: datasets, named systems, measures, a baseline; from YAML to run files and `report.json`."""

import json
import os
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from irloom.core.config import Builder, check_keys, load_yaml
from irloom.core.errors import BadValue, ConfigError, UnknownName
from irloom.core.files import Progress, no_progress, replacing
from irloom.core.run import Run
from irloom.core.stage import Retriever
from irloom.core.types import Query
from irloom.data.dataset import Dataset
from irloom.data.named import cache_folder, load_dataset
from irloom.data.trec import write_run
from irloom.eval.evaluate import Evaluation, evaluate
from irloom.eval.measures.parse import parse_measure
from irloom.eval.report import Report, make_report
from irloom.eval.self_hits import without_self_hits
from irloom.indexing.collection import Collection
from irloom.pipelines.build import PartRequest, build_collection
from irloom.pipelines.comparing import DEFAULT_MEASURES
from irloom.pipelines.notices import check_queries, warn_of_absent
from irloom.pipelines.plan import Plan
from irloom.pipelines.rehearsal import rehearse
from irloom.pipelines.tuning import Tuner

_KEYS = ("dataset", "systems", "measures", "baseline", "k")
_K = 1000
_TIMED = 30


@dataclass(frozen=True, slots=True)
class Experiment:
    """An experiment as its YAML says it.

    Attributes:
        where: the file, for errors.
        datasets: names or paths; the YAML's `dataset` is one of them or a list.
        systems: name -> stage tree.
        measures: as they are spelt.
        baseline: the system that the others are compared with, or None.
        k: how many documents each system returns.
    """

    where: str
    datasets: tuple[str, ...]
    systems: Mapping[str, Any]
    measures: tuple[str, ...]
    baseline: str | None
    k: int


def read_experiment(path: str | Path) -> Experiment:
    """Reads and checks an experiment's YAML.

    Raises:
        BadLine: it is not YAML.
        ConfigError: a key is unknown, missing or of the wrong kind.
    """
    config, where = load_yaml(path), str(path)
    check_keys(config, _KEYS, required=("dataset", "systems"), where=where)
    systems = config["systems"]
    if not isinstance(systems, dict) or not systems:
        raise ConfigError(f"{where}: systems is {systems!r}; expected a mapping such as {{bm25: {{bm25: {{k1: 0.9}}}}}}")
    for name in systems:
        if not isinstance(name, str) or "/" in name or name.startswith(".") or len(name.split()) != 1 or name != name.strip():
            raise BadValue(f"{where}: systems", name, "names that can be file names, without blanks")
    measures = config.get("measures", list(DEFAULT_MEASURES))
    if not isinstance(measures, list) or not measures:
        raise BadValue(f"{where}: measures", measures, "a list such as [nDCG@10, R@100]")
    baseline = config.get("baseline")
    if baseline is not None and baseline not in systems:
        raise UnknownName("system", str(baseline), systems, where=f"{where}: baseline")
    datasets = config["dataset"] if isinstance(config["dataset"], list) else [config["dataset"]]
    if not datasets or not all(isinstance(dataset, str) for dataset in datasets):
        raise BadValue(f"{where}: dataset", config["dataset"], "a name, a path, or a list of them")
    k = config.get("k", _K)
    if not isinstance(k, int) or isinstance(k, bool) or k < 1:
        raise BadValue(f"{where}: k", k, "a whole number of 1 or more")
    spelt = tuple(_measure(str(measure), where) for measure in measures)
    return Experiment(where, tuple(datasets), systems, spelt, baseline, k)


def _measure(measure: str, where: str) -> str:
    try:
        return str(parse_measure(measure))
    except UnknownName as error:
        raise UnknownName(error.kind, error.name, error.known, where=f"{where}: measures") from None
    except BadValue as error:
        raise BadValue(f"{where}: measures: {error.name}", error.value, error.expected) from None


def run_experiment(path: str | Path, *, output: str | Path | None = None, progress: Progress = no_progress) -> list[Report]:
    """Builds what is missing, retrieves, reranks and evaluates; one report per dataset.

    With an output folder, `runs/SYSTEM.trec` and `report.json` are written there; several datasets each have a
    folder of their own, and `report.json` above them holds the means over the datasets.

    Args:
        path: the experiment's YAML.
        output: the folder for the run files and the report; None to write nothing.
        progress: called as it goes.

    Raises:
        ConfigError: the YAML cannot be used.
        DataError: the dataset cannot be read.
        MissingExtra: a system needs an extra that is not installed.
    """
    experiment = read_experiment(path)
    datasets = [load_dataset(name) for name in experiment.datasets]
    names = [Path(dataset.name).name for dataset in datasets]
    if len(set(names)) < len(names):
        raise BadValue(f"{experiment.where}: dataset", names, "datasets of different names, since each has a folder of its own")
    plan = Plan(experiment.where)
    systems = {name: plan.node(node, where=f"systems.{name}") for name, node in experiment.systems.items()}
    rehearse(systems, plan.requests(), where=experiment.where)
    root = _writable(output) if output is not None else None
    reports = []
    for dataset in datasets:
        folder = root / Path(dataset.name).name if root is not None and len(datasets) > 1 else root
        reports.append(_run_one(experiment, dataset, folder, systems=systems, requests=plan.requests(), progress=progress))
        if folder is not None:
            _write_json(folder / "report.json", reports[-1].to_json())
    if root is not None and len(datasets) > 1:
        _write_json(root / "report.json", macro_average(reports))
    return reports


def _run_one(
    experiment: Experiment,
    dataset: Dataset,
    folder: Path | None,
    *,
    systems: Mapping[str, Any],
    requests: Sequence[PartRequest],
    progress: Progress,
) -> Report:
    queries, qrels = dataset.queries(), dataset.qrels()
    check_queries(queries, where=f"dataset {dataset.name!r}")
    place = cache_folder() / "collections" / f"{Path(dataset.name).name}-{dataset.fingerprint[:12]}"
    build_collection(place, dataset, requests, progress=progress)
    with Collection.open(place) as collection:
        warn_of_absent(qrels, collection, where=f"dataset {dataset.name!r}")
        builder = Builder(systems, context={"collection": collection, "corpus": collection}, where=experiment.where)
        tuner = Tuner(builder, dataset, measure=experiment.measures[0])
        tuner.systems()
        evaluations: dict[str, Evaluation] = {}
        latency: dict[str, float] = {}
        notes = {name: list(lines) for name, lines in tuner.notes.items()}
        for done, name in enumerate(systems):
            progress(dataset.name, done, len(systems))
            run, seconds, latency[name] = _timed_run(builder.system(name), queries, experiment.k, dataset)
            notes.setdefault(name, []).append(f"{1000 * seconds / max(1, len(queries)):.2f} ms a query in one batch of {len(queries)}")
            if folder is not None:
                write_run(run, folder / "runs" / f"{name}.trec", tag=name)
            evaluations[name] = evaluate(run, qrels, experiment.measures, min_grade=dataset.protocol.min_grade)
        progress(dataset.name, len(systems), len(systems))
    return make_report(evaluations, dataset=dataset.name, baseline=experiment.baseline, latency_ms=latency, notes=notes)


def macro_average(reports: Sequence[Report]) -> dict[str, object]:
    """The means over datasets, each counting once, in the shape of a report, with every dataset's report under `datasets`."""
    systems = {
        name: {
            "measures": {
                measure: {"mean": statistics.fmean(report.systems[name].measures[measure].interval.mean for report in reports)}
                for measure in reports[0].measures
            }
        }
        for name in reports[0].systems
    }
    return {"systems": systems, "datasets": {report.dataset: report.to_json(per_query=False) for report in reports}}


def _write_json(path: Path, content: object) -> None:
    with replacing(path) as file:
        file.write(json.dumps(content, indent=1).encode())


def _timed_run(retriever: Retriever, queries: Sequence[Query], k: int, dataset: Dataset) -> tuple[Run, float, float]:
    """The run of all queries, its seconds as one batch, and the median milliseconds of a query asked alone."""
    retriever.warm_up()
    extra = int(dataset.protocol.remove_self_hits)
    start = perf_counter()
    run = retriever.retrieve(queries, k=k + extra)
    seconds = perf_counter() - start
    alone = []
    for query in queries[:_TIMED]:
        start = perf_counter()
        retriever.retrieve([query], k=k + extra)
        alone.append(1000 * (perf_counter() - start))
    return (without_self_hits(run).cut(k) if extra else run), seconds, statistics.median(alone) if alone else 0.0


def _writable(output: str | Path) -> Path:
    """The folder for results, made and tried before hours of work go into them."""
    folder = Path(output)
    folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK):
        raise PermissionError(13, "Permission denied", str(folder))
    return folder
