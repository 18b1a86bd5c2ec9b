"""Texts to token ids with a model's own tokenizer, special tokens and truncation included."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from irloom.core.errors import ModelError
from irloom.core.optional import require
from irloom.models.loading import read_json

logger = logging.getLogger(__name__)

_NO_LIMIT = 1_000_000
_OFFSET_POSITIONS = frozenset({"roberta", "xlm-roberta", "camembert", "xlm-roberta-xl", "longformer", "mpnet"})
"""Model types whose first position is the padding id plus one."""


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
        backend: the fast tokenizer, of the package tokenizers; None where the model has only a slow one.
        max_tokens: tokens that a sequence may have, special tokens included.
        has_types: whether the model reads segment ids.
        special_ids: ids of the special tokens, the one for unknown words left out: that one stands for a word.
        slow: transformers' tokenizer where there is no fast one.
    """

    backend: Any
    max_tokens: int
    has_types: bool
    special_ids: frozenset[int]
    slow: Any = None

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
        whole = self.slow(list(texts), truncation=True, max_length=self.max_tokens, padding=False)
        ids = whole["input_ids"]
        cut = sum(1 for row in ids if len(row) >= self.max_tokens)
        return TokenLists(ids, whole.get("token_type_ids") if self.has_types else None, cut)


def load_tokenizer(folder: Path, *, lower: bool = False, remote_code: bool = False, max_tokens: int | None = None) -> TextTokenizer:
    """The tokenizer of a model folder.

    BERT's is read from tokenizer.json alone where the folder's settings agree with it; others are loaded by transformers.

    Args:
        folder: holds the tokenizer's files and config.json.
        lower: whether texts are lower-cased first.
        remote_code: whether the folder's own Python code may run.
        max_tokens: the length limit; the model's when left out.

    Raises:
        MissingExtra: a package is not installed.
        ModelError: the folder's tokenizer files cannot be read.
    """
    backend = None if remote_code else _plain_bert(folder, lower=lower)
    if backend is not None:
        own_limit = read_json(folder / "tokenizer_config.json").get("model_max_length") or _NO_LIMIT
        special = {number: token for number, token in backend.get_added_tokens_decoder().items() if token.special}
        unknown = read_json(folder / "tokenizer.json")["model"].get("unk_token")
        special_ids = frozenset(number for number, token in special.items() if token.content != unknown)
        return _limited(backend, max_tokens or length_limit(folder, own_limit), True, special_ids)
    return _by_transformers(folder, lower=lower, remote_code=remote_code, max_tokens=max_tokens)


def _plain_bert(folder: Path, *, lower: bool) -> Any:
    """BERT's fast tokenizer from tokenizer.json, or None where only transformers can say what the folder means."""
    saved = read_json(folder / "tokenizer_config.json")
    if saved.get("tokenizer_class") not in ("BertTokenizer", "BertTokenizerFast") or not (folder / "tokenizer.json").is_file():
        return None
    whole = read_json(folder / "tokenizer.json")
    normalizer = whole.get("normalizer")
    if not isinstance(normalizer, Mapping) or normalizer.get("type") != "BertNormalizer" or not whole.get("post_processor"):
        return None
    names = {"do_lower_case": "lowercase", "strip_accents": "strip_accents", "tokenize_chinese_chars": "handle_chinese_chars"}
    if any(key in saved and saved[key] != normalizer.get(name) for key, name in names.items()) or (
        lower and not normalizer.get("lowercase")
    ):
        return None
    return require("tokenizers", extra="models", purpose="a tokenizer").Tokenizer.from_file(str(folder / "tokenizer.json"))


def _by_transformers(folder: Path, *, lower: bool, remote_code: bool, max_tokens: int | None) -> TextTokenizer:
    transformers = require("transformers", extra="models", purpose="a tokenizer")
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(str(folder), trust_remote_code=remote_code)
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise ModelError(f"{folder}: the tokenizer cannot be loaded ({error})") from error
    if len(tokenizer) <= len(tokenizer.all_special_ids):
        raise ModelError(f"{folder}: the tokenizer has no vocabulary; tokenizer.json or the files that it is made from are missing")
    limit = max_tokens or length_limit(folder, tokenizer.model_max_length)
    has_types = "token_type_ids" in tokenizer.model_input_names
    special_ids = frozenset(tokenizer.all_special_ids) - {tokenizer.unk_token_id}
    if not getattr(tokenizer, "is_fast", False):
        return TextTokenizer(None, limit, has_types, special_ids, tokenizer)
    backend = require("tokenizers", extra="models").Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
    if lower:
        _lower_case_first(backend)
    return _limited(backend, limit, has_types, special_ids)


def _lower_case_first(backend: Any) -> None:
    normalizers = require("tokenizers.normalizers", extra="models")
    present = backend.normalizer
    if present is not None and getattr(present, "lowercase", False):
        return
    backend.normalizer = normalizers.Sequence([normalizers.Lowercase()] + ([present] if present is not None else []))


def _limited(backend: Any, limit: int, has_types: bool, special_ids: frozenset[int]) -> TextTokenizer:
    backend.no_padding()
    backend.enable_truncation(max_length=limit)
    return TextTokenizer(backend, limit, has_types, special_ids)


def length_limit(folder: Path, own_limit: float) -> int:
    """Tokens that a model reads at most: the tokenizer's own limit, capped by the positions that the network has."""
    config = read_json(folder / "config.json")
    limit = int(min(own_limit, _NO_LIMIT))
    positions = config.get("max_position_embeddings")
    if isinstance(positions, int) and positions > 0:
        reserved = int(config.get("pad_token_id") or 0) + 1 if config.get("model_type") in _OFFSET_POSITIONS else 0
        limit = min(limit, positions - reserved)
    return limit


class CutNotice:
    """Says the first time that texts were cut, and keeps the count, so that a long build does not repeat itself.

    Attributes:
        cut: how many texts were cut so far.
        total: of how many.
    """

    def __init__(self, who: str, limit: int) -> None:
        self.who, self.limit = who, limit
        self.cut = self.total = 0

    def add(self, cut: int, total: int) -> None:
        """Counts a call's texts; a warning for the first that were cut, the running count at level INFO from then on."""
        first = bool(cut) and not self.cut
        self.cut, self.total = self.cut + cut, self.total + total
        if first:
            text = "%s: %d of %d texts are longer than %d tokens and were cut at the end; said once"
            logger.warning(text, self.who, cut, total, self.limit)
        elif cut:
            logger.info("%s: %d of %d texts so far were cut at %d tokens", self.who, self.cut, self.total, self.limit)
