"""The exception tree. Every error that irloom raises on purpose descends from IrloomError.

    IrloomError
      ConfigError        UnknownName, BadValue <- BadFilter
      DataError          BadLine, UnknownDocument, DuplicateDocument
      CollectionError    NotACollection, FormatMismatch, SpaceMismatch, Corrupt, Locked
      MissingExtra
      ModelError         BadGeneration, NotANumber, ShapeMismatch, EndpointError, SpendLimit

The text of an error says what was asked, what was found and what to do; the values travel as attributes.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

_LONGEST = 200
"""Characters of a value that an error repeats."""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that looks most like `name`, or None when none is close."""
    names = {known_name.lower(): known_name for known_name in known}
    matches = get_close_matches(name.lower(), names, n=1, cutoff=0.5)
    return names[matches[0]] if matches else None


def shortened(text: str) -> str:
    """The text, or its beginning where it would fill a screen."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}... ({len(text):,} characters)"


class IrloomError(Exception):
    """The root of the tree: `except IrloomError` catches all that irloom raises on purpose."""


class ConfigError(IrloomError):
    """A configuration or an argument that cannot be used."""


class UnknownName(ConfigError):
    """A name that no table has, with the nearest one that it does have."""

    def __init__(self, kind: str, name: str, known: Iterable[str], *, where: str = "") -> None:
        self.kind, self.name, self.known = kind, name, sorted(set(known))
        self.suggestion = nearest(name, self.known)
        place = f"{where}: " if where else ""
        listed = ", ".join(self.known) if self.known else "none"
        hint = f" Did you mean {self.suggestion!r}?" if self.suggestion else ""
        super().__init__(f"{place}unknown {kind} {shortened(repr(name))}; known: {listed}.{hint}")


class BadValue(ConfigError):
    """A value out of its range or of the wrong type."""

    def __init__(self, name: str, value: object, expected: str) -> None:
        self.name, self.value, self.expected = name, value, expected
        super().__init__(f"{name} is {shortened(repr(value))}; expected {expected}")


class BadFilter(BadValue):
    """A filter whose text cannot be read; `place` is the character, counted from 1, where something else was expected."""

    def __init__(self, expression: str, expected: str, *, place: int, found: str) -> None:
        self.place, self.found = place, found
        stands = f"found {shortened(repr(found))}" if found else "where it ends"
        super().__init__("filter", expression, f"{expected} at character {place}, {stands}")


class DataError(IrloomError):
    """Data that cannot be read or does not hold together."""


class BadLine(DataError):
    """A line of a file that cannot be read."""

    def __init__(self, path: str | Path, line: int, problem: str) -> None:
        self.path, self.line, self.problem = Path(path), line, problem
        super().__init__(f"{path} line {line}: {problem}")


class UnknownDocument(DataError):
    """A document id that the corpus does not have."""

    def __init__(self, doc_id: str, *, where: str = "the corpus", advice: str = "was the run made on another collection?") -> None:
        self.doc_id = doc_id
        super().__init__(f"document {doc_id!r} is not in {where}; {advice}")


class DuplicateDocument(DataError):
    """A document id that occurs twice where it may occur once."""

    def __init__(self, doc_id: str, *, where: str, found: str = "occurs twice; ids must be unique") -> None:
        self.doc_id, self.where = doc_id, where
        super().__init__(f"{where}: document {doc_id!r} {found}")


class CollectionError(IrloomError):
    """A collection on disk that cannot be used as asked."""


class NotACollection(CollectionError):
    """A path that holds no collection."""

    def __init__(self, path: str | Path, found: str, *, advice: str = "") -> None:
        self.path = Path(path)
        advice = advice or f"make one with 'irloom index bm25 --output {path} --dataset ...'"
        super().__init__(f"{path} is not a collection: {found}; {advice}")


class FormatMismatch(CollectionError):
    """A collection written by a version of the format that this one cannot read."""


class SpaceMismatch(CollectionError):
    """An encoder whose vectors cannot be compared with those of the part."""

    def __init__(self, part: str, *, asked: str, found: str) -> None:
        self.part, self.asked, self.found = part, asked, found
        super().__init__(
            f"part {part!r} holds vectors of the space {found!r}, and the encoder makes {asked!r}; "
            "open it with the encoder that built it, or index the documents again with this one"
        )


class Corrupt(CollectionError):
    """A file of a collection that is missing, truncated or changed."""

    def __init__(self, path: str | Path, problem: str) -> None:
        self.path, self.problem = Path(path), problem
        super().__init__(f"{path}: {problem}; restore it from a copy, or index the documents again")


class Locked(CollectionError):
    """Another process is writing to the collection."""


class MissingExtra(IrloomError):
    """An optional package that is not installed, with the extra that brings it."""

    def __init__(self, package: str, *, extra: str, purpose: str = "this") -> None:
        self.package, self.extra = package, extra
        super().__init__(f"{purpose} needs the package {package!r}, which is not installed; run: pip install 'irloom[{extra}]'")


class ModelError(IrloomError):
    """A model that cannot be loaded or does not answer as it must."""


class BadGeneration(ModelError):
    """Generated text that cannot be read as what was asked for."""


class NotANumber(ModelError):
    """Numbers of a model that are NaN: its weights overflow or are damaged."""


class ShapeMismatch(ModelError):
    """An array whose shape is not the one that the contract gives."""

    def __init__(self, name: str, *, expected: str, found: tuple[int, ...]) -> None:
        self.name, self.expected, self.found = name, expected, found
        super().__init__(f"{name} has the shape {found}; expected {expected}")


class EndpointError(ModelError):
    """A server that refuses, does not answer, or answers what nobody can read; `status` is that of HTTP, None where none came."""

    def __init__(self, url: str, problem: str, *, status: int | None = None) -> None:
        self.url, self.problem, self.status = url, problem, status
        super().__init__(f"{url} {problem}")

    @property
    def is_about_one_request(self) -> bool:
        """Whether the server refused what it was sent, such as a prompt that is too long, and may answer other requests."""
        return self.status in (400, 413, 422)


class SpendLimit(ModelError):
    """A limit on what a model may cost that is reached: nothing more is asked."""

    def __init__(self, limit: str, *, spent: str) -> None:
        self.limit, self.spent = limit, spent
        super().__init__(f"the spend limit of {limit} is reached ({spent} spent); nothing more is asked: raise it, or ask for less")
