"""CrossEncoder: one score a pair of query and document, both read together by one network."""

import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from irloom.core.files import short_hash
from irloom.core.once import Once
from irloom.core.optional import require
from irloom.core.types import Document, Query
from irloom.models.loading import content_hash, model_folder, pick_device, read_json
from irloom.models.scorers.pairs import TRUNCATIONS
from irloom.models.settings import DTYPES, at_least, one_of

if TYPE_CHECKING:
    from irloom.models.scorers.engine import PairEngine

ACTIVATIONS = ("logit", "log_odds", "sigmoid", "softmax", "saved")
BACKENDS = ("auto", "packed", "transformers")


class CrossEncoder:
    """Scores pairs with a Hugging Face sequence-classification model or a sentence-transformers CrossEncoder.

    The document enters as title and text. A score does not depend on the other pairs of a call beyond float32 rounding.

    Paper: Nogueira, Cho, "Passage Re-ranking with BERT", arXiv 1901.04085, 2019, section 2.
    Differs: the score is the raw logit, or the log-odds of the class where there are several; order is that of the probability.
    """

    def __init__(
        self,
        model: str | os.PathLike[str],
        *,
        activation: str | None = None,
        label: int | None = None,
        truncation: str = "document",
        query_tokens: int = 64,
        max_tokens: int | None = None,
        dtype: str = "float32",
        device: str | None = None,
        batch_tokens: int | None = None,
        revision: str | None = None,
        trust_remote_code: bool = False,
        backend: str = "auto",
    ) -> None:
        """Stores the settings; weights load at first use or by `warm_up()`.

        Args:
            model: a folder or a hub id.
            activation: what becomes of the logits: "logit" (as it is), "log_odds" (of the class against the others),
                "sigmoid", "softmax" (probability of the class), or "saved" (what the folder's configuration names, else
                the sigmoid for one logit). Left out: "logit" for one logit, "log_odds" for several.
            label: which logit stands for "relevant"; left out: the only one, or the second of two.
            truncation: "document" caps the query at `query_tokens` and cuts the document; "longest_first" cuts the longer
                side, as sentence-transformers does.
            query_tokens: tokens of the query at most, for "document".
            max_tokens: tokens of a pair, special tokens included; the model's limit when left out.
            dtype: computing type; scores come out as float32 in any case.
            device: torch device; CUDA where there is one, else the CPU.
            batch_tokens: tokens in a batch; chosen for the device when left out.
            revision: branch, tag or commit of a hub id.
            trust_remote_code: whether Python code that comes with the model may run.
            backend: "packed" (irloom's own, BERT-like models on the CPU), "transformers", or "auto".

        Raises:
            BadValue: an argument is out of its range.
        """
        one_of("activation", activation, ACTIVATIONS)
        one_of("truncation", truncation, TRUNCATIONS)
        one_of("dtype", dtype, DTYPES)
        one_of("backend", backend, BACKENDS)
        at_least("label", label, 0)
        at_least("query_tokens", query_tokens, 1)
        at_least("max_tokens", max_tokens, 8)
        at_least("batch_tokens", batch_tokens, 1)
        self.model = os.fspath(model)
        self.activation, self.label = activation, label
        self.truncation, self.query_tokens, self.max_tokens = truncation, query_tokens, max_tokens
        self.dtype, self.device, self.batch_tokens, self.backend = dtype, device, batch_tokens, backend
        self.revision, self.trust_remote_code = revision, trust_remote_code
        self._engine: Once[PairEngine] = Once()

    @cached_property
    def folder(self) -> Path:
        """The folder that holds the model.

        Raises:
            ModelError: there is no such model.
        """
        return model_folder(self.model, revision=self.revision, remote_code=self.trust_remote_code, purpose="CrossEncoder")

    @cached_property
    def fingerprint(self) -> str:
        """Changes with the weights and with every setting that changes a score."""
        chain = read_json(self.folder / "config_sentence_transformers.json") if self.activation == "saved" else {}
        activation = f"saved {chain.get('activation_fn')}" if chain else self.activation
        settings = (activation, self.label, self.truncation, self.query_tokens, self.max_tokens, self.dtype, self.backend)
        return f"cross_encoder:{short_hash(content_hash(self.folder), *map(str, settings))}"

    def warm_up(self) -> None:
        """Loads the weights.

        Raises:
            MissingExtra: torch or transformers is not installed.
            ModelError: the model cannot be loaded, or has no trained classification head.
        """
        self._loaded()

    def score(self, groups: Sequence[tuple[Query, Sequence[Document]]]) -> list[NDArray[np.float32]]:
        """One array a group: float32 (n_i,), in the order of its documents, higher is better."""
        flat = self._loaded().scores([(query.text, [document.full_text for document in documents]) for query, documents in groups])
        ends = np.cumsum([len(documents) for _, documents in groups], dtype=np.int64)
        return np.split(flat, ends[:-1]) if len(groups) else []

    def _loaded(self) -> "PairEngine":
        return self._engine.get(self._load)

    def _load(self) -> "PairEngine":
        for package in ("torch", "safetensors", "tokenizers"):
            require(package, extra="models", purpose="CrossEncoder")
        from irloom.models.scorers.engine import PairSettings, load_pair_engine

        return load_pair_engine(
            self.folder,
            PairSettings(self.activation, self.label, self.truncation, self.query_tokens, self.max_tokens, self.batch_tokens),
            dtype=self.dtype,
            device=pick_device(self.device),
            backend=self.backend,
            remote_code=self.trust_remote_code,
        )
