"""Documents scored by what a query's tokens attend to: one prompt, one pass over the documents, a short one for each query."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import BadValue
from irloom.models.decoders.decoder import Decoder
from irloom.models.settings import one_of
from irloom.rerankers.attention.prompt import Ids, Prompt
from irloom.rerankers.attention.token_filter import document_sums

HeadId: TypeAlias = tuple[int, int]
"""Layer and query head, both counted from 0."""

NO_QUERY: Final = "N/A"
"""The query without content that calibrates."""


class Scoring(NamedTuple):
    """Which passes are run and what becomes of them.

    Attributes:
        query: the query's attention counts.
        blank: that of the query without content is run, and taken off where both are.
        last: only the last token's attention counts.
        filtered: the token filter is applied.
    """

    query: bool
    blank: bool
    last: bool
    filtered: bool


SCORINGS: Final[Mapping[str, Scoring]] = MappingProxyType(
    {
        "calibrated": Scoring(query=True, blank=True, last=False, filtered=True),
        "no_calibration": Scoring(query=True, blank=False, last=False, filtered=False),
        "last_token": Scoring(query=True, blank=False, last=True, filtered=False),
        "na_only": Scoring(query=False, blank=True, last=False, filtered=False),
        "last_token_calibrated": Scoring(query=True, blank=True, last=True, filtered=False),
    }
)
"""The method and its ablations, by name."""

SIGNALS: Final = ("attention", "query_key")
"""Attention after the softmax on all of a document's tokens, or products of query and key at its end."""


@dataclass(frozen=True, slots=True)
class Signal:
    """What is read of a decoder, and from which heads.

    Args:
        decoder: the model.
        scoring: one of SCORINGS.
        heads: the heads that are summed; None for all. A set of all heads is the same as None.
        kind: "attention", or "query_key": the scaled product of the last token's query and the key of the last token before the
            next document, which select-and-copy heads make large for what they would copy. It has one value a document, so that
            the token filter does not apply.

    Raises:
        BadValue: an unknown name, no head, or a head twice.

    Paper:
        "attention": S. Chen, B. J. Gutierrez and Y. Su, Attention in Large Language Models Yields Efficient Zero-Shot Re-Rankers,
        ICLR 2025, section 3. "query_key": E. Tulchinskii et al., Listening to the Wise Few: Select-and-Copy Attention Heads for
        Multiple-Choice QA, arXiv 2410.02343, 2024, the query-key score.
    Differs:
        query-key products are scaled and rotated as the model's own attention has them, summed over heads, and calibrated where
        the scoring is.
    """

    decoder: Decoder
    scoring: str = "calibrated"
    heads: tuple[HeadId, ...] | None = None
    kind: str = "attention"

    def __post_init__(self) -> None:
        one_of("scoring", self.scoring, tuple(SCORINGS))
        one_of("signal", self.kind, SIGNALS)
        if self.heads is not None:
            check_heads(self.heads)

    def scores(self, prompt: Prompt, query: Ids, blank: Ids) -> NDArray[np.float32]:
        """float32 (n,): one score a document of the prompt.

        Args:
            prompt: the documents.
            query: the query as the end of the prompt, int64 (m,).
            blank: the query without content, in its place.
        """
        heads = self._asked()
        last = None if heads is None else 1 + max(layer for layer, _ in heads)
        prefix = self.decoder.prefill(prompt.ids, layers=last)
        read = self.decoder.attention if self.kind == "attention" else self.decoder.query_key
        found = [read(prefix, tail, heads=heads, rows=self._rows(tail)) for tail in self._tails(query, blank)]
        return self._documents(found, prompt)

    def per_head(self, prompt: Prompt, query: Ids, blank: Ids) -> NDArray[np.float32]:
        """float32 (layers, heads, n): the same for each head by itself, the token filter included."""
        prefix = self.decoder.prefill(prompt.ids)
        read = self.decoder.attention if self.kind == "attention" else self.decoder.query_key
        found = [read(prefix, tail, rows=self._rows(tail), per_head=True) for tail in self._tails(query, blank)]
        return self._documents(found, prompt)

    def _tails(self, query: Ids, blank: Ids) -> list[Ids]:
        how = SCORINGS[self.scoring]
        return [tail for tail, wanted in ((query, how.query), (blank, how.blank)) if wanted]

    def tokens_of(self, prompt: Prompt, query: Ids, blank: Ids) -> int:
        """Tokens that the model reads for a prompt."""
        return len(prompt.ids) + sum(map(len, self._tails(query, blank)))

    def _asked(self) -> tuple[HeadId, ...] | None:
        """The heads in order; None where they are all there are."""
        if self.heads is None:
            return None
        shape = self.decoder.shape
        for layer, head in self.heads:
            if not (0 <= layer < shape.layers and 0 <= head < shape.heads):
                raise BadValue("heads", f"{layer}-{head}", f"heads of a model of {shape.layers} layers with {shape.heads} heads")
        return None if len(self.heads) == shape.layers * shape.heads else tuple(sorted(self.heads))

    def _rows(self, tail: Ids) -> slice:
        only_last = SCORINGS[self.scoring].last or self.kind == "query_key"
        return slice(len(tail) - 1, len(tail)) if only_last else slice(0, len(tail))

    def _documents(self, found: Sequence[NDArray[np.float32]], prompt: Prompt) -> NDArray[np.float32]:
        width = min(part.shape[-1] for part in found)
        signal = found[0] if len(found) == 1 else found[0][..., :width] - found[1][..., :width]
        if self.kind == "query_key":
            return np.asarray(signal[..., prompt.last], np.float32)
        return document_sums(signal, prompt.spans, filtered=SCORINGS[self.scoring].filtered)


def check_heads(heads: Sequence[HeadId]) -> None:
    """Refuses an empty set of heads, and one that names a head twice.

    Raises:
        BadValue: it is one.
    """
    if len(heads) == 0:
        raise BadValue("heads", [], "one head or more")
    seen: set[HeadId] = set()
    for head in heads:
        if head in seen:
            raise BadValue("heads", f"{head[0]}-{head[1]}", "each head once")
        seen.add(head)
