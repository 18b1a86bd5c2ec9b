"""LocalModel: a language model in a folder of this machine, whatever its network: settings, fingerprint, tokenizer, weights."""

import os
from abc import ABC, abstractmethod
from functools import cached_property
from pathlib import Path
from typing import Generic, TypeVar

from irloom.core.files import short_hash
from irloom.core.once import Once
from irloom.models.loading import content_hash, model_folder
from irloom.models.model_text import ModelText, load_text
from irloom.models.settings import DTYPES, at_least, one_of

E = TypeVar("E")


class LocalModel(ABC, Generic[E]):
    """What a Decoder, a SequenceHead and a Seq2Seq have in common; `E` is the loaded network."""

    name = "local_model"
    """What fingerprints begin with."""
    purpose = "a language model"
    """What errors say that the model is for."""
    least_tokens = 1
    """The least limit of tokens that makes sense."""

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
            dtype: type of weights and hidden states, one of `settings.DTYPES`; results are float32 in any case.
            device: torch device; CUDA where there is one, else the CPU.
            max_tokens: tokens of a prompt at most; as many as the network has positions for when left out, and any number where its
                positions are relative, as T5's are.
            batch_tokens: tokens in a batch; chosen for the device when left out.
            revision: branch, tag or commit of a hub id.
            trust_remote_code: whether Python code that comes with the model may run.

        Raises:
            BadValue: an argument is out of its range.
        """
        one_of("dtype", dtype, DTYPES)
        at_least("max_tokens", max_tokens, self.least_tokens)
        at_least("batch_tokens", batch_tokens, 1)
        self.model = os.fspath(model)
        self.dtype, self.device, self.max_tokens, self.batch_tokens = dtype, device, max_tokens, batch_tokens
        self.revision, self.trust_remote_code = revision, trust_remote_code
        self._text: Once[ModelText] = Once()
        self._engine: Once[E] = Once()

    @cached_property
    def folder(self) -> Path:
        """The folder that holds the model.

        Raises:
            ModelError: there is no such model.
        """
        return model_folder(self.model, revision=self.revision, remote_code=self.trust_remote_code, purpose=self.purpose)

    @cached_property
    def weights(self) -> str:
        """SHA-256 of weights, architecture and tokenizer, whatever the settings."""
        return content_hash(self.folder)

    @cached_property
    def fingerprint(self) -> str:
        """Changes with the weights and with every setting that changes a number."""
        return f"{self.name}:{short_hash(self.weights, self.dtype, str(self.max_tokens))}"

    @property
    def text(self) -> ModelText:
        """The tokenizer, loaded.

        Raises:
            ModelError: its files cannot be read.
        """
        return self._text.get(lambda: load_text(self.folder, remote_code=self.trust_remote_code))

    @property
    def engine(self) -> E:
        """The network, loaded."""
        return self._engine.get(self._load)

    @abstractmethod
    def _load(self) -> E:
        """Loads the weights, once."""
