"""Texts to token ids with a model's own tokenizer, special tokens and truncation included."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from irloom.core.errors import ModelError
from irloom.core.optional import require
from irloom.models.loading import read_json

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TokenLists:
    """What a list of texts becomes.

    Attributes:
        ids: one list of token ids a text.
        types: segment ids of the same shape, or None where the model has none.
        cut: how many texts were longer than the limit.
    """

    ids: list[list[int]]
    types: list[list[int]] | None
    cut: int


@dataclass(frozen=True, slots=True)
class TextTokenizer:
    """A tokenizer with a fixed length limit. Reading it never changes it, so threads may share it.

    Attributes:
        tokenizer: transformers' tokenizer.
        max_tokens: tokens that a sequence may have, special tokens included.
        has_types: whether the model reads segment ids.
        special_ids: ids of the special tokens.
    """

    tokenizer: Any
    max_tokens: int
    has_types: bool
    special_ids: frozenset[int]
    backend: Any = field(default=None)

    def single(self, texts: Sequence[str]) -> TokenLists:
        """Token ids of single texts, cut at the end to the limit."""
        if self.backend is not None:
            encodings = self.backend.encode_batch(list(texts))
            ids = [encoding.ids for encoding in encodings]
            cut = sum(1 for encoding, row in zip(encodings, ids, strict=True) if len(row) >= self.max_tokens and encoding.overflowing)
            types = [encoding.type_ids for encoding in encodings] if self.has_types else None
            return TokenLists(ids, types, cut)
        if not texts:
            return TokenLists([], None, 0)
        whole = self.tokenizer(list(texts), truncation=True, max_length=self.max_tokens, padding=False)
        ids = whole["input_ids"]
        cut = sum(1 for row in ids if len(row) >= self.max_tokens)
        return TokenLists(ids, whole.get("token_type_ids") if self.has_types else None, cut)


def load_tokenizer(folder: Path, *, lower: bool = False, remote_code: bool = False) -> Any:
    """The tokenizer of a model folder.

    Raises:
        MissingExtra: transformers is not installed.
        ModelError: the folder's tokenizer files cannot be read.
    """
    transformers = require("transformers", extra="models", purpose="a tokenizer")
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(str(folder), trust_remote_code=remote_code)
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise ModelError(f"{folder}: the tokenizer cannot be loaded ({error})") from error
    if len(tokenizer) <= len(tokenizer.all_special_ids):
        raise ModelError(f"{folder}: the tokenizer has no vocabulary; tokenizer.json or the files that it is made from are missing")
    if lower and getattr(tokenizer, "is_fast", False):
        _lower_case_first(tokenizer)
    return tokenizer


def _lower_case_first(tokenizer: Any) -> None:
    normalizers = require("tokenizers.normalizers", extra="models")
    present = tokenizer.backend_tokenizer.normalizer
    if present is not None and getattr(present, "lowercase", False):
        return
    steps = [normalizers.Lowercase()] + ([present] if present is not None else [])
    tokenizer.backend_tokenizer.normalizer = normalizers.Sequence(steps)


def text_tokenizer(tokenizer: Any, max_tokens: int) -> TextTokenizer:
    """Fixes the limit of a tokenizer; the fast tokenizer behind it is copied, so later settings do not reach it."""
    backend = plain_backend(tokenizer)
    if backend is not None:
        backend.enable_truncation(max_length=max_tokens)
    has_types = "token_type_ids" in tokenizer.model_input_names
    return TextTokenizer(tokenizer, max_tokens, has_types, frozenset(tokenizer.all_special_ids), backend)


def plain_backend(tokenizer: Any) -> Any:
    """A copy of the fast tokenizer behind transformers' one, without padding or truncation; None where there is none."""
    if not getattr(tokenizer, "is_fast", False):
        return None
    backend = require("tokenizers", extra="models").Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
    backend.no_padding()
    backend.no_truncation()
    return backend


def length_limit(folder: Path, tokenizer: Any) -> int:
    """Tokens that a model reads at most: the tokenizer's limit, capped by the positions that the network has."""
    config = read_json(folder / "config.json")
    limit = int(min(tokenizer.model_max_length, 1_000_000))
    positions = config.get("max_position_embeddings")
    if isinstance(positions, int) and positions > 0:
        reserved = int(config.get("pad_token_id") or 0) + 1 if config.get("model_type") in _OFFSET_POSITIONS else 0
        limit = min(limit, positions - reserved)
    return limit


_OFFSET_POSITIONS = frozenset({"roberta", "xlm-roberta", "camembert", "xlm-roberta-xl", "longformer", "mpnet"})
"""Model types whose first position is the padding id plus one."""


def warn_cut(who: str, cut: int, total: int, limit: int) -> None:
    """Says once a call how many texts were cut."""
    if cut:
        logger.warning("%s: %d of %d texts are longer than %d tokens and were cut at the end", who, cut, total, limit)
