"""Seq2Seq: an encoder-decoder such as T5, asked for its first logits, for the likelihood of a text, or for a text."""

import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import ModelError
from irloom.core.files import short_hash
from irloom.core.once import Once
from irloom.core.optional import require
from irloom.models.loading import check_weights, content_hash, model_folder, pick_device, read_json
from irloom.models.settings import at_least, one_of

if TYPE_CHECKING:
    from irloom.models.seq2seq_engine import Seq2SeqEngine

DTYPES = ("float32", "float16", "bfloat16")

Ids = NDArray[np.int64]


class Seq2Seq:
    """A Hugging Face encoder-decoder with a language model's head: T5, Flan-T5, mT5, BART and what transformers loads as one.

    Texts are data: what looks like a special token in them ("</s>", "<extra_id_0>") is read as ordinary characters.
    The encoder sees each text with its attention mask, so that a score does not depend on the texts beside it. T5 in float16 is
    known to overflow; "bfloat16" is the smaller type to use.

    Paper: C. Raffel et al., Exploring the Limits of Transfer Learning with a Unified Text-to-Text Transformer, JMLR 2020.
    """

    def __init__(
        self,
        model: str | os.PathLike[str],
        *,
        dtype: str = "float32",
        device: str | None = None,
        max_tokens: int | None = None,
        batch_tokens: int | None = None,
        revision: str | None = None,
        trust_remote_code: bool = False,
    ) -> None:
        """Stores the settings; weights load at first use or by `warm_up()`.

        Args:
            model: a folder or a hub id.
            dtype: "float32", "float16" or "bfloat16"; results come out as float32 in any case.
            device: torch device; CUDA where there is one, else the CPU.
            max_tokens: tokens that the encoder may read of one text; left out: as many as the network has positions for, and any
                number where its positions are relative.
            batch_tokens: tokens in a batch of the encoder; chosen for the device when left out.
            revision: branch, tag or commit of a hub id.
            trust_remote_code: whether Python code that comes with the model may run.

        Raises:
            BadValue: an argument is out of its range.
        """
        one_of("dtype", dtype, DTYPES)
        at_least("max_tokens", max_tokens, 8)
        at_least("batch_tokens", batch_tokens, 1)
        self.model = os.fspath(model)
        self.dtype, self.device, self.max_tokens, self.batch_tokens = dtype, device, max_tokens, batch_tokens
        self.revision, self.trust_remote_code = revision, trust_remote_code
        self._engine: Once[Seq2SeqEngine] = Once()

    @cached_property
    def folder(self) -> Path:
        """The folder that holds the model.

        Raises:
            ModelError: there is no such model.
        """
        return model_folder(self.model, revision=self.revision, remote_code=self.trust_remote_code, purpose="Seq2Seq")

    @cached_property
    def fingerprint(self) -> str:
        """Changes with the weights, the computing type and the limit."""
        return f"seq2seq:{short_hash(content_hash(self.folder), self.dtype, str(self.max_tokens))}"

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
        """Loads the weights.

        Raises:
            MissingExtra: torch or transformers is not installed.
            ModelError: the folder holds no encoder-decoder, or it cannot be loaded.
        """
        self._loaded()

    @property
    def engine(self) -> "Seq2SeqEngine":
        """Network and tokenizer, loaded."""
        return self._loaded()

    def encode(self, text: str, *, special: bool = False) -> Ids:
        """int64 token ids; with `special` those that the tokenizer puts around a text, such as T5's end token, are there too."""
        return self._loaded().encode(text, special=special)

    @property
    def start(self) -> int:
        """The token that the decoder begins with."""
        return self._loaded().start

    def decode(self, ids: Sequence[int] | Ids) -> str:
        """The text of token ids, special tokens left out."""
        return self._loaded().decode(ids)

    def token(self, text: str, *, after: str = "") -> int:
        """The one token that `text` is where it follows `after`.

        Raises:
            ModelError: it is several tokens, or joins what stands before it.
        """
        before, both = self.encode(after), self.encode(after + text)
        if len(both) != len(before) + 1 or not np.array_equal(both[:-1], before):
            found = f"{len(both) - len(before)} tokens" if len(both) > len(before) + 1 else "part of another token"
            raise ModelError(f"{self.model}: {text!r} after {after!r} is {found}; a label must be one token of its own")
        return int(both[-1])

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
        return self._loaded().next_logits(self._fitting(inputs), np.asarray(start, np.int64), tokens)

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
        return self._loaded().log_likelihood(pairs)

    def generate(self, prompts: Sequence[str], *, max_new_tokens: int, start: str = "") -> list[str]:
        """What the decoder writes for each prompt, greedily; `start` is put into its mouth and is part of what comes back.

        Raises:
            ModelError: a prompt has more tokens than `context`.
        """
        inputs = self._fitting([self.encode(prompt, special=True) for prompt in prompts])
        return self._loaded().generate([[row] for row in inputs], self.encode(start), max_new_tokens)

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
        return self._loaded().generate(groups, self.encode(start), max_new_tokens)

    def _fitting(self, inputs: Sequence[Ids]) -> Sequence[Ids]:
        limit = self.context
        longest = max((len(ids) for ids in inputs), default=0)
        if limit is not None and longest > limit:
            raise ModelError(f"{self.model} reads {limit} tokens, and a text has {longest}; shorten its documents")
        return inputs

    def _loaded(self) -> "Seq2SeqEngine":
        return self._engine.get(self._load)

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
