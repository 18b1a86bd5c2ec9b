"""A source of word pieces small enough to make: one letter a piece, and some words."""

from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

from irloom.core.types import Document, Query

WORDS = [
    "read",
    "write",
    "open",
    "close",
    "file",
    "path",
    "lock",
    "queue",
    "list",
    "tree",
    "sort",
    "merge",
    "hash",
    "table",
    "socket",
    "port",
    "byte",
    "line",
    "word",
    "text",
]


def make_source(folder: Path) -> Path:
    """A folder with the tokenizer and the word vectors of a model, as in BERT."""
    letters = [chr(code) for code in range(33, 127)]
    pieces = ["[UNK]", *WORDS, *letters, *(f"##{letter}" for letter in letters if letter.isalnum()), *map(str, range(10, 21))]
    tokenizer = Tokenizer(WordPiece({piece: number for number, piece in enumerate(dict.fromkeys(pieces))}, unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = BertNormalizer(), BertPreTokenizer()
    tokenizer.save(str(folder / "tokenizer.json"))
    table = torch.randn(tokenizer.get_vocab_size(), 48, generator=torch.Generator().manual_seed(0))
    save_file({"embeddings.word_embeddings.weight": table}, folder / "model.safetensors")
    return folder


def small_dataset(folder: Path, *, documents: int = 20) -> Path:
    """A BEIR folder of documents of five words, each asked for by two of them; every fifth query is held out."""
    import random

    from irloom.data.folder import write_beir

    rng = random.Random(3)
    texts = [Document(f"d{number}", "def " + " ".join(rng.sample(WORDS, 5))) for number in range(documents)]
    queries = [Query(f"q{number}", " ".join(document.text.split()[2:5])) for number, document in enumerate(texts)]
    splits = {"train": {}, "test": {}}
    for number in range(documents):
        splits["test" if number % 5 == 0 else "train"][f"q{number}"] = {f"d{number}": 1}
    folder.mkdir(parents=True, exist_ok=True)
    write_beir(folder, texts, queries, splits)
    return folder
