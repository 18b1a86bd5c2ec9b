"""Small models with seeded random weights and tokenizers trained on the spot, saved as folders."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")  # networks this small gain nothing from more, and wait for each other

TEXTS = [
    "Retrieval finds documents; reranking orders them.",
    "The quick brown fox jumps over the lazy dog, and the dog sleeps on.",
    "Naïve café owners in Zürich sell 42 kinds of tea for 3.50 each.",
    "def encode(texts): return [model(text) for text in texts]",
    "A protein binds to its receptor and starts a cascade of signals in the cell.",
    "",
    "one",
]


def bert_tokenizer(folder: Path) -> None:
    """A lower-casing WordPiece tokenizer of about 300 pieces."""
    import transformers
    from tokenizers import BertWordPieceTokenizer

    trained = BertWordPieceTokenizer()
    trained.train_from_iterator(TEXTS * 3, vocab_size=300, show_progress=False)
    transformers.BertTokenizer(vocab=trained.get_vocab(), model_max_length=64).save_pretrained(folder)


def roberta_tokenizer(folder: Path) -> None:
    """A byte-level BPE tokenizer of about 400 pieces."""
    import transformers
    from tokenizers import ByteLevelBPETokenizer

    trained = ByteLevelBPETokenizer()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    trained.train_from_iterator(TEXTS * 3, vocab_size=400, special_tokens=special, show_progress=False)
    saved = json.loads(trained.to_str())["model"]
    merges = [tuple(pair) if isinstance(pair, list) else tuple(pair.split(" ")) for pair in saved["merges"]]
    transformers.RobertaTokenizer(vocab=saved["vocab"], merges=merges, model_max_length=64).save_pretrained(folder)


def config(kind: str, *, layers: int = 2, **extra: Any) -> Any:
    """A configuration of a small network: "bert", "electra", "roberta" or "distilbert"."""
    import transformers

    if kind == "distilbert":
        return transformers.DistilBertConfig(
            vocab_size=400, dim=32, hidden_dim=64, n_layers=layers, n_heads=4, max_position_embeddings=64, **extra
        )
    shape = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": layers, "num_attention_heads": 4}
    classes = {"bert": "BertConfig", "electra": "ElectraConfig", "roberta": "RobertaConfig"}
    if kind == "electra":
        shape["embedding_size"] = 16
    if kind == "roberta":
        extra = {"max_position_embeddings": 66, "type_vocab_size": 1, "pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2, **extra}
    else:
        extra = {"max_position_embeddings": 64, **extra}
    return getattr(transformers, classes[kind])(vocab_size=400, **shape, **extra)


def save_model(folder: Path, kind: str, *, head: str = "AutoModel", seed: int = 7, **extra: Any) -> Path:
    """Saves a small random model with its tokenizer and returns the folder."""
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    folder.mkdir(parents=True, exist_ok=True)
    (roberta_tokenizer if kind == "roberta" else bert_tokenizer)(folder)
    torch.manual_seed(seed)
    model = getattr(transformers, head).from_config(config(kind, **extra))
    for name, weight in model.named_parameters():
        if "LayerNorm.weight" not in name and "layer_norm.weight" not in name:
            torch.nn.init.normal_(weight, std=0.2)
    model.save_pretrained(folder)
    return folder
