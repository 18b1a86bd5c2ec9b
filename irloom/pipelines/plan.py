"""What an experiment's systems need of the collection, read off their nodes before anything is built.

`bm25: {analyzer: code}` asks for a BM25 part of that analysis; `encoder: MODEL` of `dense` and `maxsim` for a part of
that model's vectors, with token vectors where `maxsim` reads it. The nodes come back with the part's name in them.
"""

import inspect
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from irloom.core.config import Builder, check_keys, single
from irloom.core.errors import BadValue, ConfigError, UnknownName
from irloom.core.files import short_hash
from irloom.core.registry import find, table
from irloom.pipelines.build import PartRequest, bm25_request, dense_name, dense_request
from irloom.pipelines.resolve import own_settings

_WITH_PARTS = {"bm25": "retriever", "dense": "retriever", "maxsim": "reranker"}
"""The stages that read a part of the collection, and their kind."""


@dataclass(slots=True)
class Plan:
    """The parts that a set of nodes needs; each encoder is made once, whoever names it.

    Attributes:
        where: the place that errors name.
        analyzers: the analyses of BM25 parts.
        encoders: part name -> the encoder of a dense part.
        with_tokens: the dense parts that keep token vectors.
    """

    where: str
    analyzers: set[str] = field(default_factory=set)
    encoders: dict[str, Any] = field(default_factory=dict)
    with_tokens: set[str] = field(default_factory=set)
    _told: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)

    def node(self, node: Any, *, where: str) -> Any:
        """The node with parts filled in, its needs noted."""
        if isinstance(node, list):
            return [self.node(item, where=f"{where}[{place}]") for place, item in enumerate(node)]
        if not isinstance(node, dict) or len(node) != 1 or not self._is_stage(next(iter(node))):
            return node
        name, arguments = single(node, where=f"{self.where}: {where}")
        inner = {key: self.node(value, where=f"{where}.{name}.{key}") for key, value in arguments.items()}
        if name in _WITH_PARTS:
            _check_arguments(name, inner, where=f"{self.where}: {where}.{name}")
        if name == "bm25":
            return {name: self._bm25(inner, where=f"{self.where}: {where}.bm25")}
        if name in ("dense", "maxsim") and "encoder" in inner:
            return {name: self._dense(inner, tokens=name == "maxsim", where=f"{where}.{name}.encoder")}
        if name == "dense":
            raise ConfigError(f"{self.where}: {where}.dense: the argument 'encoder' is missing, such as 'encoder: minilm'")
        return {name: inner}

    def requests(self) -> list[PartRequest]:
        """The parts, in a fixed order."""
        parts = [bm25_request(analyzer) for analyzer in sorted(self.analyzers)]
        return [*parts, *(dense_request(encoder, name, tokens=name in self.with_tokens) for name, encoder in sorted(self.encoders.items()))]

    def _is_stage(self, name: object) -> bool:
        return name in table("retriever") or name in table("reranker")

    def _bm25(self, arguments: Mapping[str, Any], *, where: str) -> dict[str, Any]:
        rest = dict(arguments)
        analyzer = str(rest.pop("analyzer", "english"))
        try:
            part = bm25_request(analyzer).name
        except UnknownName as error:
            raise UnknownName(error.kind, error.name, error.known, where=where) from None
        self.analyzers.add(analyzer)
        return {**rest, "part": part}

    def _dense(self, arguments: Mapping[str, Any], *, tokens: bool, where: str) -> dict[str, Any]:
        encoder = arguments["encoder"]
        kind, own = single({"dense_encoder": {"model": encoder}} if isinstance(encoder, str) else encoder, where=f"{self.where}: {where}")
        name = dense_name(str(own.get("model", kind)))
        told = own_settings("encoder", kind, own)
        if set(told) != {"model"}:
            name += "-" + short_hash(json.dumps({kind: told}, sort_keys=True))[:6]
        if self._told.setdefault(name, (kind, told)) != (kind, told):  # another folder of the same name
            name += "-" + short_hash(json.dumps({kind: told}, sort_keys=True))[:6]
            self._told[name] = (kind, told)
        if name not in self.encoders:
            self.encoders[name] = Builder({}, context={}, where=self.where).encoder({kind: own}, where=where)
        if tokens:
            self.with_tokens.add(name)
        return {**arguments, "encoder": self.encoders[name], "part": name}


def _check_arguments(name: str, arguments: Mapping[str, Any], *, where: str) -> None:
    """Refuses a key that a stage over a part does not have in an experiment, where `analyzer` or `encoder` stand for the part."""
    if "part" in arguments:
        raise BadValue(f"{where}.part", arguments["part"], "no part: an experiment makes its own, after 'analyzer' and 'encoder'")
    own = inspect.signature(find(_WITH_PARTS[name], name, where=where).load()).parameters
    known = {key for key in own if key not in ("collection", "corpus", "part")} | ({"analyzer"} if name == "bm25" else set())
    check_keys(arguments, sorted(known), where=where)
