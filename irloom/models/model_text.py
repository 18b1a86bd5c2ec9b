"""The text side of a language model: token ids, chat templates, single-token words."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import ModelError
from irloom.core.optional import require
from irloom.models.decoders.messages import Message, plain_text, without_system


class ModelText:
    """A language model's tokenizer. Reading it never changes it, so threads may share it."""

    def __init__(self, folder: Path, tokenizer: Any) -> None:
        self.folder, self.tokenizer = folder, tokenizer
        self.backend: Any = None
        self.literal: Any = None
        if getattr(tokenizer, "is_fast", False):
            self.backend, self.literal = (_backend(tokenizer, literal=literal) for literal in (False, True))

    @cached_property
    def special_names(self) -> tuple[str, ...]:
        """Texts that stand for special tokens, such as "</s>", longest first."""
        names = {str(token.content) for token in self.tokenizer.added_tokens_decoder.values() if token.special}
        return tuple(sorted((name for name in names if len(name) > 1), key=lambda name: (-len(name), name)))

    @property
    def end(self) -> int | None:
        """The id of the token that ends a text; None where the tokenizer has none."""
        number = self.tokenizer.eos_token_id
        return None if number is None else int(number)

    def harmless(self, text: str) -> str:
        """The text with a blank in each name of a special token, so that it stays text: "</s>" becomes "< /s>"."""
        for name in self.special_names:
            text = text.replace(name, f"{name[0]} {name[1:]}")
        return text

    @property
    def has_chat(self) -> bool:
        """Whether the tokenizer has a chat template."""
        return bool(getattr(self.tokenizer, "chat_template", None))

    def encode(self, text: str, *, special: bool, plain: bool = False) -> NDArray[np.int64]:
        """Token ids, int64 (n,); with `plain`, names of special tokens in the text are letters like any others.

        Half a pair of surrogates, which no tokenizer takes, becomes "?".
        """
        text = text.encode("utf-8", "replace").decode("utf-8")
        if self.backend is not None:
            ids = (self.literal if plain else self.backend).encode(text, add_special_tokens=special).ids
        else:
            ids = self.tokenizer.encode(text, add_special_tokens=special, split_special_tokens=plain)
        return np.asarray(ids, dtype=np.int64)

    def decode(self, ids: Sequence[int] | NDArray[np.int64]) -> str:
        """Text of token ids, special tokens left out, with the blanks that were encoded."""
        numbers = [int(number) for number in ids]
        whole: str = self.tokenizer.decode(numbers, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return whole

    def rendered(self, messages: Sequence[Message]) -> str:
        """Messages by the template, ready for the model's answer; names of special tokens in their contents are made harmless.

        Raises:
            ModelError: the template refuses the messages.
        """
        messages = [Message(message.role, self.harmless(message.content)) for message in messages]
        if not self.has_chat:
            return plain_text(messages)
        templates = require("jinja2", extra="models", purpose="a chat template")
        system = next((message.content.strip() for message in messages if message.role == "system"), "")
        try:
            text = self._render(messages)
            if system in text:
                return text
        except templates.TemplateError as error:
            if not system:
                raise ModelError(f"{self.folder}: the chat template refuses the messages ({error})") from error
        try:
            return self._render(without_system(messages))
        except templates.TemplateError as error:
            raise ModelError(f"{self.folder}: the chat template refuses the messages ({error})") from error

    def _render(self, messages: Sequence[Message]) -> str:
        chat = [{"role": message.role, "content": message.content} for message in messages]
        text: str = self.tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True, enable_thinking=False)
        return text

    def encode_prompt(self, text: str) -> NDArray[np.int64]:
        """Token ids of a rendered prompt: a template brings its special tokens, a plain text gets the tokenizer's own."""
        return self.encode(text, special=not self.has_chat and not self._begins(text))

    def _begins(self, text: str) -> bool:
        first = getattr(self.tokenizer, "bos_token", None)
        return bool(first) and text.startswith(str(first))

    def token(self, text: str, *, after: str) -> int:
        """The one id that `text` is when it follows `after`.

        Raises:
            ModelError: it is several tokens there, or melts into the text before it.
        """
        before = self.encode(after, special=False)
        both = self.encode(after + text, special=False)
        if len(both) != len(before) + 1 or not np.array_equal(both[: len(before)], before):
            place = f" after {after!r}" if after else ""
            own = [self.piece(int(number)) for number in both[len(before) :]]
            raise ModelError(f"{self.folder}: {text!r}{place} is not one token of this tokenizer; it becomes {own}")
        return int(both[-1])

    def piece(self, number: int) -> str:
        """A token as the vocabulary writes it."""
        return str(self.tokenizer.convert_ids_to_tokens(number))


def _backend(tokenizer: Any, *, literal: bool) -> Any:
    """A copy of a fast tokenizer that neither cuts nor pads; a literal one takes names of special tokens as letters."""
    backend = require("tokenizers", extra="models").Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
    backend.no_truncation()
    backend.no_padding()
    backend.encode_special_tokens = literal
    return backend


def load_text(folder: Path, *, remote_code: bool) -> ModelText:
    """The tokenizer of a model folder.

    Raises:
        MissingExtra: transformers is not installed.
        ModelError: the tokenizer's files cannot be read.
    """
    transformers = require("transformers", extra="models", purpose="a tokenizer")
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(str(folder), trust_remote_code=remote_code)
    except (OSError, ValueError, KeyError, ImportError, TypeError, AttributeError) as error:
        if not (folder / "config.json").is_file():
            raise ModelError(f"{folder} is not a model folder: {folder / 'config.json'} is missing") from error
        raise ModelError(f"{folder}: the tokenizer cannot be loaded ({error})") from error
    if len(tokenizer) <= len(tokenizer.all_special_ids):
        raise ModelError(f"{folder}: the tokenizer has no vocabulary; tokenizer.json or the files that it is made from are missing")
    return ModelText(folder, tokenizer)
