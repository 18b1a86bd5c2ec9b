"""An experiment as its YAML says it: datasets, named systems, measures, a baseline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast, get_args

from irloom.core.config import check_keys
from irloom.core.errors import BadValue, ConfigError, UnknownName
from irloom.core.types import Filter
from irloom.data.catalogue import expand_dataset
from irloom.eval.bootstrap import Method
from irloom.eval.measures.parse import parse_measure
from irloom.pipelines.comparing import DEFAULT_MEASURES
from irloom.pipelines.resolve import resolved

_KEYS = ("dataset", "systems", "measures", "baseline", "k", "interval", "per_dataset", "where")
_K = 1000


@dataclass(frozen=True, slots=True)
class Experiment:
    """An experiment as its YAML says it.

    Attributes:
        where: the file, for errors.
        datasets: names or paths; the YAML's `dataset` is one of them or a list. A group's name stands for its members.
        systems: name -> stage tree.
        measures: as they are spelt.
        baseline: the system that the others are compared with, or None.
        k: how many documents each system returns.
        interval: how intervals are read off the bootstrap.
        filter: only documents that it allows are found; None for all. The YAML's `where`.
        per_dataset: dataset -> systems that take the place of those of the same name there, such as weights tuned on it.
    """

    where: str
    datasets: tuple[str, ...]
    systems: Mapping[str, Any]
    measures: tuple[str, ...]
    baseline: str | None
    k: int
    interval: Method = "percentile"
    filter: Filter | None = None
    per_dataset: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def systems_of(self, dataset: str) -> dict[str, Any]:
        """The stage trees of one dataset."""
        return {**self.systems, **self.per_dataset.get(dataset, {})}

    def config(self, built: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        """The experiment with nothing left open, in the shape of its YAML.

        Args:
            built: the nodes after tuning, by dataset; what differs between datasets goes into `per_dataset`.
        """
        by_dataset = {
            dataset: {name: resolved(node, nodes.get(name)) for name, node in self.systems_of(dataset).items()}
            for dataset, nodes in built.items()
        }
        nodes = next(iter(by_dataset.values()))
        own = {dataset: {name: node for name, node in systems.items() if node != nodes[name]} for dataset, systems in by_dataset.items()}
        datasets = [str(Path(name).absolute()) if Path(name).exists() else name for name in self.datasets]
        rest = {"measures": list(self.measures), "baseline": self.baseline, "k": self.k, "interval": self.interval}
        narrowed = {"where": self.filter.expression} if self.filter is not None else {}
        differing = {dataset: systems for dataset, systems in own.items() if systems}
        return {"dataset": datasets, "systems": nodes, **rest, **narrowed, **({"per_dataset": differing} if differing else {})}


def parse_experiment(config: Mapping[str, Any], *, where: str) -> Experiment:
    """Checks an experiment that was read already.

    Args:
        config: what the YAML holds.
        where: the file, for errors.

    Raises:
        ConfigError: a key is unknown, missing or of the wrong kind.
    """
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
    if baseline is not None and (not isinstance(baseline, str) or baseline not in systems):
        raise UnknownName("system", str(baseline), systems, where=f"{where}: baseline")
    datasets = config["dataset"] if isinstance(config["dataset"], list) else [config["dataset"]]
    if not datasets or not all(isinstance(dataset, str) for dataset in datasets):
        raise BadValue(f"{where}: dataset", config["dataset"], "a name, a path, or a list of them")
    k = config.get("k", _K)
    if not isinstance(k, int) or isinstance(k, bool) or k < 1:
        raise BadValue(f"{where}: k", k, "a whole number of 1 or more")
    spelt = tuple(_measure(str(measure), where) for measure in measures)
    names = tuple(name for dataset in datasets for name in ([dataset] if Path(dataset).exists() else expand_dataset(dataset)))
    interval = config.get("interval", "percentile")
    if interval not in get_args(Method):
        raise UnknownName("bootstrap interval", str(interval), get_args(Method), where=f"{where}: interval")
    per_dataset = _per_dataset(config.get("per_dataset"), systems, names, where)
    return Experiment(where, names, systems, spelt, baseline, k, interval, _filter(config.get("where"), where), per_dataset)


def folder_name(dataset: str) -> str:
    """What the folder of a dataset is called: the last piece of a path; else the whole name, with `-` for `/`."""
    if Path(dataset).exists():
        return Path(dataset).absolute().name
    return dataset.replace("/", "-").replace(":", "-")


def _per_dataset(value: object, systems: Mapping[str, Any], datasets: Sequence[str], where: str) -> dict[str, dict[str, Any]]:
    place = f"{where}: per_dataset"
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(nodes, dict) for nodes in value.values()):
        raise BadValue(place, value, "a mapping of datasets to systems")
    check_keys(value, [folder_name(dataset) for dataset in datasets], where=place)
    for name, nodes in value.items():
        check_keys(nodes, list(systems), where=f"{place}.{name}")
    return value


def _filter(text: object, where: str) -> Filter | None:
    if text is None:
        return None
    try:
        return Filter(cast(str, text))
    except BadValue as error:
        raise BadValue(f"{where}: where", error.value, error.expected) from None


def _measure(measure: str, where: str) -> str:
    try:
        return str(parse_measure(measure))
    except UnknownName as error:
        raise UnknownName(error.kind, error.name, error.known, where=f"{where}: measures") from None
    except BadValue as error:
        raise BadValue(f"{where}: measures: {error.name}", error.value, error.expected) from None
