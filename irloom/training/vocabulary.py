"""A small vocabulary: the word pieces of a larger one that occur in some texts, and a table of token vectors cut to a width."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor

from irloom.core.errors import ModelError
from irloom.core.optional import require
from irloom.models.loading import model_folder, read_json

LETTERS: Final = "ABCDEFGHIJKLMNOPQRST"
"""Identifiers of documents; inside the tokenizer they are circled, so that `[A]` is not the word "a"."""
NUMBERS: Final = tuple(str(number) for number in range(1, len(LETTERS) + 1))
PAD: Final = "<|pad|>"
END: Final = "<|end|>"
UNKNOWN: Final = "[UNK]"
SPECIAL: Final = (PAD, END, UNKNOWN)

_CIRCLED = {letter: chr(0x24D0 + ord(letter) - ord("A")) for letter in LETTERS}
_CHUNK = 2000
_CAMEL = r"(?<=[a-z0-9])(?=[A-Z])"


def small_tokenizer(source: str, texts: Iterable[str], *, always: Sequence[str], most: int) -> Any:
    """A word-piece tokenizer with the pieces that are frequent in `texts`.

    Text is split at blanks, punctuation and humps of camel case, in lower case. The letters A to T between brackets, and behind an
    opening one at the end of a text, are tokens of their own; so are the numbers 1 to 20.

    Args:
        source: the model whose word pieces are taken: a short name, a folder or a hub id, with WordPiece in its tokenizer.json.
        texts: what is counted.
        always: texts whose pieces are kept whatever their count, such as prompts.
        most: how many pieces are kept for their count.

    Returns:
        a tokenizers.Tokenizer.

    Raises:
        MissingExtra: `tokenizers`, or the package of a short name, is not installed.
        ModelError: the source has no WordPiece tokenizer.
    """
    known = _pieces(source)
    full = _tokenizer({**known, **{circled: len(known) + place for place, circled in enumerate(_CIRCLED.values())}})
    counts: Counter[str] = Counter()
    pending = iter(texts)
    while chunk := list(islice(pending, _CHUNK)):
        for encoding in full.encode_batch(chunk, add_special_tokens=False):
            counts.update(encoding.tokens)
    kept = [*SPECIAL, *_CIRCLED.values(), *NUMBERS]
    kept += [piece for piece in known if len(piece.removeprefix("##")) == 1 and piece.isascii()]
    kept += [piece for text in always for piece in full.encode(text, add_special_tokens=False).tokens]
    kept += [piece for piece, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:most]]
    found = _tokenizer({piece: number for number, piece in enumerate(dict.fromkeys(kept))})
    tokenizers = require("tokenizers", extra="models")
    found.add_special_tokens([tokenizers.AddedToken(name, special=True, normalized=False) for name in (PAD, END)])
    return found


def identifier_ids(tokenizer: Any, *, letters: bool) -> list[int]:
    """The tokens of the identifiers A to T, or 1 to 20."""
    pieces = _CIRCLED.values() if letters else NUMBERS
    return [tokenizer.token_to_id(piece) for piece in pieces]


def token_table(source: str, tokenizer: Any, *, dim: int, seed: int) -> Tensor:
    """Vectors of the tokens, of length 1: a model's own table, centred and projected to its `dim` main directions.

    Identifiers, brackets and what the model does not have start as random directions, so that identifiers are told apart.

    Args:
        source: a model with a table of word vectors, as in BERT: a short name, a folder or a hub id.
        tokenizer: a tokenizer of `small_tokenizer`.
        dim: the width, at most the source's.
        seed: of the random directions.

    Returns:
        float32 (tokens, dim).

    Raises:
        ModelError: the source has no such table, or a narrower one.
    """
    folder = model_folder(source, purpose="training")
    safetensors = require("safetensors.torch", extra="models", purpose="training")
    weights = safetensors.load_file(str(folder / "model.safetensors"))
    table = next((value.float() for name, value in weights.items() if name.endswith("word_embeddings.weight")), None)
    if table is None or table.shape[1] < dim:
        found = "none" if table is None else f"one of width {table.shape[1]}"
        raise ModelError(f"{folder}: a table of word vectors of width {dim} or more is needed, found {found}")
    known = _pieces(source)
    pieces = [piece for piece, _ in sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])]
    rows = torch.tensor([known.get(piece, -1) for piece in pieces])
    own = torch.nn.functional.normalize(table[rows.clamp(min=0)] - table[rows[rows >= 0]].mean(0), dim=-1)
    _, _, directions = torch.linalg.svd(own[rows >= 0], full_matrices=False)
    vectors = torch.nn.functional.normalize(own @ directions[:dim].T, dim=-1)
    fresh = torch.nn.functional.normalize(torch.randn(len(pieces), dim, generator=torch.Generator().manual_seed(seed)), dim=-1)
    random = {*SPECIAL, *_CIRCLED.values(), *NUMBERS, "[", "]"}
    chosen = torch.tensor([piece in random or row < 0 for piece, row in zip(pieces, rows.tolist(), strict=True)])
    return torch.where(chosen[:, None], fresh, vectors)


def save_tokenizer(tokenizer: Any, folder: Path) -> None:
    """Writes tokenizer.json and its configuration, as transformers reads them."""
    transformers = require("transformers", extra="models", purpose="training")
    names = {"pad_token": PAD, "eos_token": END, "unk_token": UNKNOWN}
    transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names).save_pretrained(str(folder))


def _pieces(source: str) -> dict[str, int]:
    folder = model_folder(source, purpose="training")
    model = read_json(folder / "tokenizer.json").get("model", {})
    if model.get("type", "WordPiece") != "WordPiece" or not isinstance(model.get("vocab"), dict):
        raise ModelError(f"{folder}: tokenizer.json holds no WordPiece vocabulary, whose pieces are needed")
    pieces: dict[str, int] = json.loads(json.dumps(model["vocab"]))
    return pieces


def _tokenizer(pieces: dict[str, int]) -> Any:
    tokenizers = require("tokenizers", extra="models", purpose="training")
    normalizers, decoders = (require(f"tokenizers.{name}", extra="models") for name in ("normalizers", "decoders"))
    models, splitting = (require(f"tokenizers.{name}", extra="models") for name in ("models", "pre_tokenizers"))
    circling = [normalizers.Replace(tokenizers.Regex(rf"(?<=\[){letter}(?=\]|$)"), circled) for letter, circled in _CIRCLED.items()]
    humps = normalizers.Replace(tokenizers.Regex(_CAMEL), " ")
    lower = normalizers.BertNormalizer(clean_text=True, handle_chinese_chars=True, strip_accents=True, lowercase=True)
    tokenizer = tokenizers.Tokenizer(models.WordPiece(pieces, unk_token=UNKNOWN, max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.Sequence([*circling, humps, lower])
    tokenizer.pre_tokenizer = splitting.BertPreTokenizer()
    plain = [decoders.Replace(circled, letter) for letter, circled in _CIRCLED.items()]
    tokenizer.decoder = decoders.Sequence([decoders.WordPiece(prefix="##", cleanup=False), *plain])
    return tokenizer
