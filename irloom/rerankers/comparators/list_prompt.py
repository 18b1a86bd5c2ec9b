"""ListPrompt: how documents are shown to a model that orders them, and how its answer is written."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from irloom.core.types import Document
from irloom.models.decoders.messages import Message

WORDS: Final = 300
"""Words of a document that are shown."""

WORD: Final = 40
"""Characters that a word counts for, on average, at most: texts without blanks are cut by them."""

DIGITS: Final = r"\[(\d+)\]"
LETTERS: Final = r"\[([A-Za-z\\^_`]+)\]"
BOTH: Final = r"\[(\d+|[A-Za-z\\^_`]+)\]"
"""What is put in round brackets wherever a text writes it in square ones, so that it cannot pass for an identifier.

The authors of FIRST write the letters as A-z, which holds four more characters, and the brackets themselves; those are left out here.
"""


@dataclass(frozen=True, slots=True)
class ListPrompt:
    """A prompt as data. Texts are filled in where braces stand: `n`, `query` and `ids` around the passages, `id` and `text` in each.

    With `received` each passage is a turn of its own, which the assistant answers; without it all is one turn.

    Attributes:
        body: one passage.
        system: the system message; "" for none.
        before: what stands before the passages.
        after: what stands behind them.
        between: what stands between two passages.
        accepted: the assistant's answer to `before`, where passages are turns.
        received: the assistant's answer to each passage.
        start: how the answer begins; the model goes on from there.
        letters: identifiers are A, B, C ... instead of 1, 2, 3 ...
        item: an identifier in an answer.
        comma: what stands between two of them.
        opening: what an answer begins with.
        closing: what it ends with.
        titled: a document with a title.
        dropped: a text that is taken out of documents.
        brackets: which identifiers in square brackets lose them in documents: a pattern with one group.
        guarded: the query loses them too.
        strict: an answer that is not wholly right changes nothing.
    """

    body: str = "[{id}] {text}\n"
    system: str = ""
    before: str = ""
    after: str = ""
    between: str = ""
    accepted: str = ""
    received: str = ""
    start: str = ""
    letters: bool = False
    item: str = "[{id}]"
    comma: str = " > "
    opening: str = ""
    closing: str = ""
    titled: str = "Title: {title} Content: {text}"
    dropped: str = ""
    brackets: str = DIGITS
    guarded: bool = True
    strict: bool = False

    def identifiers(self, n: int) -> list[str]:
        """The first n identifiers.

        >>> ListPrompt(letters=True).identifiers(3)
        ['A', 'B', 'C']
        """
        return [chr(ord("A") + place) if self.letters else str(place + 1) for place in range(n)]

    def passage(self, document: Document, *, words: int = WORDS) -> str:
        """The document's title and text as they are shown: cleaned, and cut to some words of at most `WORD` characters on average.

        >>> ListPrompt().passage(Document("d", "as [3] says", title="Notes"), words=4)
        'Title: Notes Content: as'
        """
        shown = " ".join(self._shown(document).split(maxsplit=words)[:words])
        return unbracketed(shown[: WORD * words], self.brackets)

    def lost(self, document: Document, *, words: int, usual: int = WORDS) -> bool:
        """Whether a document that is cut to `words` is shown with less than its first `usual` words.

        >>> ListPrompt().lost(Document("d", "a b c"), words=2), ListPrompt().lost(Document("d", "a b c"), words=2, usual=2)
        (True, False)
        """
        text = self._shown(document)
        if len(text) <= WORD * words and words >= usual:
            return False
        whole = text.split(maxsplit=usual)[:usual]
        return len(whole) > words or len(" ".join(whole)) > WORD * words

    def _shown(self, document: Document) -> str:
        text = self.titled.format(title=document.title, text=document.text) if document.title else document.text
        return text.replace(self.dropped, "") if self.dropped else text

    def messages(self, query: str, passages: Sequence[str]) -> list[Message]:
        """The chat for passages that `passage` made. What the answer begins with is not in it; see `start`."""
        names = self.identifiers(len(passages))
        query = unbracketed(query, self.brackets) if self.guarded else query
        values = {"n": len(passages), "query": query, "ids": self.answer(range(len(passages)))}
        bodies = [self.body.format(id=name, text=text) for name, text in zip(names, passages, strict=True)]
        chat = [Message("system", self.system)] if self.system else []
        before, after = self.before.format(**values), self.after.format(**values)
        if not self.received:
            return [*chat, Message("user", before + self.between.join(bodies) + after)]
        chat += [Message("user", before), Message("assistant", self.accepted)]
        for name, body in zip(names, bodies, strict=True):
            chat += [Message("user", body), Message("assistant", self.received.format(id=name))]
        return [*chat, Message("user", after)]

    def answer(self, order: Sequence[int]) -> str:
        """The answer that gives this order of places, whole: where the prompt has a `start`, the part in it as well.

        >>> ListPrompt(letters=True).answer([2, 0, 1])
        '[C] > [A] > [B]'
        """
        names = self.identifiers(max(order, default=-1) + 1)
        return self.opening + self.comma.join(self.item.format(id=names[place]) for place in order) + self.closing


def unbracketed(text: str, pattern: str) -> str:
    """The text with round brackets for square ones around what the pattern's group matches.

    >>> unbracketed("see [12] and [[3]]", DIGITS)
    'see (12) and [(3)]'
    """
    return re.sub(pattern, r"(\1)", text)
