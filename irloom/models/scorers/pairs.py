"""How a query and a document become one sequence: special tokens, segment ids and truncation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import ModelError

TRUNCATIONS = ("document", "longest_first")
"""What is cut from a pair that is too long: the document, or the longer of the two."""

Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PairTemplate:
    """Special tokens around a pair: `start` query `middle` document `end`, with segment ids.

    Attributes:
        start: int64, such as [CLS].
        middle: int64, such as [SEP], or </s></s>.
        end: int64, such as [SEP].
        types: segment ids of start, query, middle, document, end.
    """

    start: Ids
    middle: Ids
    end: Ids
    types: tuple[int, int, int, int, int]

    @property
    def special(self) -> int:
        """How many special tokens a pair has."""
        return len(self.start) + len(self.middle) + len(self.end)

    def join(self, query: Ids, document: Ids) -> Ids:
        """int64 (special + query + document,): the ids of a pair."""
        return np.concatenate((self.start, query, self.middle, document, self.end))

    def segments(self, query: Ids, document: Ids) -> Ids:
        """int64 of the same shape as `join` gives: the segment ids of a pair."""
        lengths = (len(self.start), len(query), len(self.middle), len(document), len(self.end))
        return np.repeat(np.array(self.types, dtype=np.int64), lengths)


def read_template(backend: Any) -> PairTemplate:
    """Reads the template off a fast tokenizer by asking it for a pair.

    Raises:
        ModelError: the tokenizer does not put the query's tokens before the document's.
    """
    pair = backend.encode("a", "b")
    sides = pair.sequence_ids
    if 0 not in sides or 1 not in sides or sides.index(0) > sides.index(1):
        raise ModelError("the model's tokenizer does not put the first text of a pair before the second")
    first, second = sides.index(0), sides.index(1)
    first_end, second_end = len(sides) - sides[::-1].index(0), len(sides) - sides[::-1].index(1)
    ids, types = np.array(pair.ids, dtype=np.int64), pair.type_ids
    around = (types[0], types[first], types[first_end] if first_end < second else types[first], types[second], types[-1])
    return PairTemplate(ids[:first], ids[first_end:second], ids[second_end:], around)


def cut_lengths(query: int, document: int, *, room: int, truncation: str, query_cap: int) -> tuple[int, int]:
    """Tokens of query and document that are kept.

    Args:
        query: tokens of the query, without special tokens.
        document: tokens of the document, without special tokens.
        room: tokens for both.
        truncation: "document" caps the query and cuts the document to what is left; "longest_first" cuts the longer
            side until both are equally long, then both, an odd token going to the document, as common tokenizers do.
        query_cap: the query's tokens at most, for "document".

    >>> cut_lengths(100, 600, room=509, truncation="document", query_cap=64)
    (64, 445)
    >>> cut_lengths(300, 600, room=509, truncation="longest_first", query_cap=64)
    (254, 255)
    """
    if truncation == "document":
        kept = min(query, query_cap, room)
        return kept, min(document, room - kept)
    if query + document <= room:
        return query, document
    shorter, longer = sorted((query, document))
    longer = shorter if shorter > room else max(shorter, room - shorter)
    if shorter + longer > room:
        shorter = room // 2
        longer = shorter + room % 2
    return (longer, shorter) if query > document else (shorter, longer)


def token_ids(backend: Any, texts: Sequence[str]) -> list[Ids]:
    """int64 ids of each text, without special tokens and uncut."""
    return [np.array(encoding.ids, dtype=np.int64) for encoding in backend.encode_batch(list(texts), add_special_tokens=False)]
