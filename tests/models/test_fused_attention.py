"""Cross-attention over fused texts: what is summed, and models that it cannot be read from."""

from pathlib import Path

import numpy as np
import pytest

from irloom.core.errors import ModelError
from irloom.models.fused_attention import STEPS, FusedAttention
from irloom.models.seq2seq import Seq2Seq
from tests.models.tiny_t5 import save_t5, t5_tokenizer


def test_each_text_has_its_tokens(tmp_path: Path) -> None:
    model = Seq2Seq(save_t5(tmp_path), device="cpu")
    reader = FusedAttention(model)
    reader.warm_up()
    texts = [model.encode(text, special=True) for text in ("red fox", "blue whale sings", "")]
    one, other = reader.read([texts, texts[:1]])
    assert [len(row) for row in one.weights] == [len(ids) for ids in texts]
    assert 1 <= one.written <= STEPS
    assert all((row > 0).all() for row in one.weights)
    assert len(other.weights) == 1
    again = reader.read([texts[:1]])[0]
    np.testing.assert_array_equal(again.weights[0], other.weights[0])


def test_a_model_without_that_attention(tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    t5_tokenizer(tmp_path)
    config = transformers.BartConfig(
        vocab_size=256, d_model=16, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2, decoder_attention_heads=2,
        encoder_ffn_dim=16, decoder_ffn_dim=16, max_position_embeddings=64, pad_token_id=0, bos_token_id=1, eos_token_id=1,
        decoder_start_token_id=1, forced_eos_token_id=1,
    )  # fmt: skip
    transformers.BartForConditionalGeneration(config).save_pretrained(tmp_path)
    with pytest.raises(ModelError, match="no cross-attention as T5 has it"):
        FusedAttention(Seq2Seq(tmp_path, device="cpu")).warm_up()
