"""The manifest of an experiment: all that decides its numbers, what it cost, and every number."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, cast

from irloom.core.errors import DataError
from irloom.core.files import replacing
from irloom.core.types import Json

NAME = "manifest.json"
CONFIG = "experiment.yaml"
FORMAT = "irloom-experiment"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """What `manifest.json` of an experiment's folder holds.

    Attributes:
        made: when it was written, UTC.
        source: the YAML that was run: its path and its content as it was read.
        config: the experiment that was run in the end: every default filled in, numbers in the place of `tune`.
        code: irloom's version, commit, and hashes of its source files.
        libraries: releases by package.
        hardware: processor, cores, memory, accelerator, threads.
        seeds: of whatever draws at random.
        usage: wall and CPU seconds, peak memory, joules.
        models: by name: fingerprint, folder, and the SHA-256 of each file.
        datasets: by name: the hashes of its data and of the collection, and for each system its cost, its run's hash and its numbers.
        means: by system and measure, over several datasets; empty for one.
    """

    made: str
    source: Mapping[str, Json]
    config: Mapping[str, Any]
    code: Mapping[str, Json]
    libraries: Mapping[str, Json]
    hardware: Mapping[str, Json]
    seeds: Mapping[str, Json]
    usage: Mapping[str, Json]
    models: Mapping[str, Any]
    datasets: Mapping[str, Any]
    means: Mapping[str, Json]

    def write(self, folder: Path) -> None:
        """Writes `manifest.json`, whole or not at all."""
        text = json.dumps({"format": FORMAT, "version": VERSION, **asdict(self)}, indent=1)
        with replacing(folder / NAME) as file:
            file.write(text.encode("utf-8", "surrogatepass"))


def read_manifest(folder: str | Path) -> Manifest:
    """The manifest of an experiment's folder.

    Raises:
        DataError: there is none, it is of another version, or it is broken.
    """
    path = Path(folder) / NAME
    if not Path(folder).is_dir():
        raise DataError(f"{folder} is no folder; name the one that 'irloom run' wrote, such as runs/scifact")
    try:
        body = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise DataError(
            f"{folder} has no {NAME}: it was written by an irloom without manifests, or the run did not end; run the experiment again"
        ) from None
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path} is broken: it is not JSON ({error}); run the experiment again") from None
    if not isinstance(body, dict) or body.get("format") != FORMAT:
        raise DataError(f"{path} is not the manifest of an experiment; name the folder that 'irloom run' wrote")
    if body.get("version") != VERSION:
        raise DataError(f"{path} is of version {body.get('version')!r}; this irloom reads version {VERSION}")
    return _parse(path, body)


def _parse(path: Path, body: Mapping[str, Any]) -> Manifest:
    names = [entry.name for entry in fields(Manifest)]
    for name in names:
        kind = str if name == "made" else dict
        if not isinstance(body.get(name), kind):
            raise DataError(f"{path} is broken: {name!r} is missing or of the wrong kind; run the experiment again")
    broken = [f"datasets.{name}" for name, dataset in body["datasets"].items() if not _is_dataset(dataset)]
    broken += [f"models.{name}" for name, model in body["models"].items() if not _holds(model, {"fingerprint": str, "files": dict})]
    if broken:
        raise DataError(f"{path} is broken: {broken[0]} is not whole; run the experiment again")
    return Manifest(**{name: body[name] for name in names})


def _is_dataset(dataset: object) -> bool:
    if not _holds(dataset, {"data": dict, "collection": dict, "systems": dict, "query_ids": list}):
        return False
    assert isinstance(dataset, dict)
    if not _holds(dataset["data"], {"fingerprint": str, "content_hash": str, "documents": int}):
        return False
    systems = dataset["systems"].values()
    return all(
        _holds(system, {"run_sha256": str, "measures": dict}) and all(map(_is_result, system["measures"].values())) for system in systems
    )


def _is_result(result: object) -> bool:
    return isinstance(result, dict) and isinstance(result.get("values", []), list)


def _holds(tree: object, kinds: Mapping[str, type]) -> bool:
    return isinstance(tree, dict) and all(isinstance(tree.get(name), kind) for name, kind in kinds.items())


def leaves(tree: object, prefix: str = "") -> Iterator[tuple[str, Json]]:
    """The plain values of a tree by their dotted keys; a list of plain values is one value.

    >>> list(leaves({"a": {"b": 1}, "c": [1, 2], "d": [{"e": None}]}))
    [('a.b', 1), ('c', [1, 2]), ('d[0].e', None)]
    """
    if isinstance(tree, Mapping) and tree:
        for key, value in tree.items():
            yield from leaves(value, f"{prefix}.{key}" if prefix else str(key))
    elif isinstance(tree, list | tuple) and any(isinstance(item, Mapping | list | tuple) for item in tree):
        for place, item in enumerate(tree):
            yield from leaves(item, f"{prefix}[{place}]")
    else:
        yield prefix, cast(Json, list(tree) if isinstance(tree, tuple) else tree)
