"""Which heads a reranker over few heads reads."""

from collections.abc import Sequence
from pathlib import Path

from irloom.core.errors import BadValue
from irloom.models.decoders.decoder import Decoder
from irloom.models.settings import at_least
from irloom.rerankers.attention.head_set import HeadSet
from irloom.rerankers.attention.heads_file import check_fit, find_heads
from irloom.rerankers.attention.scoring import HeadId, check_heads

Heads = str | Path | HeadSet | Sequence[str | HeadId]


class ChosenHeads:
    """The best heads of a set, for one model.

    Args:
        heads: a file of `irloom heads learn`, the name of a published set, a set, or heads such as ["13-18", "8-11"]; those of a list
            are all read.
        top: how many of a set are read, 1 or more; all where there are fewer.
        force: whether heads of another model or of another prompt are taken all the same.
        methods: the ways to find heads that go with the prompt.

    Raises:
        BadValue: no head is given, or `top` is less than 1.
    """

    def __init__(self, heads: Heads, *, top: int, force: bool, methods: Sequence[str]) -> None:
        at_least("top", top, 1)
        if not isinstance(heads, str | Path | HeadSet):
            if not isinstance(heads, Sequence):
                raise BadValue("heads", heads, "a file, a published set's name, or a list such as ['13-18', '8-11']")
            top = len(heads)
            check_heads([]) if top == 0 else None
        self.asked, self.top, self.force, self.methods = heads, top, force, tuple(methods)

    def of(self, decoder: Decoder) -> tuple[HeadId, ...]:
        """The heads, best first.

        Raises:
            DataError: the file cannot be read or is no head set.
            ModelError: the set is for another model or another prompt, and not forced.
        """
        found = find_heads(self.asked)
        if not self.force:
            check_fit(found, decoder, methods=self.methods)
        return found.best(self.top)
