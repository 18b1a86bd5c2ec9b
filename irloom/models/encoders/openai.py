"""OpenAIEncoder: vectors from an OpenAI-compatible /v1/embeddings endpoint, with nothing but the standard library."""

import base64
import binascii
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from irloom.core.batches import DenseBatch
from irloom.core.errors import BadValue, ModelError, ShapeMismatch
from irloom.core.files import short_hash
from irloom.core.types import Document, Query
from irloom.models.json_client import JsonClient


class OpenAIEncoder:
    """Encodes texts by a server that speaks OpenAI's embeddings protocol (OpenAI, vLLM, TEI, llama.cpp, Ollama, ...).

    A request that fails is tried again as `JsonClient` does. Which weights a server holds cannot be seen from here: the space is its
    model's name.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        *,
        api_key_env: str = "OPENAI_API_KEY",
        dim: int | None = None,
        query_prompt: str = "",
        document_prompt: str = "",
        normalize: bool = True,
        encoding_format: str = "float",
        batch_size: int = 64,
        timeout: float = 60.0,
        retries: int = 5,
        first_wait: float = 0.5,
    ) -> None:
        """Stores the settings; the server is asked at the first encoding.

        Args:
            base_url: up to and including the version, such as "http://localhost:8000/v1".
            model: the model's name at the server.
            api_key_env: environment variable that holds the key; without one no key is sent.
            dim: width to ask for (`dimensions`) and to check; whatever the server gives when left out.
            query_prompt: text put before each query.
            document_prompt: text put before each document.
            normalize: whether vectors get length 1.
            encoding_format: "float" or "base64", how vectors travel.
            batch_size: texts in a request.
            timeout: seconds for a connection, and for an answer.
            retries: how often a failed request is tried again.
            first_wait: seconds before the first new try.

        Raises:
            BadValue: an argument is out of its range.
        """
        if encoding_format not in ("float", "base64"):
            raise BadValue("encoding_format", encoding_format, "one of float, base64")
        for name, value, least in (("batch_size", batch_size, 1), ("dim", dim, 1)):
            if value is not None and value < least:
                raise BadValue(name, value, f"{least} or more")
        self.client = JsonClient(base_url, api_key_env=api_key_env, timeout=timeout, retries=retries, first_wait=first_wait)
        self.base_url, self.model = self.client.base_url, model
        self.dim, self.query_prompt, self.document_prompt, self.normalize = dim, query_prompt, document_prompt, normalize
        self.encoding_format, self.batch_size = encoding_format, batch_size

    @property
    def space(self) -> str:
        """The model's name with prompts, normalisation and width."""
        return f"openai:{short_hash(self.model, self.query_prompt, self.document_prompt, str(self.normalize), str(self.dim))}"

    @property
    def compatible_with(self) -> tuple[str, ...]:
        """Other spaces whose vectors may be compared with these: none."""
        return ()

    @property
    def fingerprint(self) -> str:
        """The space with the server's address."""
        return f"{self.space}:{short_hash(self.base_url)}"

    def warm_up(self) -> None:
        """Nothing loads here."""

    def encode_queries(self, queries: Sequence[Query]) -> DenseBatch:
        """float32 (n, dim), one row a query.

        Raises:
            ModelError: the server does not answer as the protocol says, after all tries.
            ShapeMismatch: a vector has another width than `dim`, or than the others.
        """
        return self._encode([self.query_prompt + query.text for query in queries])

    def encode_documents(self, documents: Sequence[Document]) -> DenseBatch:
        """float32 (n, dim), one row a document (title and text); raises as `encode_queries` does."""
        return self._encode([self.document_prompt + document.full_text for document in documents])

    def _encode(self, texts: list[str]) -> NDArray[np.float32]:
        # an empty input is an error at most servers; one blank stands for it
        sent = [text if text.strip() else " " for text in texts]
        blocks = [self._request(sent[start : start + self.batch_size]) for start in range(0, len(sent), self.batch_size)]
        if not blocks:
            return np.empty((0, self.dim or 0), dtype=np.float32)
        widths = {block.shape[1] for block in blocks}
        if len(widths) > 1 or (self.dim is not None and widths != {self.dim}):
            found = max(widths) if self.dim is None else next(width for width in widths if width != self.dim)
            raise ShapeMismatch(f"vectors of {self.model!r}", expected=f"(n, {self.dim or min(widths)})", found=(len(texts), found))
        vectors = np.concatenate(blocks)
        if self.normalize:
            vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.float32(1e-12))
        return vectors

    def _request(self, texts: list[str]) -> NDArray[np.float32]:
        body: dict[str, Any] = {"model": self.model, "input": texts, "encoding_format": self.encoding_format}
        if self.dim is not None:
            body["dimensions"] = self.dim
        answer = self.client.post("/embeddings", body)
        if not isinstance(answer, dict):
            raise ModelError(f"{self.base_url}/embeddings: the answer is not a JSON object")
        try:
            entries = sorted(answer["data"], key=lambda entry: int(entry["index"]))
            places = [int(entry["index"]) for entry in entries]
            rows = [_vector(entry["embedding"]) for entry in entries]
        except (KeyError, TypeError, ValueError, binascii.Error) as error:
            raise ModelError(
                f"{self.base_url}/embeddings: the answer is not an embeddings list ({type(error).__name__}: {error})"
            ) from error
        if places != list(range(len(texts))):
            raise ModelError(f"{self.base_url}/embeddings: {len(texts)} texts were sent, and vectors came back for {len(places)} places")
        if len({len(row) for row in rows}) != 1 or not len(rows[0]):
            raise ShapeMismatch(
                f"vectors of {self.model!r}", expected="one width, more than 0", found=tuple(sorted({len(row) for row in rows}))
            )
        block = np.stack(rows)
        if not np.isfinite(block).all():
            raise ModelError(f"{self.base_url}/embeddings: a vector holds NaN or infinity")
        return block


def _vector(value: str | list[float]) -> NDArray[np.float32]:
    """A vector as it travels: little-endian float32 in base64, or a list of numbers."""
    if isinstance(value, str):
        return np.frombuffer(base64.b64decode(value, validate=True), dtype="<f4").astype(np.float32)
    return np.array(value, dtype=np.float32)
