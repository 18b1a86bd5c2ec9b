"""What all uses of a decoder share: settings, tokenizer, prefixes and attention rows."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import BadValue, ModelError
from irloom.core.optional import require
from irloom.models.decoders.messages import Message
from irloom.models.decoders.prefix import Prefix
from irloom.models.decoders.shape import DecoderShape, check_decoder, read_config, shape_of
from irloom.models.loading import pick_device
from irloom.models.local_model import LocalModel

if TYPE_CHECKING:
    from irloom.models.decoders.engine import DecoderEngine


class DecoderBase(LocalModel["DecoderEngine"]):
    """A causal decoder of transformers, without a head."""

    kind = "AutoModelForCausalLM"
    """The class in transformers that reads the weights."""
    name = "decoder_base"
    purpose = "Decoder"

    @cached_property
    def shape(self) -> DecoderShape:
        """The decoder's sizes; weights are not loaded for it.

        Raises:
            ModelError: the folder holds no causal decoder with readable attention.
        """
        config = read_config(self.folder, remote_code=self.trust_remote_code)
        check_decoder(self.folder, config, remote_code=self.trust_remote_code)
        return shape_of(config, max_tokens=self.max_tokens)

    def warm_up(self) -> None:
        """Loads tokenizer and weights.

        Raises:
            MissingExtra: torch or transformers is not installed.
            ModelError: the model cannot be loaded or computed.
        """
        _ = self.shape, self.text, self.engine

    def _load(self) -> "DecoderEngine":
        for package in ("torch", "safetensors", "tokenizers", "transformers"):
            require(package, extra="models", purpose="Decoder")
        shape = self.shape
        from irloom.models.decoders.engine import load_engine

        return load_engine(
            self.folder, self.kind, shape, dtype=self.dtype, device=pick_device(self.device), remote_code=self.trust_remote_code
        )

    @property
    def has_chat(self) -> bool:
        """Whether the tokenizer has a chat template."""
        return self.text.has_chat

    @property
    def special_names(self) -> tuple[str, ...]:
        """Texts that stand for special tokens, such as "</s>", longest first."""
        return self.text.special_names

    @property
    def end(self) -> int | None:
        """The id of the token that ends a text; None where the tokenizer has none."""
        return self.text.end

    def encode(self, text: str, *, special: bool = False, plain: bool = False) -> NDArray[np.int64]:
        """Token ids, int64 (n,).

        Args:
            text: any text.
            special: whether the tokenizer's own special tokens are put around it, such as the one for the beginning.
            plain: whether names of special tokens in the text are letters like any others, as a document's should be, which must not
                end the turn that it stands in; otherwise they become those tokens.
        """
        return self.text.encode(text, special=special, plain=plain)

    def decode(self, ids: NDArray[np.int64]) -> str:
        """Text of token ids, special tokens left out."""
        return self.text.decode(ids)

    def chat(self, messages: Sequence[Message], *, start: str = "") -> str:
        r"""The messages as the model wants to read them, and the beginning of its answer.

        A template without a system role gets the system's text, "\n " and the user's text as one; without a template the contents
        stand one a line. Templates that offer a phase of thinking are asked to leave it out. Names of special tokens in the contents
        get a blank ("</s>" becomes "< /s>"), so that a document cannot end the turn that it stands in; `start` stays as it is.

        Args:
            messages: the chat so far.
            start: text that the answer begins with.

        Raises:
            ModelError: the template refuses the messages.
        """
        return self.text.rendered(messages) + start

    def encode_chat(self, messages: Sequence[Message], *, start: str = "") -> NDArray[np.int64]:
        """Token ids of `chat`, int64 (n,): a template brings its special tokens, plain text gets the tokenizer's own."""
        return self.text.encode_prompt(self.chat(messages, start=start))

    def token(self, text: str, *, after: str = "") -> int:
        """The one id that `text` is when it follows `after`.

        Raises:
            ModelError: it is several tokens there, or melts into the text before it.
        """
        return self.text.token(text, after=after)

    def prefill(self, ids: NDArray[np.int64], *, layers: int | None = None) -> Prefix:
        """Reads tokens once, to go on from them later.

        Args:
            ids: int64 (n,).
            layers: how many layers, from the first on; all when left out. Attention of later layers cannot be read on the prefix.

        Raises:
            ModelError: the tokens are longer than the context.
        """
        engine = self.engine
        own = token_ids(ids)
        engine.check_length(len(own))
        return engine.prefill(own, None, layers=self._layers(layers))

    def attention(
        self,
        prefix: Prefix | None,
        tail: NDArray[np.int64],
        *,
        heads: Sequence[tuple[int, int]] | None = None,
        rows: slice | None = None,
        per_head: bool = False,
    ) -> NDArray[np.float32]:
        """Attention after the softmax that the tail's tokens pay to every key, as a mean over tokens.

        Nothing of the size tokens x keys is kept, and nothing is computed behind the last layer that is read.

        Args:
            prefix: what the tail goes on from, or None.
            tail: int64 (m,), at least one token.
            heads: pairs of layer and query head, both counted from 0; all when left out.
            rows: which of the tail's tokens; all when left out.
            per_head: whether heads are told apart.

        Returns:
            float32 (prefix + tail,), summed over the heads; or (layers, heads, prefix + tail), up to the last layer computed. Not a
            number where the weights overflow.

        Raises:
            BadValue: no head or no row is chosen, or a head that the model does not have.
            ModelError: prompt longer than the context, or prefix of fewer layers.
        """
        return self._rows(prefix, tail, heads=heads, rows=rows, per_head=per_head, of_products=False)

    def query_key(
        self,
        prefix: Prefix | None,
        tail: NDArray[np.int64],
        *,
        heads: Sequence[tuple[int, int]] | None = None,
        rows: slice | None = None,
        per_head: bool = False,
    ) -> NDArray[np.float32]:
        """Scaled products of queries and keys before cap and softmax; arguments, shapes and errors are those of `attention`.

        A key that a token does not see counts as 0 in the mean.
        """
        return self._rows(prefix, tail, heads=heads, rows=rows, per_head=per_head, of_products=True)

    def _rows(
        self,
        prefix: Prefix | None,
        tail: NDArray[np.int64],
        *,
        heads: Sequence[tuple[int, int]] | None,
        rows: slice | None,
        per_head: bool,
        of_products: bool,
    ) -> NDArray[np.float32]:
        from irloom.models.decoders.reading import read_rows

        return read_rows(self.engine, prefix, token_ids(tail), heads=heads, rows=rows, per_head=per_head, of_products=of_products)

    def _layers(self, layers: int | None) -> int:
        if layers is None:
            return self.shape.layers
        if not 1 <= layers <= self.shape.layers:
            raise BadValue("layers", layers, f"1 to {self.shape.layers}, the layers of {self.model}")
        return layers


def token_ids(ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """Token ids as int64 (n,).

    Raises:
        ModelError: they are not whole numbers.
    """
    own = np.asarray(ids)
    if own.ndim != 1 or (own.size and own.dtype.kind not in "iu"):
        raise ModelError(f"token ids are whole numbers in one row; found {own.dtype} of shape {own.shape}")
    return own.astype(np.int64)
