"""The loaded half of a DenseEncoder: tokenizer, network, pooling. Imported when weights load."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from irloom.core.batches import TokenBatch
from irloom.core.errors import BadValue, ModelError
from irloom.models.batching import Pack, batches_by_budget, pack
from irloom.models.encoders.folder import ModelSettings
from irloom.models.networks.contract import Network
from irloom.models.networks.loading import DenseModule, load_network
from irloom.models.networks.pooling import pool
from irloom.models.networks.threads import batch_budget, for_each
from irloom.models.tokenizing import CutNotice, TextTokenizer, TokenLists, load_tokenizer


class Engine(Protocol):
    """Texts to vectors with loaded weights."""

    dim: int

    def vectors(self, texts: Sequence[str], *, prompt: str) -> NDArray[np.float32]: ...
    def both(self, texts: Sequence[str], *, prompt: str, token_dtype: str) -> tuple[NDArray[np.float32], TokenBatch]: ...


def load_engine(
    settings: ModelSettings, *, whole: Path, dtype: str, device: str, batch_tokens: int | None, backend: str, remote_code: bool
) -> Engine:
    """Loads a model: irloom's own chain where it knows all modules, else sentence-transformers'.

    Raises:
        MissingExtra: a package is not installed.
        ModelError: the model cannot be loaded, or the backend asked for cannot run it.
    """
    if settings.foreign or backend == "sentence-transformers":
        if backend not in ("auto", "sentence-transformers"):
            raise ModelError(f"{whole}: module {settings.foreign} needs backend 'sentence-transformers', not {backend!r}")
        from irloom.models.encoders.delegated import DelegatedEngine

        return DelegatedEngine(whole, settings, device=device, dtype=dtype, remote_code=remote_code)
    tokenizer = load_tokenizer(settings.folder, lower=settings.lower, remote_code=remote_code, max_tokens=settings.max_tokens)
    network = load_network(settings.folder, device=device, dtype=dtype, backend=backend, remote_code=remote_code)
    layers = [DenseModule(layer.folder, layer.activation, device) for layer in settings.layers]
    return ChainEngine(settings, tokenizer, network, layers, device=device, budget=batch_tokens)


class ChainEngine:
    """Tokenizer, network, pooling, Dense layers, truncation, normalisation, in this order."""

    def __init__(
        self,
        settings: ModelSettings,
        tokenizer: TextTokenizer,
        network: Network,
        layers: list[DenseModule],
        *,
        device: str,
        budget: int | None,
    ) -> None:
        self.settings, self.tokenizer, self.network, self.layers = settings, tokenizer, network, layers
        self.device, self.budget = device, budget
        width = settings.layers[-1].width if settings.layers else network.width * len(settings.pooling)
        if settings.truncate_dim is not None and settings.truncate_dim > width:
            raise BadValue("truncate_dim", settings.truncate_dim, f"at most {width}, the width of the model's vectors")
        self.dim = settings.truncate_dim or width
        self._notice = CutNotice("DenseEncoder", tokenizer.max_tokens)
        self._special = np.array(sorted(tokenizer.special_ids), dtype=np.int64)
        self._prompt_length: Callable[[str], int] = lru_cache(maxsize=8)(self._count_prompt)

    def vectors(self, texts: Sequence[str], *, prompt: str) -> NDArray[np.float32]:
        out = np.empty((len(texts), self.dim), dtype=np.float32)
        skip = self._skip(prompt)

        def write(rows: NDArray[np.int64], batch: Pack, hidden: Tensor) -> None:
            out[rows] = self._pooled(batch, hidden, skip)

        self._run(self._tokenize(texts, prompt), write)
        return out

    def both(self, texts: Sequence[str], *, prompt: str, token_dtype: str) -> tuple[NDArray[np.float32], TokenBatch]:
        lists = self._tokenize(texts, prompt)
        kept = [self._words(np.asarray(ids, dtype=np.int64)) for ids in lists.ids]
        offsets = np.zeros(len(texts) + 1, dtype=np.int64)
        np.cumsum([int(mask.sum()) for mask in kept], out=offsets[1:])
        pooled = np.empty((len(texts), self.dim), dtype=np.float32)
        vectors = np.empty((int(offsets[-1]), self.network.width), dtype=np.dtype(token_dtype))
        skip = self._skip(prompt)

        def write(rows: NDArray[np.int64], batch: Pack, hidden: Tensor) -> None:
            pooled[rows] = self._pooled(batch, hidden, skip)
            units = torch.nn.functional.normalize(hidden.float(), dim=-1).to(getattr(torch, token_dtype)).cpu().numpy()
            for place, row in enumerate(rows):
                begin, end = batch.offsets[place : place + 2]
                vectors[offsets[row] : offsets[row + 1]] = units[begin:end][kept[row]]

        self._run(lists, write)
        return pooled, TokenBatch(offsets, vectors)

    def _tokenize(self, texts: Sequence[str], prompt: str) -> TokenLists:
        lists = self.tokenizer.single([prompt + text for text in texts] if prompt else texts)
        self._notice.add(lists.cut, len(texts))
        return lists

    def _run(self, lists: TokenLists, write: Callable[[NDArray[np.int64], Pack, Tensor], None]) -> None:
        """Gives `write` each batch once: positions of its texts, the packed ids, their hidden states."""
        lengths = np.fromiter((len(ids) for ids in lists.ids), dtype=np.int64, count=len(lists.ids))
        budget = batch_budget(self.budget, device=self.device, tokens=int(lengths.sum()))

        def work(rows: NDArray[np.int64]) -> None:
            types = None if lists.types is None else [lists.types[row] for row in rows]
            batch = pack([lists.ids[row] for row in rows], types)
            write(rows, batch, self.network.hidden(batch))

        for_each(work, batches_by_budget(lengths, budget), device=self.device)

    def _pooled(self, batch: Pack, hidden: Tensor, skip: int) -> NDArray[np.float32]:
        out = pool(hidden, torch.from_numpy(batch.offsets).to(hidden.device), self.settings.pooling, skip=skip)
        for layer in self.layers:
            out = layer(out)
        out = out[:, : self.dim]
        if self.settings.normalize:
            out = torch.nn.functional.normalize(out, dim=-1)
        array: NDArray[np.float32] = out.cpu().numpy()
        return array

    def _words(self, ids: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which tokens of a text have a token vector: all but special ones, or all where there is nothing else."""
        kept = np.isin(ids, self._special, invert=True)
        return kept if kept.any() else np.ones_like(kept)

    def _skip(self, prompt: str) -> int:
        return 0 if self.settings.prompt_pooled or not prompt else self._prompt_length(prompt)

    def _count_prompt(self, prompt: str) -> int:
        """Tokens of the prompt, a closing special token left out."""
        ids = self.tokenizer.single([prompt]).ids[0]
        return len(ids) - 1 if ids and ids[-1] in self.tokenizer.special_ids else len(ids)
