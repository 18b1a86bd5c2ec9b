"""Small causal decoders of many families with seeded random weights, and a byte-level tokenizer for them, saved as folders."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.models.tiny import TEXTS

os.environ.setdefault("OMP_NUM_THREADS", "1")  # networks this small gain nothing from more, and wait for each other

SPECIAL = ["<pad>", "<s>", "</s>", "<|system|>", "<|user|>", "<|assistant|>"]

CHAT = (
    "{{ bos_token }}{% for m in messages %}<|{{ m['role'] }}|>\n{{ m['content'] }}</s>\n{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
)
CHATS: Mapping[str, str] = {
    "full": CHAT,
    "no_system": "{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}" + CHAT,
    "drops_system": "{% set messages = messages | rejectattr('role', 'equalto', 'system') | list %}" + CHAT,
}
"""Chat templates: with a system role, one that refuses it, one that silently leaves it out."""

FAMILIES: Mapping[str, Mapping[str, Any]] = {
    "llama": {"num_key_value_heads": 2},
    "mistral": {"num_key_value_heads": 2, "sliding_window": 12},
    "qwen2": {"num_key_value_heads": 2},
    "qwen3": {"num_key_value_heads": 2, "head_dim": 16},
    "gemma": {"num_key_value_heads": 1, "head_dim": 16},
    "gemma2": {"num_key_value_heads": 2, "head_dim": 16, "sliding_window": 12, "attn_logit_softcapping": 2.0, "query_pre_attn_scalar": 16},
    "gemma3_text": {"num_key_value_heads": 2, "head_dim": 16, "sliding_window": 12, "query_pre_attn_scalar": 16},
    "phi": {"partial_rotary_factor": 0.5},
    "phi3": {"num_key_value_heads": 2},
    "gpt_neox": {"rotary_pct": 0.25},
    "gpt2": {},
    "cohere": {"num_key_value_heads": 2, "logit_scale": 0.25},
    "granite": {"num_key_value_heads": 2, "logits_scaling": 3.0, "attention_multiplier": 0.2},
    "gpt_oss": {"num_key_value_heads": 2, "head_dim": 16, "sliding_window": 12, "num_local_experts": 2, "num_experts_per_tok": 1},
    "opt": {"ffn_dim": 48, "word_embed_proj_dim": 32},
    "llama4_text": {
        "num_key_value_heads": 2, "head_dim": 8, "attention_chunk_size": 12, "intermediate_size_mlp": 32, "num_local_experts": 2,
        "moe_layers": [],
    },
    "deepseek_v3": {
        "num_key_value_heads": 4, "kv_lora_rank": 8, "q_lora_rank": 8, "qk_rope_head_dim": 8, "qk_nope_head_dim": 8, "v_head_dim": 12,
        "first_k_dense_replace": 3, "n_routed_experts": 4, "num_experts_per_tok": 2, "n_group": 1, "topk_group": 1,
        "moe_intermediate_size": 16,
    },
}  # fmt: skip
"""Families by transformers' model type, with what makes each special."""

SIZES = {"hidden_size": 32, "intermediate_size": 48, "num_attention_heads": 4, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}


def save_tokenizer(folder: Path, *, chat: str | None = "full", bos: bool = True) -> int:
    """Saves a byte-level BPE tokenizer of about 400 tokens, in which digits, brackets and lone letters are single tokens.

    Args:
        folder: where to.
        chat: a name in CHATS, or None for a tokenizer without a template.
        bos: whether `<s>` is put before a text that is encoded with special tokens.

    Returns:
        How many tokens it has.
    """
    import transformers
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

    tokenizer = Tokenizer(models.BPE())
    marks = pre_tokenizers.Split(Regex(r"[\[\]<>0-9]"), "isolated")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([marks, pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=400, special_tokens=SPECIAL, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(TEXTS * 3, trainer)
    if bos:
        tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    wrapped = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="<pad>", extra_special_tokens=SPECIAL[3:]
    )
    if chat is not None:
        wrapped.chat_template = CHATS[chat]
    wrapped.save_pretrained(folder)
    return len(wrapped)


def decoder_config(family: str, *, layers: int = 3, context: int = 512, vocabulary: int = 400, **extra: Any) -> Any:
    """A configuration of a small decoder; `extra` overrides what the family has."""
    import transformers

    settings = {**SIZES, "num_hidden_layers": layers, "max_position_embeddings": context, "vocab_size": vocabulary}
    return transformers.AutoConfig.for_model(family, **{**settings, **FAMILIES[family], **extra})


def save_decoder(
    folder: Path,
    family: str = "llama",
    *,
    layers: int = 3,
    context: int = 512,
    chat: str | None = "full",
    bos: bool = True,
    head: str = "AutoModelForCausalLM",
    seed: int = 7,
    **extra: Any,
) -> Path:
    """Saves a small random decoder with its tokenizer and returns the folder.

    Args:
        folder: where to.
        family: a name in FAMILIES.
        layers: how many.
        context: positions.
        chat: a name in CHATS, or None.
        bos: whether the tokenizer begins texts with `<s>`.
        head: the class in transformers that is saved.
        seed: of the weights.
        extra: settings of the configuration.
    """
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = save_tokenizer(folder, chat=chat, bos=bos)
    torch.manual_seed(seed)
    config = decoder_config(family, layers=layers, context=context, vocabulary=vocabulary, **extra)
    model = getattr(transformers, head).from_config(config)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.ndim > 1:  # norms stay as they are
                weight.normal_(std=0.25, generator=generator)
    model.save_pretrained(folder)
    return folder


def saved_config(folder: Path) -> dict[str, Any]:
    """The configuration as it lies on disk."""
    whole: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    return whole
