"""An experiment's nodes with nothing left open: every default filled in, numbers in the place of `tune`, whole paths."""

import inspect
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from irloom.core.config import single
from irloom.core.registry import KINDS, find, table

_GIVEN = ("collection", "corpus", "part")
"""What the experiment gives a constructor by itself."""

_KINDS_OF = {"reranker": ("reranker",), "encoder": ("encoder",), "scorer": ("scorer",), "model": ("scorer", "encoder", "generator")}
"""The tables that an argument's stage may be of, where its name says it; some names stand in several tables."""

_SHORT = {
    ("retriever", "dense", "encoder"): "dense_encoder",
    ("reranker", "maxsim", "encoder"): "dense_encoder",
    ("reranker", "cross_encoder", "model"): "cross_encoder",
}
"""What a name alone means as an argument of a stage."""

_PLAIN = (str, int, float, bool, type(None))


def resolved(node: Any, built: Any = None, *, kinds: Sequence[str] = ("retriever",)) -> Any:
    """The node as it was run.

    Args:
        node: a stage as the YAML says it, or a list of stages.
        built: the same node after tuning, whose plain values count; None where there is none.
        kinds: which tables of the registry may have the stage's name, the likeliest first.
    """
    if isinstance(node, list):
        later = built if isinstance(built, list) and len(built) == len(node) else [None] * len(node)
        places = [kinds, *[("reranker",)] * len(node)]
        return [resolved(item, found, kinds=each) for item, found, each in zip(node, later, places, strict=False)]
    if isinstance(node, str) and tuple(kinds) == ("reranker",) and node in table("reranker"):
        node = {node: {}}
    kind = _kind(node, kinds)
    if kind is None:
        return _plain(node, built)
    name, arguments = single(node, where="")
    after = built.get(name) if isinstance(built, Mapping) else None
    known = _parameters(kind, name)
    if isinstance(after, Mapping):  # what only tuning reads has done its work
        arguments = {key: value for key, value in arguments.items() if key in after or key in known or key == "analyzer"}
    filled = {**_defaults(kind, name), **arguments}
    spelt = {key: _spelt((kind, name, key), value) for key, value in filled.items()}
    return {name: {key: _argument(key, value, after.get(key) if isinstance(after, Mapping) else None) for key, value in spelt.items()}}


def own_settings(kind: str, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that are not the defaults, paths whole; all of them where no table has the name."""
    defaults = _defaults(kind, name) if name in table(kind) else {}
    arguments = {key: whole_path(value) for key, value in arguments.items()}
    return {key: value for key, value in arguments.items() if key not in defaults or defaults[key] != value}


def whole_path(value: Any) -> Any:
    """A text that leads to a file or folder as its absolute path; anything else as it is."""
    if isinstance(value, str) and value and (os.sep in value or value.startswith(".")) and Path(value).exists():
        return str(Path(value).absolute())
    return value


def _spelt(place: tuple[str, str, str], value: Any) -> Any:
    """A model that is named only, as the node that an experiment or the stage makes of it."""
    kind = _SHORT.get(place)
    return {kind: {"model": value}} if kind is not None and isinstance(value, str) else value


def _argument(key: str, value: Any, after: Any) -> Any:
    kinds = _KINDS_OF.get(key, KINDS)
    if isinstance(value, list):
        later = after if isinstance(after, list | tuple) and len(after) == len(value) else [None] * len(value)
        return [resolved(item, found, kinds=kinds) for item, found in zip(value, later, strict=True)]
    return resolved(value, after, kinds=kinds)


def _kind(node: Any, kinds: Sequence[str]) -> str | None:
    if not isinstance(node, dict) or len(node) != 1:
        return None
    return next((kind for kind in kinds if next(iter(node)) in table(kind)), None)


def _plain(value: Any, after: Any) -> Any:
    """What tuning put in the value's place, else the value."""
    if isinstance(after, list | tuple) and all(isinstance(item, _PLAIN) for item in after):
        return list(after)
    return whole_path(after if isinstance(after, _PLAIN) and after is not None else value)


def _parameters(kind: str, name: str) -> Mapping[str, inspect.Parameter]:
    return inspect.signature(find(kind, name).load()).parameters


def _defaults(kind: str, name: str) -> dict[str, Any]:
    found = {
        key: _as_yaml(parameter.default)
        for key, parameter in _parameters(kind, name).items()
        if key not in _GIVEN and parameter.default is not parameter.empty and parameter.kind is not parameter.VAR_KEYWORD
    }
    return {**({"analyzer": "english"} if (kind, name) == ("retriever", "bm25") else {}), **found}


def _as_yaml(default: Any) -> Any:
    """A default as YAML would hold it."""
    if isinstance(default, Mapping):
        return dict(default)
    return list(default) if isinstance(default, tuple) else default
