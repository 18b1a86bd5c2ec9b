"""A small Llama whose every number is fixed by a seed, with Llama-3's way to split text: for figures that other programs computed."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")  # networks this small gain nothing from more, and wait for each other

SPECIAL = ["<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<|im_start|>", "<|im_end|>"]
MERGES = ["Ġ Ċ", "ĠĊ Ċ", "Ċ Ċ", ". ĊĊ", ": ĊĊ", "Ġ t", "h e", "Ġt he", "i n", "a n", "Ġ i", "Ġi s", "o f", "Ġ of", "i c", "Ġ a", "] ["]
"""Byte pairs that are joined, first ones first; two kinds of blank lines are among them, and signs that swallow one."""

SPLIT = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
CHAT = "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\n{{ messages[0]['content'] }}<|eot_id|>"

QUERY = "Which town in Nizhnyaya has the largest population?"
DOCUMENTS = [
    ("Kushva", "Kushva is the largest town in Nizhnyaya. It has a population of 1,000."),
    ("Levikha", "Levikha is a bustling town in Nizhnyaya. It has a population of 200,000."),
    ("", "Owls (Strigiformes) hunt at night; they hear a mouse under 10 cm of snow"),
]
TEXTS = [f"{title}\n{body}".strip() for title, body in DOCUMENTS]


def save_tokenizer(folder: Path) -> int:
    """Bytes, a few pairs of them, and special tokens; `<|begin_of_text|>` begins a text. Gives how many tokens there are."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    pairs = [(left, right) for left, right in (merge.split(" ") for merge in MERGES)]
    vocabulary = {token: number for number, token in enumerate([*alphabet, *(left + right for left, right in pairs)])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=pairs))
    split = pre_tokenizers.Split(Regex(SPLIT), "isolated")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(SPECIAL)
    first = tokenizer.token_to_id(SPECIAL[0])
    tokenizer.post_processor = processors.TemplateProcessing(single=f"{SPECIAL[0]} $A", special_tokens=[(SPECIAL[0], first)])
    wrapped = PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token=SPECIAL[0], eos_token="<|eot_id|>", chat_template=CHAT)
    wrapped.save_pretrained(folder)
    return len(wrapped)


def save_seeded(folder: Path, *, kind: str = "llama", seed: int = 11, context: int = 2048, std: float = 0.35) -> Path:
    """Saves the model; its weights are normal numbers of numpy's default generator, in the order of their names."""
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = save_tokenizer(folder)
    config: Any = transformers.AutoConfig.for_model(
        kind,
        vocab_size=vocabulary,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=4,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=context,
        tie_word_embeddings=False,
        bos_token_id=0,
        eos_token_id=1,
    )
    model = transformers.AutoModelForCausalLM.from_config(config)
    generator = np.random.default_rng(seed)
    state = model.state_dict()
    for name in sorted(state):
        if state[name].ndim > 1:  # norms stay ones, biases zeros
            state[name] = torch.from_numpy(generator.normal(0, std, tuple(state[name].shape)).astype(np.float32))
        else:
            state[name] = torch.ones_like(state[name]) if "norm" in name else torch.zeros_like(state[name])
    model.load_state_dict(state)
    model.save_pretrained(folder)
    return folder


def saved_json(path: Path) -> Any:
    """What a JSON file holds."""
    return json.loads(path.read_text(encoding="utf-8"))
