"""Writer: a model that writes texts, be it a Decoder of this process or a Generator elsewhere."""

from collections.abc import Sequence
from typing import TypeAlias, cast

from irloom.core.contracts import Generator
from irloom.models.decoders.decoder import Decoder
from irloom.models.decoders.messages import Message, plain_text
from irloom.models.generators.generated import Answering, Generated

Model: TypeAlias = str | Decoder | Generator
"""A folder or hub id of a decoder, a Decoder, or a Generator."""


class Writer:
    """Chats to texts; the weights of a named model load at first use.

    Args:
        model: a Decoder by name or as it is, or a Generator. A Generator that takes chats (`answers`) gets them as they are; another
            one gets the contents of the messages one a line.
    """

    def __init__(self, model: Model) -> None:
        self.model: Decoder | Generator = Decoder(model) if isinstance(model, str) else model

    @property
    def decoder(self) -> Decoder | None:
        """The model, where its tokens can be counted."""
        return cast(Decoder, self.model) if hasattr(self.model, "encode_chat") else None

    @property
    def fingerprint(self) -> str:
        """The model's; the name of its class where it has none."""
        return str(getattr(self.model, "fingerprint", type(self.model).__name__))

    def warm_up(self) -> None:
        """Loads the weights, where there are any."""
        if warm_up := getattr(self.model, "warm_up", None):
            warm_up()

    def tokens(self, text: str) -> int:
        """Tokens of a text; of a Generator's at most as many as characters."""
        decoder = self.decoder
        return len(text) if decoder is None else len(decoder.encode(text))

    def prompt_tokens(self, chat: Sequence[Message], *, start: str) -> int:
        """Tokens of a chat; 0 where they cannot be counted."""
        decoder = self.decoder
        return 0 if decoder is None else len(decoder.encode_chat(chat, start=start))

    def write(self, chats: Sequence[Sequence[Message]], *, start: str, max_new_tokens: int) -> list[Generated]:
        """What the model says in each chat, after `start`.

        Raises:
            ModelError: the model cannot answer any.
        """
        if not chats:
            return []
        decoder, model = self.decoder, self.model
        if decoder is not None:
            prompts = [decoder.chat(chat, start=start) for chat in chats]
            texts = decoder.generate(prompts, max_new_tokens=max_new_tokens)
            counts = [self.prompt_tokens(chat, start=start) for chat in chats]
            return [Generated(text, count, self.tokens(text)) for text, count in zip(texts, counts, strict=True)]
        if isinstance(model, Answering):
            return model.answers([_begun(chat, start) for chat in chats], max_new_tokens=max_new_tokens)
        written = model.generate([plain_text(chat) + start for chat in chats], max_new_tokens=max_new_tokens)
        return [Generated(text) for text in written]


def _begun(chat: Sequence[Message], start: str) -> list[Message]:
    """The chat with the beginning of the assistant's answer behind it, as servers take it."""
    return [*chat, Message("assistant", start)] if start else list(chat)
