from pathlib import Path

import numpy as np
import pytest

from irloom.core.errors import BadValue
from irloom.core.types import Document, Query
from irloom.models.encoders.dense import DenseEncoder
from irloom.models.encoders.tokens import TokenEncoder
from tests.models.tiny import TEXTS

DOCUMENTS = [Document(str(n), text) for n, text in enumerate(TEXTS)]


def test_token_vectors_are_the_models_states(tiny_bert: Path) -> None:
    import torch
    import transformers

    tokenizer, model = transformers.AutoTokenizer.from_pretrained(tiny_bert), transformers.AutoModel.from_pretrained(tiny_bert)
    batch = TokenEncoder(DenseEncoder(tiny_bert, device="cpu"), dtype="float32").encode_documents(DOCUMENTS)
    assert len(batch) == len(TEXTS)
    for row, text in enumerate(TEXTS):
        with torch.inference_mode():
            states = model(**tokenizer(text, return_tensors="pt")).last_hidden_state[0].numpy()
        words = states[1:-1] if len(states) > 2 else states  # an empty text keeps [CLS] and [SEP]
        expected = words / np.linalg.norm(words, axis=1, keepdims=True)
        np.testing.assert_allclose(batch.vectors[batch.offsets[row] : batch.offsets[row + 1]], expected, atol=1e-5)


def test_one_pass_gives_both(tiny_bert: Path) -> None:
    encoder = DenseEncoder(tiny_bert, device="cpu", batch_tokens=40)
    pooled, tokens = encoder.encode_both(DOCUMENTS)
    alone = encoder.tokens.encode_documents(DOCUMENTS)
    np.testing.assert_array_equal(pooled, encoder.encode_documents(DOCUMENTS))
    np.testing.assert_array_equal(tokens.offsets, alone.offsets)
    np.testing.assert_array_equal(tokens.vectors, alone.vectors)
    assert tokens.vectors.dtype == np.float16


def test_queries_have_their_own_prompt(tiny_bert: Path) -> None:
    encoder = DenseEncoder(tiny_bert, device="cpu", query_prompt="find: ")
    prompted = encoder.tokens.encode_queries([Query("1", "fox")])
    expected = DenseEncoder(tiny_bert, device="cpu").tokens.encode_queries([Query("1", "find: fox")])
    np.testing.assert_array_equal(prompted.vectors, expected.vectors)


def test_the_space_is_its_own(tiny_bert: Path) -> None:
    encoder = DenseEncoder(tiny_bert)
    assert encoder.tokens.space != encoder.space
    assert encoder.tokens.space == DenseEncoder(tiny_bert, pooling="cls", truncate_dim=4).tokens.space  # neither reaches tokens
    assert encoder.tokens.space != DenseEncoder(tiny_bert, query_prompt="q: ").tokens.space
    assert encoder.tokens.fingerprint != TokenEncoder(encoder, dtype="float32").fingerprint
    assert encoder.tokens.compatible_with == ()


def test_dtype(tiny_bert: Path) -> None:
    with pytest.raises(BadValue, match="one of float16, float32"):
        TokenEncoder(DenseEncoder(tiny_bert), dtype="int8")
