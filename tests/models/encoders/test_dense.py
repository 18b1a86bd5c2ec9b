import json
import logging
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from irloom.core.errors import BadValue, ModelError
from irloom.core.types import Document, Query
from irloom.models.encoders.dense import DenseEncoder
from irloom.models.scorers.cross_encoder import CrossEncoder
from tests.models.tiny import TEXTS

DOCUMENTS = [Document(str(n), text, title) for n, (text, title) in enumerate((t, h) for t in TEXTS for h in ("", "A title"))]


@pytest.mark.parametrize("backend", ["packed", "transformers"])
@pytest.mark.parametrize("batch_tokens", [1, 30, 500])
def test_rows_do_not_depend_on_the_batch(tiny_bert: Path, batch_tokens: int, backend: str) -> None:
    whole = DenseEncoder(tiny_bert, device="cpu").encode_documents(DOCUMENTS)
    encoder = DenseEncoder(tiny_bert, device="cpu", batch_tokens=batch_tokens, backend=backend)
    np.testing.assert_allclose(encoder.encode_documents(DOCUMENTS), whole, atol=1e-5, rtol=0)
    one_by_one = np.concatenate([encoder.encode_documents([document]) for document in DOCUMENTS])
    np.testing.assert_allclose(one_by_one, whole, atol=1e-5, rtol=0)
    assert whole.dtype == np.float32
    assert whole.shape == (len(DOCUMENTS), encoder.dim)


def test_title_and_text_are_joined_and_an_empty_document_has_a_vector(tiny_bert: Path) -> None:
    encoder = DenseEncoder(tiny_bert, device="cpu", normalize=True)
    titled, joined, empty = encoder.encode_documents([Document("1", "b", "a"), Document("2", "a b"), Document("3", "")])
    np.testing.assert_array_equal(titled, joined)
    assert np.linalg.norm(empty) == pytest.approx(1, abs=1e-6)


def test_batches_side_by_side_give_the_same(tiny_bert: Path, tiny_scorer: Path) -> None:
    import torch

    groups = [(Query("q", "fox"), DOCUMENTS)]
    alone = DenseEncoder(tiny_bert, device="cpu").encode_both(DOCUMENTS)
    scores = CrossEncoder(tiny_scorer, device="cpu").score(groups)[0]
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        pooled, tokens = DenseEncoder(tiny_bert, device="cpu", batch_tokens=1).encode_both(DOCUMENTS)
        np.testing.assert_allclose(CrossEncoder(tiny_scorer, device="cpu", batch_tokens=1).score(groups)[0], scores, atol=1e-5)
    finally:
        torch.set_num_threads(before)
    np.testing.assert_allclose(pooled, alone[0], atol=1e-5)
    np.testing.assert_allclose(tokens.vectors, alone[1].vectors, atol=1e-3)
    np.testing.assert_array_equal(tokens.offsets, alone[1].offsets)


def test_nothing_to_encode(tiny_bert: Path) -> None:
    encoder = DenseEncoder(tiny_bert, device="cpu")
    assert encoder.encode_queries([]).shape == (0, 32)
    pooled, tokens = encoder.encode_both([])
    assert pooled.shape == (0, 32)
    assert (len(tokens), tokens.vectors.shape) == (0, (0, 32))


def test_truncation_comes_before_normalisation(tiny_bert: Path) -> None:
    whole = DenseEncoder(tiny_bert, device="cpu", normalize=False).encode_documents(DOCUMENTS)[:, :5]
    expected = whole / np.linalg.norm(whole, axis=1, keepdims=True)
    cut = DenseEncoder(tiny_bert, device="cpu", normalize=True, truncate_dim=5)
    np.testing.assert_allclose(cut.encode_documents(DOCUMENTS), expected, atol=1e-6, rtol=0)


def test_prompts_stand_before_the_text(tiny_bert: Path) -> None:
    plain = DenseEncoder(tiny_bert, device="cpu")
    prompted = DenseEncoder(tiny_bert, device="cpu", query_prompt="find: ", document_prompt="text: ")
    np.testing.assert_allclose(prompted.encode_queries([Query("1", "fox")]), plain.encode_queries([Query("1", "find: fox")]), atol=1e-6)
    expected = plain.encode_documents([Document("1", "text: fox")])
    np.testing.assert_allclose(prompted.encode_documents([Document("1", "fox")]), expected, atol=1e-6)


def test_cut_texts_are_counted_once_a_call(tiny_bert: Path, caplog: pytest.LogCaptureFixture) -> None:
    encoder = DenseEncoder(tiny_bert, device="cpu", max_tokens=8)
    with caplog.at_level(logging.WARNING, "irloom"):
        encoder.encode_documents([Document("1", "fox"), Document("2", "fox " * 30), Document("3", "dog " * 9)])
    assert [record.getMessage() for record in caplog.records] == [
        "DenseEncoder: 2 of 3 texts are longer than 8 tokens and were cut at the end; said once"
    ]
    first = encoder.encode_queries([Query("1", "fox " * 6)])
    np.testing.assert_allclose(encoder.encode_queries([Query("1", "fox " * 60)]), first, atol=1e-6)


def test_the_space_follows_what_changes_vectors(tiny_bert: Path, tmp_path: Path) -> None:
    base = DenseEncoder(tiny_bert)
    others: list[dict[str, Any]] = [
        {"pooling": "cls"},
        {"normalize": True},
        {"truncate_dim": 8},
        {"query_prompt": "q: "},
        {"document_prompt": "d: "},
    ]
    spaces = {base.space} | {DenseEncoder(tiny_bert, **other).space for other in others}
    assert len(spaces) == 6
    shutil.copytree(tiny_bert, tmp_path / "elsewhere")
    same = DenseEncoder(tmp_path / "elsewhere", dtype="float16", max_tokens=9)
    assert same.space == base.space
    assert same.fingerprint != base.fingerprint
    weights = tmp_path / "elsewhere" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x01")
    assert DenseEncoder(tmp_path / "elsewhere").space != base.space
    assert base.compatible_with == ()


@pytest.mark.parametrize(
    "wrong",
    [{"pooling": "median"}, {"dtype": "int8"}, {"backend": "onnx"}, {"truncate_dim": 0}, {"max_tokens": 0}, {"batch_tokens": -1}],
)
def test_arguments_out_of_range(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadValue, match=next(iter(wrong))):
        DenseEncoder("anything", **wrong)


def test_a_width_that_the_model_does_not_have(tiny_bert: Path) -> None:
    with pytest.raises(BadValue, match="truncate_dim is 33; expected at most 32"):
        DenseEncoder(tiny_bert, device="cpu", truncate_dim=33).warm_up()


def test_a_backend_that_cannot(tiny_bert: Path) -> None:
    with pytest.raises(ModelError, match="'packed' computes BERT-like models in float32"):
        DenseEncoder(tiny_bert, device="cpu", dtype="bfloat16", backend="packed").warm_up()


def test_weights_that_are_not_there_are_not_made_up(tiny_bert: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_bert, tmp_path / "deeper")
    config = json.loads((tmp_path / "deeper" / "config.json").read_text())
    (tmp_path / "deeper" / "config.json").write_text(json.dumps(config | {"num_hidden_layers": 3}))
    with pytest.raises(ModelError, match=r"no trained weights for encoder\.layer\.2"):
        DenseEncoder(tmp_path / "deeper", device="cpu").warm_up()


def test_half_precision_is_near(tiny_bert: Path) -> None:
    whole = DenseEncoder(tiny_bert, device="cpu", normalize=True).encode_documents(DOCUMENTS)
    half = DenseEncoder(tiny_bert, device="cpu", normalize=True, dtype="bfloat16").encode_documents(DOCUMENTS)
    assert half.dtype == np.float32
    assert float((whole * half).sum(axis=1).min()) > 0.99


def test_threads_share_an_encoder(tiny_bert: Path) -> None:
    encoder = DenseEncoder(tiny_bert, device="cpu")
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: encoder.encode_documents(DOCUMENTS), range(8)))
    for vectors in results:
        np.testing.assert_allclose(vectors, results[0], atol=1e-6)


def test_making_an_encoder_imports_no_torch() -> None:
    code = "import sys; from irloom.models.encoders.dense import DenseEncoder; DenseEncoder('minilm'); print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "False"


def test_irlooms_own_network_needs_no_transformers(tiny_bert: Path) -> None:
    code = (
        "import sys; from irloom.core.types import Query; from irloom.models.encoders.dense import DenseEncoder; "
        f"DenseEncoder({str(tiny_bert)!r}, device='cpu').encode_queries([Query('1', 'fox')]); print('transformers' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "False"
