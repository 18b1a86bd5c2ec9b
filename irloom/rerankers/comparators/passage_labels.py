"""How answers that name a passage by its letter are begun and read, for each kind of model."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from irloom.models.generators.generated import Generated, LabelScores
from irloom.models.prompting.contract import Kind, PromptModel, Spellings
from irloom.models.prompting.fitting import Fitted, Shorten, fit_prompt
from irloom.models.waiting import merged
from irloom.rerankers.comparators.contract import FAILED, REFUSED, Spent

LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVW"
"""Labels of passages. The published code leaves X and Y out, since "Passage X" is three tokens of T5."""

START: Final[Mapping[Kind, str]] = {"seq2seq": "Passage", "decoder": " Passage:", "endpoint": ""}
"""What the answer begins with."""
NEW_TOKENS: Final[Mapping[Kind, int]] = {"seq2seq": 2, "decoder": 1, "endpoint": 16}
"""Tokens of the rest of it; a server, whose answers cannot be begun, may write a short sentence."""

_NAMED = re.compile(r"Passage ([A-W])\b")


def spellings(letter: str, kind: Kind) -> Spellings:
    """How a letter may come after the beginning of the answer."""
    return (f" {letter}",) if kind == "seq2seq" else (f" {letter}", letter)


def read_letter(written: str, kind: Kind, *, strict: bool) -> str:
    """The letter that an answer names, "" where it names none.

    An encoder-decoder's answer is "Passage" and what it wrote: the whole must be "Passage A" if `strict`; otherwise its last character
    counts. A decoder's first token counts, whatever its case. A server's text counts by the first "Passage A" in it, or by itself.

    >>> [read_letter(" A.", "seq2seq", strict=strict) for strict in (True, False)], read_letter(" b", "decoder", strict=True)
    (['', ''], 'B')
    """
    text = written.strip()
    if kind == "seq2seq":
        letter = text[-1:] if not strict or written == f" {text[-1:]}" else ""
    elif kind == "decoder":
        letter = text.upper()
    else:
        named = _NAMED.search(text)
        letter = named.group(1) if named else text.upper()
    return letter if len(letter) == 1 and letter in LETTERS else ""


def fit_labelled(
    model: PromptModel, render: Callable[[Sequence[str]], str], documents: Sequence[str], *, most: int, shorten: Shorten
) -> Fitted | None:
    """The prompt with as much of its documents as fits beside an answer that names one of them; see `fit_prompt`."""
    return fit_prompt(model, render, documents, most=most, start=START[model.kind], new_tokens=NEW_TOKENS[model.kind], shorten=shorten)


def spent_on(answers: "list[Generated] | list[LabelScores]", cut: frozenset[str] = frozenset()) -> Spent:
    """What the answers to one request cost; `cut` are the ids of the documents that were cut to make their prompts fit."""
    return Spent(
        sum(one.prompt_tokens for one in answers),
        sum(one.new_tokens for one in answers),
        len(answers),
        cut,
        sum(one.usd for one in answers),
        spans=merged(*(one.spans for one in answers)),
    )


def fault_of(answers: "list[Generated] | list[LabelScores]") -> tuple[str, str]:
    """The fault of a request whose answers never came, and what the model's side said of it; "" twice where all came."""
    told = next((one.fault for one in answers if one.fault), "")
    if not told:
        return "", ""
    return (REFUSED if told.startswith(REFUSED) else FAILED), told
