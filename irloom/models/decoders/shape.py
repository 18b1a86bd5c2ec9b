"""What a decoder's configuration says, and whether irloom can compute it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from irloom.core.errors import ModelError
from irloom.core.optional import require
from irloom.models.loading import read_json

_RECURRENT = ("mamba", "linear_attention", "conv", "recurrent", "rwkv", "hybrid", "moe_mamba", "indexed_attention", "sparse")
"""Parts of the names of layer types that keep another state than keys and values."""


@dataclass(frozen=True, slots=True)
class DecoderShape:
    """The sizes of a decoder.

    Attributes:
        layers: how many layers it has.
        heads: query heads in a layer.
        kv_heads: heads of keys and values in a layer; each serves heads / kv_heads consecutive query heads.
        context: tokens that it reads at most.
        vocabulary: how many logits it gives.
    """

    layers: int
    heads: int
    kv_heads: int
    context: int
    vocabulary: int


def read_config(folder: Path, *, remote_code: bool) -> Any:
    """The configuration as transformers reads it.

    Raises:
        MissingExtra: transformers is not installed.
        ModelError: the folder has none, or transformers does not know the architecture.
    """
    saved = read_json(folder / "config.json")
    if not saved and (folder / "adapter_config.json").is_file():
        raise ModelError(f"{folder} holds a LoRA adapter alone; merge it into its base model once (peft: merge_and_unload) and save that")
    if not saved:
        raise ModelError(f"{folder} is not a model folder: {folder / 'config.json'} is missing")
    if "auto_map" in saved and not remote_code:
        known = saved.get("model_type") in _causal_names()
        if not known:
            raise ModelError(
                f"{folder}: the architecture {saved.get('model_type')!r} comes with Python code of its own, which does not run by "
                "itself; read it, then set trust_remote_code=True"
            )
    transformers = require("transformers", extra="models", purpose="Decoder")
    try:
        return transformers.AutoConfig.from_pretrained(str(folder), trust_remote_code=remote_code)
    except (OSError, ValueError, KeyError, ImportError, TypeError, AttributeError) as error:
        raise ModelError(f"{folder}: unknown architecture {saved.get('model_type')!r} ({_first_line(error)})") from error


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _causal_names() -> Mapping[str, str]:
    auto = require("transformers.models.auto.modeling_auto", extra="models", purpose="Decoder")
    names: Mapping[str, str] = auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES
    return names


def check_decoder(folder: Path, config: Any, *, remote_code: bool) -> None:
    """Refuses what is no causal decoder with readable attention.

    Raises:
        ModelError: an encoder, an encoder-decoder, a recurrent model, or a model that transformers has no causal head for.
    """
    kind = getattr(config, "model_type", "")
    text = config.get_text_config()
    if getattr(config, "is_encoder_decoder", False):
        raise ModelError(f"{folder}: {kind!r} is an encoder-decoder, not a causal decoder")
    if kind not in _causal_names() and not remote_code:
        raise ModelError(f"{folder}: transformers has no causal language model of the architecture {kind!r}")
    if not getattr(text, "num_attention_heads", None):
        raise ModelError(f"{folder}: {kind!r} has no attention to read; give a decoder with attention, such as Llama, Qwen or Mistral")
    kinds = {str(name) for name in getattr(text, "layer_types", None) or getattr(text, "layers_block_type", None) or ()}
    odd = sorted(name for name in kinds if any(part in name for part in _RECURRENT))
    if odd:
        raise ModelError(f"{folder}: {kind!r} has layers without plain attention ({', '.join(odd)}), which cannot be cropped or read")


def shape_of(config: Any, *, max_tokens: int | None) -> DecoderShape:
    """The sizes that a configuration gives."""
    text = config.get_text_config()
    heads = int(text.num_attention_heads)
    limits = [int(limit) for limit in (getattr(text, "max_position_embeddings", None), _fixed_rope(text), max_tokens) if limit]
    return DecoderShape(
        layers=int(text.num_hidden_layers),
        heads=heads,
        kv_heads=int(getattr(text, "num_key_value_heads", None) or heads),
        context=min(limits) if limits else 1_000_000,
        vocabulary=int(text.vocab_size),
    )


def _fixed_rope(text: Any) -> int | None:
    """The length up to which rotary frequencies stay as they are, for the kinds that change them with the length of the prompt.

    Keys that were cached under one set of frequencies do not fit another, and the change is made in the shared weights.
    """
    rope = getattr(text, "rope_parameters", None) or getattr(text, "rope_scaling", None) or {}
    if not isinstance(rope, Mapping) or rope.get("rope_type", rope.get("type")) not in ("dynamic", "longrope"):
        return None
    original = rope.get("original_max_position_embeddings") or getattr(text, "original_max_position_embeddings", None)
    return int(original) if original else int(text.max_position_embeddings)
