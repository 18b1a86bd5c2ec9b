"""Which heads a reranker over few heads reads."""

from collections.abc import Sequence
from pathlib import Path

from irloom.core.errors import BadValue
from irloom.models.decoders.decoder import Decoder
from irloom.models.settings import at_least
from irloom.rerankers.attention.head_set import HeadSet
from irloom.rerankers.attention.heads_file import check_fit, find_heads
from irloom.rerankers.attention.scoring import HeadId

Heads = str | Path | HeadSet | Sequence[str | HeadId]


class ChosenHeads:
    """The best heads of a set, for one model. A file is read here, so that one that is missing is told of before anything is computed.

    Args:
        heads: a file of `irloom heads learn`, the name of a published set, a set, or heads such as ["13-18", "8-11"]; those of a list
            are all read.
        top: how many of a set are read, 1 or more; all where there are fewer.
        force: whether heads of another model or of another prompt are taken all the same.
        methods: the ways to find heads that go with the prompt.

    Raises:
        BadValue: no head is given, or `top` is less than 1.
        DataError: the file cannot be read or is no head set.
    """

    def __init__(self, heads: Heads, *, top: int, force: bool, methods: Sequence[str]) -> None:
        at_least("top", top, 1)
        if not isinstance(heads, str | Path | HeadSet):
            if not isinstance(heads, Sequence):
                raise BadValue("heads", heads, "a file, a published set's name, or a list such as ['13-18', '8-11']")
            top = len(heads)
        self.found, self.top, self.force, self.methods = find_heads(heads), top, force, tuple(methods)

    def of(self, decoder: Decoder) -> tuple[HeadId, ...]:
        """The heads, best first.

        Raises:
            ModelError: the set is for another model or another prompt, and not forced.
        """
        if not self.force:
            check_fit(self.found, decoder, methods=self.methods)
        return self.found.best(self.top)
