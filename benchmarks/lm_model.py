"""A Llama-like decoder with seeded random weights, on which no time depends, and a tokenizer trained on the benchmark's own texts."""

from collections.abc import Sequence
from pathlib import Path

import tokenizers
import torch
import transformers
from tokenizers import decoders, models, pre_tokenizers, processors, trainers

LAYERS, WIDTH, INNER, HEADS, KV_HEADS, VOCABULARY, CONTEXT = 8, 512, 1408, 8, 2, 8192, 32768
SHAPE = f"Llama with {LAYERS} layers, {WIDTH} wide, {HEADS} query heads on {KV_HEADS} of keys, {VOCABULARY} tokens; seeded weights, float32"
SPECIAL = ("<|begin_of_text|>", "<|eot_id|>", "<|start_header_id|>", "<|end_header_id|>")
TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}<|start_header_id|>{{ m['role'] }}<|end_header_id|>\n\n{{ m['content'] }}<|eot_id|>{% endfor %}"
    "{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}"
)


def save_model(folder: Path, texts: Sequence[str]) -> Path:
    """Saves weights and tokenizer, and returns the folder."""
    tokenizer = tokenizers.Tokenizer(models.BPE())
    marks = pre_tokenizers.Split(tokenizers.Regex(r"[\[\]<>]"), "isolated")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([marks, pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=VOCABULARY, special_tokens=list(SPECIAL), initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator([*texts, *["Yes\nNo\nyes\nno"] * len(texts)], trainer)  # labels are to be one token
    tokenizer.post_processor = processors.TemplateProcessing(single=f"{SPECIAL[0]} $A", special_tokens=[(SPECIAL[0], 0)])
    wrapped = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token=SPECIAL[0], eos_token=SPECIAL[1], pad_token=SPECIAL[1], extra_special_tokens=list(SPECIAL[2:])
    )
    wrapped.chat_template = TEMPLATE
    wrapped.save_pretrained(folder)
    torch.manual_seed(7)
    config = transformers.LlamaConfig(
        hidden_size=WIDTH,
        intermediate_size=INNER,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        num_key_value_heads=KV_HEADS,
        vocab_size=VOCABULARY,
        max_position_embeddings=CONTEXT,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=1,
    )
    transformers.AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    return folder


def save_head(folder: Path, model: Path) -> Path:
    """Saves a network of the model's sizes with a linear head of one number, as RankLLaMA has, and the model's tokenizer; the folder."""
    transformers.AutoTokenizer.from_pretrained(model).save_pretrained(folder)
    torch.manual_seed(7)
    config = transformers.AutoConfig.from_pretrained(model, num_labels=1)
    transformers.AutoModelForSequenceClassification.from_config(config).save_pretrained(folder)
    return folder
