"""DenseEncoder: one vector a text from any sentence-transformers or transformers model."""

import os
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from irloom.core.batches import DenseBatch, TokenBatch
from irloom.core.files import short_hash
from irloom.core.once import Once
from irloom.core.optional import require
from irloom.core.types import Document, Query
from irloom.models.encoders.folder import POOLINGS, ModelSettings, read_settings
from irloom.models.loading import content_hash, model_folder, pick_device
from irloom.models.settings import DTYPES, at_least, one_of

if TYPE_CHECKING:
    from irloom.models.encoders.engine import Engine
    from irloom.models.encoders.tokens import TokenEncoder

BACKENDS = ("auto", "packed", "transformers", "sentence-transformers")


class DenseEncoder:
    """Encodes queries and documents as one float32 vector each.

    What the arguments leave open comes from the model's folder: pooling, prompts, normalisation, width and length limit.
    A plain transformers folder is pooled by its mean and not normalised. Vectors equal those of sentence-transformers'
    `encode` to 1e-5. Where the folder has modules that irloom does not know, sentence-transformers itself runs them.

    Paper: Reimers, Gurevych, "Sentence-BERT: Sentence Embeddings using Siamese BERT-Networks", EMNLP 2019, section 3.
    Paper: Kusupati et al., "Matryoshka Representation Learning", NeurIPS 2022 (`truncate_dim`: truncated, then normalised).
    """

    def __init__(
        self,
        model: str | os.PathLike[str],
        *,
        pooling: str | None = None,
        query_prompt: str | None = None,
        document_prompt: str | None = None,
        normalize: bool | None = None,
        truncate_dim: int | None = None,
        dtype: str = "float32",
        device: str | None = None,
        max_tokens: int | None = None,
        batch_tokens: int | None = None,
        revision: str | None = None,
        trust_remote_code: bool = False,
        backend: str = "auto",
    ) -> None:
        """Stores the settings; weights load at first use or by `warm_up()`.

        Args:
            model: "minilm" (extra `demo`), a folder, or a hub id.
            pooling: "mean", "cls", "lasttoken", "max", "weightedmean" or "mean_sqrt_len_tokens".
            query_prompt: text put before each query; "" for none.
            document_prompt: text put before each document; "" for none.
            normalize: whether vectors get length 1.
            truncate_dim: leading dimensions to keep, cut before normalisation.
            dtype: computing type; vectors come out as float32 in any case.
            device: torch device; CUDA where there is one, else the CPU.
            max_tokens: tokens of a text to read, special tokens included.
            batch_tokens: tokens in a batch; chosen for the device when left out.
            revision: branch, tag or commit of a hub id.
            trust_remote_code: whether Python code that comes with the model may run.
            backend: who computes: "packed" (irloom's own, BERT-like models on the CPU), "transformers",
                "sentence-transformers", or "auto".

        Raises:
            BadValue: an argument is out of its range.
        """
        one_of("pooling", pooling, POOLINGS)
        one_of("dtype", dtype, DTYPES)
        one_of("backend", backend, BACKENDS)
        at_least("truncate_dim", truncate_dim, 1)
        at_least("max_tokens", max_tokens, 1)
        at_least("batch_tokens", batch_tokens, 1)
        self.model = os.fspath(model)
        self.pooling, self.normalize, self.truncate_dim = pooling, normalize, truncate_dim
        self.query_prompt, self.document_prompt = query_prompt, document_prompt
        self.dtype, self.device, self.backend = dtype, device, backend
        self.max_tokens, self.batch_tokens = max_tokens, batch_tokens
        self.revision, self.trust_remote_code = revision, trust_remote_code
        self._engine: Once[Engine] = Once()

    @cached_property
    def folder(self) -> Path:
        """The folder that holds the model.

        Raises:
            MissingExtra: the package that carries it is not installed.
            ModelError: there is no such model.
        """
        return model_folder(self.model, revision=self.revision, remote_code=self.trust_remote_code, purpose="DenseEncoder")

    @cached_property
    def settings(self) -> ModelSettings:
        """The folder's settings, with those that the constructor was given in their place."""
        found = read_settings(self.folder)
        pooling = found.pooling if self.pooling is None else (self.pooling,)
        prompts = dict(found.prompts)
        if self.query_prompt is not None:
            prompts["query"] = self.query_prompt
        if self.document_prompt is not None:
            prompts["document"] = self.document_prompt
        return replace(
            found,
            pooling=pooling,
            prompts=prompts,
            normalize=found.normalize if self.normalize is None else self.normalize,
            truncate_dim=found.truncate_dim if self.truncate_dim is None else self.truncate_dim,
            max_tokens=found.max_tokens if self.max_tokens is None else self.max_tokens,
        )

    @cached_property
    def weights_hash(self) -> str:
        """SHA-256 over weights, architecture and tokenizer, in hexadecimal."""
        return content_hash(self.folder)

    @cached_property
    def space(self) -> str:
        """Names what makes vectors comparable: weights, tokenizer, pooling, prompts, normalisation, width."""
        chosen = self.settings
        parts = (
            self.weights_hash,
            "+".join(chosen.pooling),
            str(chosen.prompt_pooled),
            str(chosen.normalize),
            str(chosen.truncate_dim),
            str(chosen.lower),
            chosen.query_prompt,
            chosen.document_prompt,
        )
        return f"dense:{short_hash(*parts)}"

    @property
    def compatible_with(self) -> tuple[str, ...]:
        """Other spaces whose vectors may be compared with these: none."""
        return ()

    @property
    def fingerprint(self) -> str:
        """The space with computing type, backend and length limit."""
        return f"{self.space}:{self.dtype}:{self.backend}:{self.settings.max_tokens or 'model'}"

    @property
    def dim(self) -> int:
        """The width of a vector. Loads the weights."""
        return self._loaded().dim

    def warm_up(self) -> None:
        """Loads the weights.

        Raises:
            MissingExtra: torch or transformers is not installed.
            ModelError: the model cannot be loaded.
        """
        self._loaded()

    def encode_queries(self, queries: Sequence[Query]) -> DenseBatch:
        """float32 (n, dim), one row a query, in their order."""
        return self.encode_texts([query.text for query in queries], prompt=self.settings.query_prompt)

    def encode_documents(self, documents: Sequence[Document]) -> DenseBatch:
        """float32 (n, dim), one row a document (title and text), in their order; an empty document has a row too."""
        return self.encode_texts([document.full_text for document in documents], prompt=self.settings.document_prompt)

    def encode_texts(self, texts: Sequence[str], *, prompt: str = "") -> NDArray[np.float32]:
        """float32 (n, dim), one row a text, in their order, `prompt` put before each."""
        return self._loaded().vectors(texts, prompt=prompt)

    def token_vectors(self, texts: Sequence[str], *, prompt: str = "", dtype: str = "float16") -> TokenBatch:
        """One row of token vectors a text, as TokenEncoder describes them, `prompt` put before each."""
        return self._loaded().both(texts, prompt=prompt, token_dtype=dtype)[1]

    def encode_both(self, documents: Sequence[Document]) -> tuple[DenseBatch, TokenBatch]:
        """Pooled vectors and token vectors of documents from the same pass.

        Returns:
            The vectors that `encode_documents` gives, float32 (n, dim), and those that `tokens` gives, float16 (tokens, width).

        Raises:
            ModelError: sentence-transformers runs this model, which gives no token vectors here.
        """
        prompt = self.settings.document_prompt
        return self._loaded().both([document.full_text for document in documents], prompt=prompt, token_dtype="float16")

    @property
    def tokens(self) -> "TokenEncoder":
        """The same model as an encoder of token vectors, float16; both share the weights."""
        from irloom.models.encoders.tokens import TokenEncoder

        return TokenEncoder(self)

    def _loaded(self) -> "Engine":
        return self._engine.get(self._load)

    def _load(self) -> "Engine":
        for package in ("torch", "safetensors", "tokenizers"):
            require(package, extra="models", purpose="DenseEncoder")
        from irloom.models.encoders.engine import load_engine

        return load_engine(
            self.settings,
            whole=self.folder,
            dtype=self.dtype,
            device=pick_device(self.device),
            batch_tokens=self.batch_tokens,
            backend=self.backend,
            remote_code=self.trust_remote_code,
        )
