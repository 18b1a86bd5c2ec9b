"""Small decoders whose tokenizer has the rerankers' labels as whole tokens, with or without a leading blank."""

from pathlib import Path
from typing import Any

import pytest

from tests.models.decoders.tiny_decoders import decoder_config
from tests.models.tiny import TEXTS

SPECIAL = ["<pad>", "<s>", "</s>", "<|im_start|>", "<|im_end|>"]
CHAT = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
LABELS = [*"ABCDEFGHIJKLMNOPQRSTUVW", *["Yes", "No", "yes", "no", "YES", "NO", "true", "false", "Passage", "Query", "Document", "Relevant"]]


def asked_tokenizer(folder: Path, *, chat: bool) -> int:
    import transformers
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=900, special_tokens=SPECIAL, initial_alphabet=alphabet, show_progress=False)
    words = [f"{label}: {label} {label}" for label in LABELS] + [f"\n{label}" for label in LABELS]
    tokenizer.train_from_iterator([*TEXTS, *words * 20], trainer)
    wrapped = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="<pad>", extra_special_tokens=SPECIAL[3:]
    )
    if chat:
        wrapped.chat_template = CHAT
    wrapped.save_pretrained(folder)
    return len(wrapped)


def save_asked(
    folder: Path,
    family: str = "llama",
    *,
    head: str = "AutoModelForCausalLM",
    chat: bool = True,
    layers: int = 2,
    context: int = 1024,
    seed: int = 3,
    **extra: Any,
) -> Path:
    """Saves a small random decoder with its tokenizer and returns the folder."""
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = asked_tokenizer(folder, chat=chat)
    config = decoder_config(family, layers=layers, context=context, vocabulary=vocabulary, **extra)
    model = getattr(transformers, head).from_config(config)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.ndim > 1:  # norms stay as they are
                weight.normal_(std=0.25, generator=generator)
    model.save_pretrained(folder)
    return folder
