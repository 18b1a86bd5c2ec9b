"""YAML to stages through the registry. A stage is one registry name with its constructor's arguments:

    bm25: {k1: 0.9}                       a stage
    [bm25, {maxsim: {depth: 50}}]         a list reads as >>
    first                                 a bare string names another system

An unknown key is an error that names the place and the nearest one that would do.
"""

import inspect
import re
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import yaml

from irloom.core.contracts import Encoder, Generator, Scorer
from irloom.core.errors import BadLine, BadValue, ConfigError, UnknownName
from irloom.core.registry import find, table
from irloom.core.stage import Reranker, Retriever

_SIMPLE = (str, int, float, bool)
_PROTOCOLS: Mapping[str, Any] = {"encoder": Encoder, "scorer": Scorer, "generator": Generator}
"""The kinds of models, and what each promises."""


class _UniqueKeys(yaml.SafeLoader):
    """A loader that refuses a key that stands twice in one mapping."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                raise yaml.constructor.ConstructorError(None, None, f"the key {key!r} is no plain value", key_node.start_mark)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"the key {key!r} occurs twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


class _Quoting(yaml.SafeDumper):
    """A dumper that quotes each text which the loader would take for a number."""


for _one in (_UniqueKeys, _Quoting):  # 1e-3 is a number in YAML 1.2, and a text in the 1.1 that the parser knows
    _one.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"[-+]?\d+(\.\d*)?[eE][-+]?\d{1,3}$", re.ASCII), [*"-+0123456789"])


def load_yaml(path: str | Path) -> dict[str, Any]:
    """A YAML file that holds a mapping.

    Raises:
        BadLine: it is not YAML, with the line.
        ConfigError: it cannot be read or is not a mapping.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise BadLine(path, 1, f"not UTF-8 ({error.reason} at byte {error.start})") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from None
    try:
        content = yaml.load(text, Loader=_UniqueKeys)  # noqa: S506 (a subclass of SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise BadLine(path, mark.line + 1 if mark else 1, error.problem or "not YAML") from None
    except yaml.YAMLError as error:
        raise BadLine(path, 1, f"not YAML ({error})") from None
    except (ValueError, RecursionError) as error:  # a date that does not exist, a number of 5,000 digits, a thousand brackets
        raise ConfigError(f"{path}: a value cannot be read ({error})") from None
    if not isinstance(content, dict):
        raise ConfigError(f"{path}: expected a mapping of keys to values, found {type(content).__name__}")
    _check_finite(content, (), path)
    return content


def yaml_text(content: Mapping[str, Any]) -> str:
    """A mapping as YAML that `load_yaml` reads again as it was."""
    return yaml.dump(content, Dumper=_Quoting, sort_keys=False, allow_unicode=True, width=120)


def yaml_value(text: str, *, where: str) -> Any:
    """One value as YAML spells it, such as that of an option.

    Raises:
        BadValue: it is not YAML, or a mapping in it has a key twice.
    """
    try:
        value = yaml.load(text, Loader=_UniqueKeys)  # noqa: S506 (a subclass of SafeLoader)
        _check_finite(value, (), where)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        problem = getattr(error, "problem", None) or (str(error).splitlines() or [""])[0]
        raise BadValue(where, text, f"a value as YAML spells it ({problem})") from None
    return value


def _check_finite(value: object, around: tuple[int, ...], path: str | Path) -> None:
    if not isinstance(value, dict | list):
        return
    if id(value) in around:
        raise ConfigError(f"{path}: an alias (*) stands inside of what it names, which would never end")
    for inner in value.values() if isinstance(value, dict) else value:
        _check_finite(inner, (*around, id(value)), path)


def check_keys(found: Mapping[str, object], known: Sequence[str], *, required: Sequence[str] = (), where: str) -> None:
    """Refuses keys that are not known and asks for those that are missing.

    Raises:
        UnknownName: a key is not known.
        ConfigError: a required one is missing.
    """
    for key in found:
        if key not in known:
            raise UnknownName("key", str(key), known, where=where)
    for key in required:
        if key not in found:
            raise ConfigError(f"{where}: the key {key!r} is missing; it needs {', '.join(required)}")


class Builder:
    """Builds stages out of nodes.

    Args:
        systems: the named nodes that a bare string may refer to.
        context: what is given to each constructor that asks for it by name, such as `collection` and `corpus`.
        where: the place that errors name, such as the file.
    """

    def __init__(self, systems: Mapping[str, Any], *, context: Mapping[str, object], where: str) -> None:
        self.systems, self.context, self.where = dict(systems), context, where
        self._built: dict[str, Retriever] = {}
        self._open: list[str] = []

    def system(self, name: str) -> Retriever:
        """The system of that name, built once.

        Raises:
            UnknownName: no system is called so.
            ConfigError: systems that name each other in a circle.
        """
        if name not in self.systems:
            raise UnknownName("system", name, self.systems, where=f"{self.where}: {'.'.join(['systems', *self._open[-1:]])}")
        if name in self._open:
            raise ConfigError(f"{self.where}: systems name each other in a circle: {' -> '.join([*self._open, name])}")
        if name not in self._built:
            self._open.append(name)
            try:
                self._built[name] = self.retriever(self.systems[name], where=f"systems.{name}")
            finally:
                self._open.pop()
        return self._built[name]

    def retriever(self, node: Any, *, where: str) -> Retriever:
        """The retriever that a node describes."""
        if isinstance(node, str):
            return self.system(node)
        if isinstance(node, list):
            if not node:
                raise BadValue(f"{self.where}: {where}", node, "at least one stage")
            stage = self.retriever(node[0], where=f"{where}[0]")
            for place, later in enumerate(node[1:], start=1):
                stage = stage >> self.reranker(later, where=f"{where}[{place}]")
            return stage
        built = self._component("retriever", node, where)
        if not isinstance(built, Retriever):
            raise BadValue(f"{self.where}: {where}", node, "a retriever")
        return built

    def encoder(self, node: Any, *, where: str) -> Any:
        """The encoder that a node such as `{dense_encoder: {model: minilm}}` describes."""
        return self._component("encoder", node, where)

    def generator(self, node: Any, *, where: str) -> Any:
        """The generator that a node such as `{openai_chat: {model: gpt-4o}}` describes."""
        return self._component("generator", node, where)

    def reranker(self, node: Any, *, where: str) -> Reranker:
        """The reranker that a node describes; a bare string is its registry name."""
        built = self._component("reranker", {node: {}} if isinstance(node, str) else node, where)
        if not isinstance(built, Reranker):
            raise BadValue(f"{self.where}: {where}", node, "a reranker")
        return built

    def _component(self, kind: str, node: Any, where: str) -> Any:
        place = f"{self.where}: {where}"
        name, arguments = single(node, where=place)
        return self._construct(find(kind, name, where=place).load(), arguments, where=f"{where}.{name}")

    def _construct(self, cls: type[Any], arguments: Mapping[str, Any], *, where: str) -> Any:
        place = f"{self.where}: {where}"
        parameters = {name: value for name, value in inspect.signature(cls).parameters.items() if value.kind is not value.VAR_KEYWORD}
        given = {name: value for name, value in self.context.items() if name in parameters}
        hints = get_type_hints(cls.__init__)
        own = [name for name in parameters if name not in given]
        check_keys(arguments, own, where=place)
        for name, value in arguments.items():
            given[name] = self._argument(value, hints.get(name, Any), f"{where}.{name}")
        for name, parameter in parameters.items():
            if name not in given and parameter.default is parameter.empty:
                raise ConfigError(f"{place}: the argument {name!r} is missing")
        try:
            return cls(**given)
        except BadValue as error:
            raise BadValue(f"{place}.{error.name}", error.value, error.expected) from None
        except UnknownName as error:
            raise UnknownName(error.kind, error.name, error.known, where=place) from None

    def _argument(self, value: Any, hint: Any, where: str) -> Any:
        members = _members(hint)
        if any(_is_stage(member, Retriever) for member in members) and isinstance(value, str | list | dict):
            return self.retriever(value, where=where)
        if any(_is_stage(member, Reranker) for member in members) and isinstance(value, str | dict):
            return self.reranker(value, where=where)
        inner = next((get_args(member)[0] for member in members if _is_sequence(member)), None)
        if isinstance(value, str) and inner is not None and str not in members:
            raise BadValue(f"{self.where}: {where}", value, f"a list, such as [{value}]")
        if isinstance(value, list) and inner is not None:
            return tuple(self._argument(item, inner, f"{where}[{place}]") for place, item in enumerate(value))
        if isinstance(value, dict) and len(value) == 1:
            kind = _kind_of(str(next(iter(value))), members)
            if kind is not None:
                return self._component(kind, value, where)
            known = [name for kind, protocol in _PROTOCOLS.items() if protocol in map(_base, members) for name in table(kind)]
            known = known or [name for kind in _PROTOCOLS for name in table(kind) if _kind_of(name, members) is not None]
            if known:
                raise UnknownName("model", str(next(iter(value))), known, where=f"{self.where}: {where}")
        return _check_simple(value, members, f"{self.where}: {where}")


def single(node: Any, *, where: str) -> tuple[str, Mapping[str, Any]]:
    """The one name of a node and its arguments.

    Raises:
        ConfigError: the node is not a mapping of one name to its arguments.
    """
    if not isinstance(node, dict) or len(node) != 1:
        raise ConfigError(f"{where}: expected one registry name with its arguments, such as {{bm25: {{k1: 0.9}}}}; found {node!r}")
    ((name, arguments),) = node.items()
    if arguments is not None and not isinstance(arguments, dict):
        raise ConfigError(f"{where}: the arguments of {name!r} are {arguments!r}; expected a mapping such as {{k1: 0.9}}")
    return str(name), arguments or {}


def _members(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


def _is_stage(hint: Any, base: type) -> bool:
    return inspect.isclass(hint) and issubclass(hint, base)


def _is_sequence(hint: Any) -> bool:
    origin = get_origin(hint)
    return inspect.isclass(origin) and issubclass(origin, Sequence) and bool(get_args(hint))


def _base(hint: Any) -> Any:
    return get_origin(hint) or hint


def _kind_of(name: str, members: Sequence[Any]) -> str | None:
    """The table whose entry of that name can be one of an annotation's members; None where there is none."""
    bases = [_base(member) for member in members]
    protocols = [base for base in bases if getattr(base, "_is_protocol", False)]
    classes = tuple(base for base in bases if inspect.isclass(base) and base not in (*_SIMPLE, NoneType) and base not in protocols)
    kinds = [kind for kind in _PROTOCOLS if name in table(kind)]
    exact = [kind for kind in kinds if _PROTOCOLS[kind] in protocols or (classes and issubclass(find(kind, name).load(), classes))]
    return next(iter([*exact, *(kinds if protocols else [])]), None)


def _check_simple(value: Any, members: Sequence[Any], where: str) -> Any:
    """A plain value that one of the annotation's members admits; whole numbers pass where fractions do, built objects pass as they are."""
    if not isinstance(value, (*_SIMPLE, NoneType, list, dict)):
        return value
    literals = [choice for member in members if get_origin(member) is Literal for choice in get_args(member)]
    if literals and isinstance(value, str) and str not in members:
        if value not in literals:
            raise UnknownName("value", value, map(str, literals), where=where)
        return value
    if isinstance(value, dict) and any(_base(member) in (dict, Mapping) for member in members):
        return value
    plain = [member for member in members if member in (*_SIMPLE, NoneType)]
    if not plain or (value is None and NoneType in plain) or any(_is_of(value, member) for member in plain):
        return value
    told = [_base(member) for member in (members if plain == [NoneType] else plain)]
    raise BadValue(where, value, " or ".join("none" if member is NoneType else member.__name__ for member in told))


def _is_of(value: Any, kind: type) -> bool:
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, int | float) if kind is float else isinstance(value, kind)
