"""A small T5 with seeded random weights, and a Unigram tokenizer that has the labels of the rerankers as whole pieces."""

from pathlib import Path
from string import ascii_letters, digits, punctuation

import pytest

TEXT = (
    "true false Yes No Passage Query Document Document0 Document1 Relevant Output Given a query which of the following "
    "passages is most relevant one to only label two more or Please write question based on this passage Does answer red fox "
    "blue whale green owl sings runs quick brown dog sleeps"
)
LABELS = [chr(letter) for letter in range(ord("A"), ord("W") + 1)]
CHARACTERS = ascii_letters + digits + punctuation


def t5_tokenizer(folder: Path, *, whole: bool = True) -> None:
    """Words and labels are pieces of their own, all else is spelt; without `whole` everything is spelt."""
    import transformers
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    special = ["<pad>", "</s>", "<unk>"]
    pieces = [f"▁{word}" for word in [*TEXT.split(), *LABELS]] if whole else []
    vocabulary = [(piece, 0.0) for piece in special] + [(piece, -3.0) for piece in pieces] + [("▁", -6.0)]
    vocabulary += [(character, -7.0) for character in CHARACTERS]
    backend = Tokenizer(models.Unigram(vocabulary, unk_id=2, byte_fallback=False))
    backend.normalizer = normalizers.Sequence([normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip(left=False, right=True)])
    backend.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    backend.decoder = decoders.Metaspace(prepend_scheme="always")
    backend.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=backend, pad_token="<pad>", eos_token="</s>", unk_token="<unk>", model_max_length=512
    ).save_pretrained(folder)


def save_t5(folder: Path, *, seed: int = 11, whole: bool = True, gated: bool = False) -> Path:
    """Saves the model with its tokenizer and returns the folder; `gated` is the form of Flan-T5, its output weights apart."""
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    folder.mkdir(parents=True, exist_ok=True)
    t5_tokenizer(folder, whole=whole)
    config = transformers.T5Config(
        vocab_size=256,
        d_model=32,
        d_kv=8,
        d_ff=64,
        num_layers=2,
        num_heads=4,
        relative_attention_num_buckets=8,
        relative_attention_max_distance=20,
        feed_forward_proj="gated-gelu" if gated else "relu",
        tie_word_embeddings=not gated,
        decoder_start_token_id=0,
    )
    torch.manual_seed(seed)
    model = transformers.T5ForConditionalGeneration(config)
    for name, weight in model.named_parameters():
        if "layer_norm" not in name:
            torch.nn.init.normal_(weight, std=0.3)
    model.save_pretrained(folder)
    return folder
