"""The fixed texts of a prompt that shows documents first and the query last, and which of its tokens count."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType, NoneType
from typing import Final, Literal, NamedTuple, TypeAlias

from irloom.core.errors import BadValue, UnknownName
from irloom.models.decoders.decoder import Decoder
from irloom.models.decoders.messages import Message
from irloom.models.settings import one_of

Wording: TypeAlias = Literal["ie", "qa"]

WORDINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ie": "Please find information that are relevant to the following query in the paragraphs above.",  # sic
        "qa": "Please answer the following question based on the information in the paragraphs above.",
    }
)
"""What stands between documents and query: for finding information, and for questions."""

_INTRODUCTION = " Here are some paragraphs:"
_MARK = "\u241eirloom\u241e"


@dataclass(frozen=True, slots=True)
class Layout:
    r"""A prompt is `start` and a separator, each document after its identifier and before a separator, `question`, query, `end`.

    Attributes:
        start: what stands before the first separator.
        separator: what stands before the first document and behind each.
        identifier: what stands before each document; `{}` is its number, counted from 1.
        question: what stands between the last separator and the query.
        end: what stands behind the query.
        identifier_counts: whether a document's tokens include its identifier's.
        past: how many tokens behind a document's last count as its own in reranking.
        end_rows: how many tokens of `end` count as the query's; None for all.

    Raises:
        BadValue: the separator is empty, or a number of tokens is negative.

    >>> layout = Layout("Texts:", "\n", "[{}] ", "Query: ", "\nAnswer:")
    >>> layout.text(["red fox", "owl"], "fox")
    'Texts:\n[1] red fox\n[2] owl\nQuery: fox\nAnswer:'
    """

    start: str
    separator: str
    identifier: str
    question: str
    end: str
    identifier_counts: bool = True
    past: int = 0
    end_rows: int | None = None

    def __post_init__(self) -> None:
        if not self.separator:
            raise BadValue("separator", self.separator, "a text that stands between documents")
        if self.past < 0 or (self.end_rows is not None and self.end_rows < 0):
            raise BadValue("past, end_rows", (self.past, self.end_rows), "0 or more tokens")

    def named(self, number: int, text: str) -> str:
        """A document with its identifier; one without text is its identifier alone."""
        return (self.identifier.replace("{}", str(number)) + text).rstrip()

    def asked(self, query: str) -> str:
        """The query with what stands before it."""
        return self.question + query.strip()

    def text(self, documents: list[str], query: str) -> str:
        """The whole prompt, for people to read."""
        parts = [self.start, *(self.named(number, text) for number, text in enumerate(documents, start=1)), self.asked(query) + self.end]
        return self.separator.join(parts)


class Family(NamedTuple):
    """How a family of models marks a turn of the user, as the published runs wrote it."""

    mark: str
    prefix: str
    suffix: str
    separator: str = "\n\n"


FAMILIES: Final[Mapping[str, Family]] = MappingProxyType(
    {
        "llama-3": Family(
            "<|start_header_id|>",
            "<|start_header_id|>user<|end_header_id|>",
            "<|eot_id|><|start_header_id|>assistant<|end_header_id|>",
            " \n\n",
        ),
        "granite": Family(
            "<|start_of_role|>",
            "<|start_of_role|>user<|end_of_role|>",
            "<|end_of_text|><|start_of_role|>assistant<|end_of_role|>",
        ),
        "phi-4": Family("<|im_sep|>", "<|im_start|>user<|im_sep|>", "<|im_end|><|im_start|>assistant<|im_sep|>"),
        "qwen": Family("<|im_start|>", "<|im_start|>user", "<|im_end|>\n<|im_start|>assistant"),
        "mistral": Family("[INST]", "[INST]", "[/INST]"),
    }
)
"""By name; `mark` is what the model's own chat template shows them by, the first that occurs decides."""

CHOICES: Final = ("auto", *FAMILIES, "template", "plain")
"""What `family` may be: looked up by the chat template, one of the published, around the model's own template, no turns at all."""


def family_of(decoder: Decoder, name: str = "auto") -> Family:
    """The marks of a model's turns.

    Args:
        decoder: the model.
        name: one of CHOICES; "auto" takes the published family whose mark the chat template shows, the template itself where none
            does, and "plain" where there is no template.

    Raises:
        BadValue: there is no such family.
        ModelError: the chat template cannot be used.
    """
    one_of("family", name, CHOICES)
    if name in FAMILIES:
        return FAMILIES[name]
    if name == "plain" or not decoder.has_chat:
        return Family("", "", "")
    rendered = decoder.chat([Message("user", _MARK)])
    if name == "auto":
        found = next((family for family in FAMILIES.values() if family.mark in rendered), None)
        if found is not None:
            return found
    prefix, _, suffix = rendered.partition(_MARK)
    return Family(_MARK, prefix, suffix)


def icr_layout(family: Family, wording: str = "ie") -> Layout:
    """The prompt of ICR and QRHead.

    Raises:
        BadValue: `wording` is not one of "ie" and "qa".
    """
    one_of("wording", wording, tuple(WORDINGS))
    separator = family.separator
    return Layout(_opened(family.prefix), separator, "[{}] ", WORDINGS[wording] + separator + "Query: ", family.suffix)


def core_layout(family: Family) -> Layout:
    """The prompt of CoRe heads: other identifiers, which do not count, and only the first token behind the query counts."""
    question = WORDINGS["ie"] + "\n\nQuery: "
    return Layout(_opened(family.prefix), "\n\n", "[document {}] ", question, family.suffix, identifier_counts=False, past=1, end_rows=1)


def changed_layout(own: Layout, changes: Layout | Mapping[str, object] | None) -> Layout:
    r"""A layout with other texts.

    Args:
        own: the method's.
        changes: another layout, or some of its fields by name; None for no change.

    Raises:
        UnknownName: there is no such field.
        BadValue: a field of another type, or out of its range.

    >>> changed_layout(Layout("", "\n", "[{}] ", "Query: ", ""), {"separator": " | "}).text(["a", "b"], "q")
    ' | [1] a | [2] b | Query: q'
    """
    if changes is None or isinstance(changes, Layout):
        return changes or own
    if not isinstance(changes, Mapping):
        raise BadValue("layout", changes, f"a mapping with some of {', '.join(field.name for field in fields(Layout))}")
    known = {field.name: getattr(own, field.name) for field in fields(Layout)}
    for name, value in changes.items():
        if name not in known:
            raise UnknownName("field of a layout", name, known)
        kinds = (int, NoneType) if name == "end_rows" else (type(known[name]),)
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise BadValue(f"layout.{name}", value, " or ".join(kind.__name__ for kind in kinds))
    return Layout(**{**known, **changes})


def _opened(prefix: str) -> str:
    """The beginning of a prompt; a blank stands before the introduction only where something else does."""
    return prefix + (_INTRODUCTION if prefix and not prefix[-1].isspace() else _INTRODUCTION.lstrip())
