"""Models whose modules irloom does not know, run by sentence-transformers itself."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from irloom.core.batches import TokenBatch
from irloom.core.errors import ModelError
from irloom.core.optional import require
from irloom.models.encoders.folder import ModelSettings
from irloom.models.loading import quiet_loading

_ROWS = 32


class DelegatedEngine:
    """sentence-transformers' `encode` behind the engine's joint."""

    def __init__(self, folder: Path, settings: ModelSettings, *, device: str, dtype: str, remote_code: bool) -> None:
        library = require("sentence_transformers", extra="models", purpose=f"a model with the module {settings.foreign or 'of any kind'}")
        if any(folder.rglob("*.bin")) and not any(folder.rglob("*.safetensors")):
            raise ModelError(f"{folder} holds pickled weights (.bin) only; save it again with safetensors")
        try:
            with quiet_loading():
                self.model = library.SentenceTransformer(
                    str(folder),
                    device=device,
                    trust_remote_code=remote_code,
                    model_kwargs={"dtype": getattr(torch, dtype), "use_safetensors": True},
                )
        except (OSError, ValueError, KeyError, ImportError, RuntimeError, TypeError) as error:
            raise ModelError(f"{folder}: sentence-transformers cannot load the model ({error})") from error
        if settings.max_tokens is not None:
            self.model.max_seq_length = settings.max_tokens
        self.settings = settings
        self.dim = int(settings.truncate_dim or self.model.get_embedding_dimension())

    def vectors(self, texts: Sequence[str], *, prompt: str) -> NDArray[np.float32]:
        if not texts:
            return np.empty((0, self.dim), dtype=np.float32)
        vectors: NDArray[np.float32] = self.model.encode(
            list(texts),
            prompt=prompt or None,
            batch_size=_ROWS,
            show_progress_bar=False,
            convert_to_numpy=True,
            normalize_embeddings=self.settings.normalize,
            truncate_dim=self.settings.truncate_dim,
        ).astype(np.float32)
        return vectors

    def both(self, texts: Sequence[str], *, prompt: str, token_dtype: str) -> tuple[NDArray[np.float32], TokenBatch]:
        raise ModelError(f"module {self.settings.foreign} is run by sentence-transformers, which gives no token vectors here")
