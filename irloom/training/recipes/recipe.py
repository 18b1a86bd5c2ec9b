"""A recipe of a small list-wise reranker: what its YAML may say."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from random import Random
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from irloom.core.config import check_keys, load_yaml
from irloom.core.errors import BadValue, ConfigError, UnknownName
from irloom.training.loop import Optimiser
from irloom.training.objective import LOSSES
from irloom.training.samplers.lists import MOST, ListSettings

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Shape:
    """A decoder of Llama's kind.

    Attributes:
        dim: width of the residual stream.
        layers: how many, 2 or more.
        heads: attention heads of each; they share `dim`.
        inner: width inside the feed-forward layers.
        context: tokens of a prompt at most.
        vocabulary: word pieces that are kept for their count.
        theta: base of the rotary positions.
        match: keys of the second layer start as its queries' projections, both orthogonal and times this, so that its heads begin by
            looking at equal words; 0 for random ones.
        quiet: what layers add starts as this share of a usual random start, so that words reach the later layers unchanged.
        copy: outputs start as the transposed values' times this, in all layers but the first; 0 for random ones.
    """

    dim: int = 192
    layers: int = 3
    heads: int = 6
    inner: int = 384
    context: int = 2048
    vocabulary: int = 10_000
    theta: float = 100_000.0
    match: float = 1.0
    quiet: float = 0.05
    copy: float = 0.3

    def __post_init__(self) -> None:
        for name, least in (("dim", 2), ("layers", 2), ("heads", 1), ("inner", 1), ("context", 64), ("vocabulary", 0)):
            if getattr(self, name) < least:
                raise BadValue(f"model.{name}", getattr(self, name), f"{least} or more")
        if self.dim % (2 * self.heads):
            raise BadValue("model.dim", self.dim, f"a multiple of twice the heads, {2 * self.heads}")


@dataclass(frozen=True, slots=True)
class Stage:
    """Some steps with the same losses.

    Attributes:
        name: how progress calls it.
        steps: how many.
        documents: documents of a list at its beginning and at its end; between them the number grows.
        losses: weights by name, see `objective.Objective`.
        shorter: the share of batches whose lists have fewer documents than their step says, from the fewest of the stage on.
        ordered: the share of batches in which each query's whole order is trained, by the similarities of the model that the word pieces
            come from.
        queries: of each list of such a batch at most, since every query has a whole order for an answer.
    """

    name: str
    steps: int
    documents: tuple[int, int]
    losses: Mapping[str, float]
    shorter: float = 0.0
    ordered: float = 0.0
    queries: int = 4

    def __post_init__(self) -> None:
        if self.steps < 1:
            raise BadValue(f"stage {self.name!r}: steps", self.steps, "1 or more")
        if not 2 <= min(self.documents) <= max(self.documents) <= MOST:
            raise BadValue(f"stage {self.name!r}: documents", list(self.documents), f"two numbers from 2 to {MOST}")
        for share in ("shorter", "ordered"):
            if not 0 <= getattr(self, share) <= 1:
                raise BadValue(f"stage {self.name!r}: {share}", getattr(self, share), "a share from 0 to 1")
        if self.queries < 1:
            raise BadValue(f"stage {self.name!r}: queries", self.queries, "1 or more")
        for name in self.losses:
            if name not in LOSSES:
                raise UnknownName("loss", name, LOSSES, where=f"stage {self.name!r}")

    def size(self, step: int, rng: Random) -> int:
        """Documents of a list at a step of the stage, counted from 0; `rng` decides where some lists are shorter."""
        first, last = self.documents
        longest = first + round((last - first) * step / max(1, self.steps - 1))
        return rng.randint(min(first, last), longest) if rng.random() < self.shorter else longest


@dataclass(frozen=True, slots=True)
class Recipe:
    """A whole training.

    Attributes:
        name: of the model, and of its folder.
        stages: one or more, in order.
        datasets: collections by name with their shares of the lists.
        split: whose judgments are trained on.
        held_out: splits by dataset whose queries are never trained on, by their texts, in whatever collection they occur.
        source: the model that word pieces, their vectors and similarities come from.
        model: its shape.
        lists: how lists are drawn.
        optimiser: how weights are changed.
        candidates: how many documents BM25 finds for each query.
        batch: documents of a part of a step; a step has `optimiser.threads` parts.
        query_tokens: tokens of a query at most.
        seed: of everything that is drawn.
    """

    name: str
    stages: tuple[Stage, ...]
    datasets: Mapping[str, float]
    split: str = "train"
    held_out: Mapping[str, str] = field(default_factory=dict)
    source: str = "minilm"
    model: Shape = field(default_factory=Shape)
    lists: ListSettings = field(default_factory=ListSettings)
    optimiser: Optimiser = field(default_factory=Optimiser)
    candidates: int = 50
    batch: int = 40
    query_tokens: int = 28
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.name or "/" in self.name or self.name.startswith("."):
            raise BadValue("name", self.name, "a name that can be a folder's")
        if not self.stages or not self.datasets:
            raise ConfigError("a recipe needs one stage and one dataset at least")
        for name, least in (("candidates", 2), ("batch", 2), ("query_tokens", 1)):
            if getattr(self, name) < least:
                raise BadValue(name, getattr(self, name), f"{least} or more")

    @property
    def steps(self) -> int:
        """Of all stages."""
        return sum(stage.steps for stage in self.stages)

    def stage(self, step: int) -> tuple[Stage, int]:
        """The stage of a step, and the step's number in it, both counted from 0."""
        for stage in self.stages:
            if step < stage.steps:
                return stage, step
            step -= stage.steps
        raise BadValue("step", step, f"below {self.steps}")

    @property
    def key(self) -> str:
        """A hash of all that decides the weights, in hex; how often checkpoints are written does not."""
        told = asdict(self)
        told["optimiser"].pop("every")
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def read_recipe(path: str | Path) -> Recipe:
    """A recipe from its YAML.

    Raises:
        BadLine: the file is not YAML.
        ConfigError: a key is unknown or missing, or a value is of another kind or out of its range.
    """
    return parse_recipe(load_yaml(path), where=str(path))


def parse_recipe(config: Mapping[str, Any], *, where: str) -> Recipe:
    """Checks a recipe that was read already.

    Args:
        config: what the YAML holds.
        where: the file, for errors.

    Raises:
        ConfigError: a key is unknown or missing, or a value is of another kind or out of its range.
    """
    check_keys(config, [one.name for one in fields(Recipe)], required=("name", "stages", "datasets"), where=where)
    parts: dict[str, Any] = dict(config)
    stages = config["stages"]
    if not isinstance(stages, list):
        raise BadValue(f"{where}: stages", stages, "a list of mappings")
    parts["stages"] = tuple(_made(Stage, stage, f"{where}: stages[{number}]") for number, stage in enumerate(stages))
    for name, kind in (("model", Shape), ("lists", ListSettings), ("optimiser", Optimiser)):
        if name in config:
            parts[name] = _made(kind, config[name], f"{where}: {name}")
    return _made(Recipe, parts, where)


def _made(kind: type[T], value: object, where: str) -> T:
    """A frozen record from a mapping, with each value's kind checked."""
    if not isinstance(value, Mapping):
        raise BadValue(where, value, "a mapping")
    known = {one.name: one for one in fields(kind)}  # type: ignore[arg-type]
    required = [name for name, one in known.items() if one.default is one.default_factory]  # both are MISSING
    check_keys(value, list(known), required=required, where=where)
    hints = get_type_hints(kind)
    return kind(**{name: _value(one, hints[name], f"{where}: {name}") for name, one in value.items()})


def _value(value: Any, hint: Any, where: str) -> Any:
    origin = get_origin(hint) or hint
    if origin is tuple and isinstance(value, Sequence) and not isinstance(value, str):
        kinds = [kind for kind in get_args(hint) if kind is not Ellipsis]
        if kinds[0] is int and (len(value) != len(kinds) or any(type(one) is not int for one in value)):
            raise BadValue(where, value, f"{len(kinds)} whole numbers")
        return tuple(value)
    if origin is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    expected = (
        Mapping
        if origin not in (bool, int, float, str, tuple) and not isinstance(origin, UnionType) and isinstance(value, Mapping)
        else origin
    )
    if isinstance(value, bool) is not (hint is bool) or not isinstance(value, expected):
        raise BadValue(where, value, getattr(hint, "__name__", str(hint)))
    return value
