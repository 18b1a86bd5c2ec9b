"""Decoder: a causal language model whose attention, logits and likelihoods can be read, with prefixes that are computed once."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import BadValue
from irloom.models.decoders.base import DecoderBase, token_ids
from irloom.models.decoders.messages import Message
from irloom.models.decoders.prefix import Prefix
from irloom.models.decoders.shape import DecoderShape
from irloom.models.settings import at_least

if TYPE_CHECKING:
    from irloom.models.decoders.logits import LogitReader

__all__ = ["Decoder", "DecoderShape", "Message", "Prefix"]


class Decoder(DecoderBase):
    """A Hugging Face causal decoder: Llama, Mistral, Qwen, Gemma, Phi, GPT-NeoX and what else lets its attention be replaced.

    A prefix is read once; attention rows, next-token logits and likelihoods of any number of tails are computed on top of it.
    Results do not depend on the other tails of a call beyond float32 rounding.
    """

    name = "decoder"

    @cached_property
    def reader(self) -> "LogitReader":
        """The language-modelling head, loaded."""
        engine = self.engine
        from irloom.models.decoders.logits import LogitReader

        return LogitReader(engine, self.batch_tokens)

    def next_logits(
        self, tails: Sequence[NDArray[np.int64]], *, prefix: Prefix | None = None, tokens: Sequence[int] | None = None
    ) -> NDArray[np.float32]:
        """Logits of the token that comes next, after all that the model's own forward does behind its head.

        Args:
            tails: int64 arrays, each on top of the prefix; one may be empty where there is a prefix.
            prefix: what all tails go on from, or None.
            tokens: ids whose logits are wanted; all when left out.

        Returns:
            float32 (n, len(tokens)) or (n, vocabulary).

        Raises:
            BadValue: a token that the vocabulary does not have, or nothing to go on from.
            ModelError: a prompt longer than the context, a prefix of fewer layers, or logits that are not numbers.
        """
        if tokens is not None and not all(0 <= token < self.shape.vocabulary for token in tokens):
            raise BadValue("tokens", list(tokens), f"0 to {self.shape.vocabulary - 1}")
        return self.reader.next_logits([token_ids(tail) for tail in tails], prefix, tokens)

    def log_likelihood(
        self, tails: Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]], *, prefix: Prefix | None = None
    ) -> NDArray[np.float32]:
        """Log-probability of labels after prefix and context, summed over the labels.

        Args:
            tails: pairs of context and labels, int64 each; the first label needs something before it, in the context or in the prefix.
            prefix: what all contexts go on from, or None.

        Returns:
            float32 (n,), natural logarithm, 0 for no labels.

        Raises:
            BadValue: labels with nothing before them.
            ModelError: a prompt longer than the context, a prefix of fewer layers, or logits that are not numbers.
        """
        return self.reader.log_likelihood([(token_ids(context), token_ids(labels)) for context, labels in tails], prefix)

    def generate(self, prompts: Sequence[str], *, max_new_tokens: int) -> list[str]:
        """Greedy continuations, special tokens left out.

        What all prompts begin with is read once. A text ends at the model's own end token or after `max_new_tokens`.

        Args:
            prompts: rendered prompts, as `chat` gives them.
            max_new_tokens: tokens that an answer has at most, at least 1; the prompt and they must fit the context.

        Raises:
            BadValue: an empty prompt, or a bad number.
            ModelError: a prompt longer than the context leaves room for, or logits that are not numbers.
        """
        at_least("max_new_tokens", max_new_tokens, 1)
        reader = self.reader
        from irloom.models.decoders.greedy import GreedyWriter

        rows = [self.text.encode_prompt(prompt) for prompt in prompts]
        return [self.decode(ids) for ids in GreedyWriter(reader).generate(rows, max_new_tokens=max_new_tokens)]
