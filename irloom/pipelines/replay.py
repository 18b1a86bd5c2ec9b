"""Replay: an experiment done again from its manifest, and whether every number is the same."""

import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from irloom.core.config import load_yaml
from irloom.core.errors import ConfigError, DataError, ModelError
from irloom.core.files import Progress, no_progress, sha256_of
from irloom.data.named import cache_folder
from irloom.indexing.manifest import read_manifest as read_collection
from irloom.pipelines.cache_store import without_caches
from irloom.pipelines.difference import Change, count_numbers, manifest_changes, named_content, tree_changes
from irloom.pipelines.experiment import Experiment, parse_experiment
from irloom.pipelines.manifest import CONFIG, NAME, Manifest, read_manifest
from irloom.pipelines.running import run_parsed

DECIDING = ("config", "data", "models", "numbers", "files")
"""The groups in which a change makes the replay another experiment; others explain, such as libraries."""


@dataclass(frozen=True, slots=True)
class Replay:
    """What a replay found.

    Attributes:
        changes: all differences, in groups; "files" are those of the folder that are not what its manifest says, and damaged ones of
            the collection.
        numbers: how many were compared.
    """

    changes: tuple[Change, ...]
    numbers: int

    @property
    def same(self) -> bool:
        """Whether nothing that decides the numbers has changed, and every number is the same."""
        return not any(change.group in DECIDING for change in self.changes)

    @property
    def same_numbers(self) -> bool:
        """Whether every number is the same."""
        return not any(change.group == "numbers" for change in self.changes)

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        changes = [change.to_json() for change in self.changes]
        return {"same": self.same, "same_numbers": self.same_numbers, "numbers": self.numbers, "changes": changes}


def replay_experiment(folder: str | Path, *, output: str | Path | None = None, progress: Progress = no_progress) -> Replay:
    """Runs a folder's experiment again, with the configuration that its manifest holds, and compares every number.

    Args:
        folder: what `irloom run` wrote.
        output: where the new folder goes; None for one that goes away.
        progress: called as it goes.

    Raises:
        DataError: there is no manifest, it is broken, or the data are gone.
        ConfigError: the configuration in it cannot be used.
        ModelError: a model is gone.
    """
    root = Path(folder)
    before = read_manifest(root)
    if output is not None and Path(output).resolve() == root.resolve():
        raise ConfigError(f"the replay of {folder} cannot be written over it; name another folder with --output")
    experiment = parse_experiment(before.config, where=str(root / NAME))
    beside = [*_file_changes(root, before), *_config_changes(root, before)]
    with tempfile.TemporaryDirectory(prefix="irloom-replay-") as spare:
        again = Path(output if output is not None else spare)
        with without_caches():
            _run(root, experiment, before, again, diagnosed=output is not None, progress=progress)
        after = read_manifest(again)
    changes = [*beside, *_damage(after), *manifest_changes(before, after), *named_content(root, before, after)]
    order = list(dict.fromkeys(("files", *(change.group for change in changes))))
    return Replay(tuple(sorted(changes, key=lambda change: order.index(change.group))), count_numbers(before))


def _run(root: Path, experiment: Experiment, before: Manifest, again: Path, *, diagnosed: bool, progress: Progress) -> None:
    try:
        run_parsed(experiment, source=before.source, output=again, diagnosed=diagnosed, progress=progress)
    except DataError as error:
        raise DataError(f"{root} cannot be replayed: {error}") from None
    except ConfigError as error:
        raise ConfigError(f"{root} cannot be replayed: {error}") from None
    except ModelError as error:
        raise ModelError(f"{root} cannot be replayed: {error}") from None


def _config_changes(root: Path, before: Manifest) -> Iterator[Change]:
    """The keys in which the YAML beside the manifest, or the one that was run, is no more what the manifest holds."""
    source = Path(str(before.source.get("path", "")))
    for path, held in ((root / CONFIG, before.config), (source, before.source.get("content"))):
        if not path.is_file() or not isinstance(held, Mapping):
            continue
        try:
            found: object = json.loads(json.dumps(load_yaml(path), default=str))
        except (ConfigError, DataError) as error:
            found = f"unreadable: {error}"
        for change in tree_changes("config", held, found):
            yield Change("config", f"{path.name}: {change.key}".removesuffix(": "), change.before, change.after)


def _file_changes(root: Path, before: Manifest) -> Iterator[Change]:
    """The run files and reports of the folder that are not those that the manifest was written for."""
    for name, dataset in before.datasets.items():
        folder = root / name if len(before.datasets) > 1 else root
        for system, held in dataset["systems"].items():
            path = folder / "runs" / f"{system}.trec"
            if path.is_file() and sha256_of(path) != held.get("run_sha256"):
                yield Change("files", path.relative_to(root).as_posix(), held.get("run_sha256"), sha256_of(path))
        path = folder / "report.json"
        if path.is_file():
            yield from _report_changes(path, root, dataset)


def _damage(after: Manifest) -> Iterator[Change]:
    """The files of the collections in the cache that are not what they were when they were written."""
    for dataset in after.datasets.values():
        place = cache_folder() / "collections" / str(dataset["collection"]["place"])
        for line in read_collection(place).damage(place):
            yield Change("files", f"{place}: {line}", "whole", "damaged")


def _report_changes(path: Path, root: Path, dataset: Mapping[str, Any]) -> Iterator[Change]:
    where = path.relative_to(root).as_posix()
    held = {name: system["measures"] for name, system in dataset["systems"].items()}
    try:
        systems = json.loads(path.read_bytes())["systems"]
        found = {name: system["measures"] for name, system in systems.items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        yield Change("files", where, "a report", "unreadable")
        return
    for change in tree_changes("files", held, found):
        yield Change("files", f"{where}: {change.key}", change.before, change.after)
