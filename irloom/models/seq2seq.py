"""Seq2Seq: an encoder-decoder such as T5, asked for its first logits, for the likelihood of a text, or for a text."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import ModelError
from irloom.core.optional import require
from irloom.models.loading import check_weights, pick_device, read_json
from irloom.models.local_model import LocalModel

if TYPE_CHECKING:
    from irloom.models.seq2seq_engine import Seq2SeqEngine

Ids = NDArray[np.int64]


class Seq2Seq(LocalModel["Seq2SeqEngine"]):
    """A Hugging Face encoder-decoder with a language model's head: T5, Flan-T5, mT5, BART and what transformers loads as one.

    Texts are data: what looks like a special token in them ("</s>", "<extra_id_0>") is read as ordinary characters.
    The encoder sees each text with its attention mask, so that a score does not depend on the texts beside it. T5 in float16 is
    known to overflow; "bfloat16" is the smaller type to use.

    Paper: C. Raffel et al., Exploring the Limits of Transfer Learning with a Unified Text-to-Text Transformer, JMLR 2020.
    """

    name = "seq2seq"
    purpose = "Seq2Seq"
    least_tokens = 8

    @cached_property
    def context(self) -> int | None:
        """Tokens that the encoder reads at most; None where there is no limit.

        Raises:
            ModelError: the folder's config.json cannot be read.
        """
        own = read_json(self.folder / "config.json").get("max_position_embeddings")
        limits = [limit for limit in (own, self.max_tokens) if isinstance(limit, int)]
        return min(limits) if limits else None

    def warm_up(self) -> None:
        """Loads tokenizer and weights.

        Raises:
            MissingExtra: torch or transformers is not installed.
            ModelError: the folder holds no encoder-decoder, or it cannot be loaded.
        """
        _ = self.engine, self.text

    def encode(self, text: str, *, special: bool = False) -> Ids:
        """int64 token ids; with `special` those that the tokenizer puts around a text, such as T5's end token, are there too."""
        text = self.text.harmless(text)  # a Unigram vocabulary finds its special tokens in texts, even where they are to be letters
        return self.text.encode(text, special=special, plain=True)

    def decode(self, ids: Sequence[int] | Ids) -> str:
        """The text of token ids, special tokens left out."""
        return self.text.decode(ids)

    def token(self, text: str, *, after: str = "") -> int:
        """The one token that `text` is where it follows `after`.

        Raises:
            ModelError: it is several tokens, or melts into the text before it.
        """
        return self.text.token(text, after=after)

    @property
    def start(self) -> int:
        """The token that the decoder begins with."""
        return self.engine.start

    def next_logits(
        self, inputs: Sequence[Ids], *, tokens: Sequence[int] | None = None, start: Sequence[int] | Ids = ()
    ) -> NDArray[np.float32]:
        """The logits of the token that the decoder would write next.

        Args:
            inputs: int64 ids that the encoder reads, one array a text, special tokens included.
            tokens: which logits come back; all of the vocabulary when left out.
            start: ids that the decoder has written already, after its start token; the first step when there are none.

        Returns:
            float32 (n, tokens).

        Raises:
            ModelError: a text has more tokens than `context`.
        """
        return self.engine.next_logits(self._fitting(inputs), np.asarray(start, np.int64), tokens)

    def log_likelihood(self, pairs: Sequence[tuple[Ids, Ids]]) -> NDArray[np.float32]:
        """How likely the decoder is to write given texts.

        Args:
            pairs: int64 ids that the encoder reads, and those that the decoder is to write after its start token.

        Returns:
            float32 (n,): natural logarithms of the probabilities, summed over the tokens to write; 0 where there are none.

        Raises:
            ModelError: a text to read has more tokens than `context`.
        """
        self._fitting([text for text, _ in pairs])
        return self.engine.log_likelihood(pairs)

    def generate(self, prompts: Sequence[str], *, max_new_tokens: int, start: str = "") -> list[str]:
        """What the decoder writes for each prompt, greedily; `start` is put into its mouth and is part of what comes back.

        Raises:
            ModelError: a prompt has more tokens than `context`.
        """
        inputs = self._fitting([self.encode(prompt, special=True) for prompt in prompts])
        return self._written([[row] for row in inputs], start, max_new_tokens)

    def generate_fused(self, groups: Sequence[Sequence[Ids]], *, max_new_tokens: int, start: str = "") -> list[str]:
        """What the decoder writes over several texts that were encoded apart and are read as one (fusion in decoder).

        Args:
            groups: for each answer the int64 ids of its texts, special tokens included.
            max_new_tokens: tokens of an answer at most.
            start: what the decoder has written already.

        Raises:
            ModelError: a text has more tokens than `context`, or a group has no text.

        Paper: G. Izacard and E. Grave, Leveraging Passage Retrieval with Generative Models for Open Domain Question Answering,
            EACL 2021, section 3.
        """
        for texts in groups:
            if not texts:
                raise ModelError("a group of texts to fuse is empty; give at least one text")
            self._fitting(texts)
        return self._written(groups, start, max_new_tokens)

    def _written(self, groups: Sequence[Sequence[Ids]], start: str, most: int) -> list[str]:
        return [self.decode(ids) for ids in self.engine.generate(groups, self.encode(start), most)]

    def _fitting(self, inputs: Sequence[Ids]) -> Sequence[Ids]:
        limit = self.context
        longest = max((len(ids) for ids in inputs), default=0)
        if limit is not None and longest > limit:
            raise ModelError(f"{self.model} reads {limit} tokens, and a text has {longest}; shorten its documents")
        return inputs

    def _load(self) -> "Seq2SeqEngine":
        for package in ("torch", "transformers", "safetensors", "tokenizers"):
            require(package, extra="models", purpose="Seq2Seq")
        config = read_json(self.folder / "config.json")
        if not config.get("is_encoder_decoder"):
            kind = config.get("model_type", "nothing with a config.json")
            raise ModelError(f"{self.folder} is no encoder-decoder (found {kind!r}); load it as a Decoder, or name a T5-like model")
        check_weights(self.folder)
        from irloom.models.seq2seq_engine import load_seq2seq_engine

        return load_seq2seq_engine(
            self.folder,
            dtype=self.dtype,
            device=pick_device(self.device),
            batch_tokens=self.batch_tokens,
            remote_code=self.trust_remote_code,
        )
