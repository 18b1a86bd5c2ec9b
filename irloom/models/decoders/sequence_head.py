"""SequenceHead: a decoder that scores a text by a linear layer on its last token, as RankLLaMA does."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from irloom.models.decoders.base import DecoderBase, token_ids
from irloom.models.decoders.prefix import Prefix

if TYPE_CHECKING:
    from irloom.models.decoders.scoring import ScoreReader


class SequenceHead(DecoderBase):
    """A decoder saved as a sequence classifier (`AutoModelForSequenceClassification`).

    The score is read at the last token of each text, whatever padding the folder's tokenizer is set to: texts are not padded.

    Paper: Ma et al., "Fine-Tuning LLaMA for Multi-Stage Text Retrieval", arXiv 2310.08319, 2023, section 3.2.
    """

    kind = "AutoModelForSequenceClassification"
    name = "sequence_head"

    @cached_property
    def reader(self) -> "ScoreReader":
        """The scoring head, loaded.

        Raises:
            ModelError: the weights hold no linear head on a decoder.
        """
        engine = self.engine
        from irloom.models.decoders.scoring import ScoreReader

        return ScoreReader(engine, self.batch_tokens)

    @property
    def labels(self) -> int:
        """How many numbers the head gives."""
        return self.reader.labels

    def warm_up(self) -> None:
        """Loads tokenizer, weights and head."""
        super().warm_up()
        _ = self.reader

    def scores(self, tails: Sequence[NDArray[np.int64]], *, prefix: Prefix | None = None) -> NDArray[np.float32]:
        """Raw outputs of the head at the last token after prefix and tail.

        Args:
            tails: int64 arrays; one may be empty where there is a prefix.
            prefix: what all tails go on from, or None.

        Returns:
            float32 (n, labels).

        Raises:
            BadValue: nothing to go on from.
            ModelError: a text longer than the context, a prefix of fewer layers, or scores that are not numbers.
        """
        return self.reader.scores([token_ids(tail) for tail in tails], prefix)
