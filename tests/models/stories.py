"""The stories260K checkpoint of llama2.c (MIT) as a Hugging Face Llama with its tokenizer: a small decoder whose weights are not random."""

import os
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

SENTENCE = "Once upon a time, there was a little girl named Lily. She loved to play outside in the park. One day, she saw a big, red ball."
"""What greedy decoding from the start token gives, as the checkpoint's source notes."""


def stories_source() -> Path:
    """The folder `models/stories260k` beside IRLOOM_DATA; the test is skipped where it is not there."""
    data = os.environ.get("IRLOOM_DATA", "")
    folder = Path(data).parent / "models" / "stories260k"
    if not data or not (folder / "stories260K.bin").is_file():
        pytest.skip("models/stories260k does not lie beside IRLOOM_DATA")
    return folder


def save_stories(folder: Path) -> Path:
    """Converts weights and tokenizer into `folder` and returns it."""
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    source = stories_source()
    raw = (source / "stories260K.bin").read_bytes()
    dim, hidden, layers, heads, kv_heads, vocabulary, length = struct.unpack("<7i", raw[:28])
    numbers = np.frombuffer(raw, "<f4", offset=28)
    place = 0

    def take(*shape: int) -> Any:
        nonlocal place
        size = int(np.prod(shape))
        place += size
        return torch.tensor(numbers[place - size : place].reshape(shape))

    kv_dim = dim // heads * kv_heads
    weights = {"model.embed_tokens.weight": take(vocabulary, dim)}
    stacks = [
        ("input_layernorm", take(layers, dim)),
        ("self_attn.q_proj", _halves(take(layers, dim, dim), heads)),
        ("self_attn.k_proj", _halves(take(layers, kv_dim, dim), kv_heads)),
        ("self_attn.v_proj", take(layers, kv_dim, dim)),
        ("self_attn.o_proj", take(layers, dim, dim)),
        ("post_attention_layernorm", take(layers, dim)),
        ("mlp.gate_proj", take(layers, hidden, dim)),
        ("mlp.down_proj", take(layers, dim, hidden)),
        ("mlp.up_proj", take(layers, hidden, dim)),
    ]
    for name, stack in stacks:
        weights |= {f"model.layers.{layer}.{name}.weight": stack[layer].clone() for layer in range(layers)}
    weights["model.norm.weight"] = take(dim)
    config = transformers.LlamaConfig(
        vocab_size=vocabulary, hidden_size=dim, intermediate_size=hidden, num_hidden_layers=layers, num_attention_heads=heads,
        num_key_value_heads=kv_heads, max_position_embeddings=length, rms_norm_eps=1e-5, tie_word_embeddings=True,
        bos_token_id=1, eos_token_id=2,
    )  # fmt: skip
    model = transformers.LlamaForCausalLM(config)
    model.load_state_dict(weights, strict=False)
    model.tie_weights()
    model.save_pretrained(folder)
    save_stories_tokenizer(source / "tok512.bin", folder)
    return folder


def _halves(weight: Any, heads: int) -> Any:
    """Rows of a projection from rotary pairs that stand side by side to pairs that stand half a head apart."""
    layers, rows, dim = weight.shape
    return weight.view(layers, heads, rows // heads // 2, 2, dim).transpose(2, 3).reshape(layers, rows, dim)


def save_stories_tokenizer(path: Path, folder: Path) -> None:
    """llama2.c's tokenizer file as a BPE with byte fallback; the order of merges is that of the scores."""
    import transformers
    from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, processors

    raw = path.read_bytes()
    place, pieces = 4, []
    while place < len(raw):
        score, size = struct.unpack_from("<fi", raw, place)
        pieces.append((raw[place + 8 : place + 8 + size].decode("utf-8").replace(" ", "▁"), score))
        place += 8 + size
    names = ["<unk>", "<s>", "</s>", *(piece for piece, _ in pieces[3:])]
    vocabulary = {name: number for number, name in enumerate(names)}
    merges = []
    for piece, _ in sorted(pieces[259:], key=lambda entry: -entry[1]):
        merges += [(piece[:cut], piece[cut:]) for cut in range(1, len(piece)) if piece[:cut] in vocabulary and piece[cut:] in vocabulary]
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    tokenizer.add_special_tokens([AddedToken(name, special=True) for name in names[:3]])
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    wrapped = transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="<unk>", bos_token="<s>", eos_token="</s>")
    wrapped.save_pretrained(folder)
