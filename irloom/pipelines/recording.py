"""From what an experiment did to its manifest."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from irloom.core.config import yaml_text
from irloom.core.files import replacing, sha256_of, short_hash, write_array
from irloom.core.types import Json, Qrels, Query
from irloom.data.dataset import Dataset
from irloom.eval.report import Report
from irloom.indexing.collection import Collection
from irloom.indexing.manifest import NAME as COLLECTION_MANIFEST
from irloom.pipelines.content import documents_items, hash_table, qrels_items, queries_items
from irloom.pipelines.manifest import CONFIG, Manifest
from irloom.pipelines.provenance import code, hardware, libraries
from irloom.pipelines.system_runs import SystemRuns
from irloom.pipelines.usage import EnergyMeter, Stopwatch, peak_memory
from irloom.pipelines.within import model_files, model_name

HASHES = "hashes"
"""The folder of the tables that name a changed document, query or judgment."""


class Recorder:
    """Notes what an experiment uses, costs and finds; its clocks run from the moment that it is made."""

    def __init__(self) -> None:
        self._watch, self._energy = Stopwatch(), EnergyMeter()
        self._code = code()  # as it is when it is loaded, not when long work has ended
        self._models: dict[str, Any] = {}
        self._datasets: dict[str, Any] = {}
        self._seeds: dict[str, Json] = {}

    def add(
        self,
        folder: Path,
        dataset: Dataset,
        collection: Collection,
        ran: SystemRuns,
        report: Report,
        *,
        queries: Sequence[Query],
        qrels: Qrels,
        name: str,
    ) -> None:
        """Notes one dataset, and writes the tables of its hashes.

        Args:
            folder: the dataset's.
            dataset: what was searched.
            collection: that was made of it.
            ran: its systems.
            report: with their numbers.
            queries: that were asked.
            qrels: that were judged by.
            name: of the dataset's folder where there are several.
        """
        self._energy.sample()
        tables = folder / HASHES
        tables.mkdir(parents=True, exist_ok=True)
        write_array(tables / "documents.npy", hash_table(documents_items(collection.documents()), count=len(collection)))
        write_array(tables / "queries.npy", hash_table(queries_items(queries), count=len(queries)))
        write_array(tables / "judgments.npy", hash_table(qrels_items(qrels), count=len(qrels)))
        for model in ran.models:
            self._models.setdefault(_unused(model_name(model), model, self._models), _model(model))
        self._seeds["bootstrap"] = report.seed
        self._datasets[name] = {
            "data": _data(dataset, collection, queries, qrels),
            "collection": _collection(collection),
            "query_ids": list(report.query_ids),
            "systems": {system: _system(folder, system, ran, report) for system in report.systems},
        }

    def manifest(self, config: Mapping[str, Json], source: Mapping[str, Json], means: Mapping[str, Json]) -> Manifest:
        """The manifest of all that was noted."""
        spent, joules = self._watch.read(), self._energy.read()
        energy: dict[str, Json] = {"joules": joules, "note": self._energy.reason or "of the whole machine's processor packages"}
        usage: dict[str, Json] = {"wall_s": spent.wall_s, "cpu_s": spent.cpu_s, "peak_memory_bytes": peak_memory(), "energy": energy}
        return Manifest(
            made=datetime.now(UTC).isoformat(timespec="seconds"),
            source=source,
            config=config,
            code=self._code,
            libraries=libraries(),
            hardware=hardware(),
            seeds=self._seeds,
            usage=usage,
            models=self._models,
            datasets=self._datasets,
            means=means,
        )


def write_config(folder: Path, config: Mapping[str, Json]) -> None:
    """Writes the resolved experiment as a YAML that can be run."""
    head = "# What was run in the end: defaults filled in, numbers in the place of 'tune'. 'irloom replay' compares it with the manifest.\n"
    with replacing(folder / CONFIG) as file:
        file.write((head + yaml_text(config)).encode())


def _data(dataset: Dataset, collection: Collection, queries: Sequence[Query], qrels: Qrels) -> dict[str, Json]:
    place = getattr(dataset, "path", None)
    public = [value for name, value in sorted(vars(dataset).items()) if not name.startswith("_")]
    files = dict.fromkeys(path for path in _paths(public) if path.is_file())
    root = place if isinstance(place, Path) and place.is_dir() else None
    protocol = dataset.protocol
    return {
        "name": dataset.name,
        "place": str(place.absolute()) if isinstance(place, Path) else "",
        "fingerprint": dataset.fingerprint,
        "content_hash": dataset.content_hash,
        "documents": len(collection),
        "queries": len(queries),
        "judgments": sum(map(len, qrels.values())),
        "protocol": {"split": protocol.split, "remove_self_hits": protocol.remove_self_hits, "min_grade": protocol.min_grade},
        "files": {
            (path.relative_to(root).as_posix() if root and path.is_relative_to(root) else path.name): sha256_of(path) for path in files
        },
    }


def _paths(value: object) -> Iterator[Path]:
    """The paths that a dataset's attributes hold, one by one or in lists and mappings."""
    if isinstance(value, Path):
        yield value
    elif isinstance(value, Mapping | list | tuple):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _paths(item)


def _collection(collection: Collection) -> dict[str, Json]:
    parts: dict[str, Json] = {
        name: {
            "kind": part.kind,
            "space": part.space,
            "fingerprint": part.fingerprint,
            "parameters": dict(part.parameters),
            "files": short_hash(
                *(
                    f"{path} {record.sha256}"
                    for path, record in sorted(collection.manifest.files.items())
                    if path.startswith(tuple(f"{folder}/" for folder in part.all_folders))
                )
            ),
        }
        for name, part in sorted(collection.parts.items())
    }
    checksum = sha256_of(collection.root / COLLECTION_MANIFEST)
    return {"checksum": checksum, "place": collection.root.name, "fingerprint": collection.fingerprint, "parts": parts}


def _system(folder: Path, name: str, ran: SystemRuns, report: Report) -> dict[str, Any]:
    run, measures = ran.systems[name], report.to_json()["systems"]
    assert isinstance(measures, Mapping)
    system = measures[name]
    assert isinstance(system, Mapping)
    return {
        "fingerprint": run.fingerprint,
        "run_sha256": sha256_of(folder / "runs" / f"{name}.trec"),
        "wall_s": run.spent.wall_s,
        "cpu_s": run.spent.cpu_s,
        "batch_s": run.batch_s,
        "latency_ms": run.latency_ms,
        "measures": system["measures"],
    }


def _model(model: Any) -> dict[str, Json]:
    folder = getattr(model, "folder", None)
    return {
        "class": type(model).__name__,
        "fingerprint": model.fingerprint,
        "folder": str(folder.absolute()) if isinstance(folder, Path) else "",
        "files": {name: sha256_of(path) for name, path in model_files(model).items()},
    }


def _unused(name: str, model: Any, taken: Mapping[str, Any]) -> str:
    """The model's name; with its fingerprint where another model has it already."""
    if name in taken and taken[name]["fingerprint"] != model.fingerprint:
        return f"{name} ({model.fingerprint})"
    return name
