"""Encoder-decoders against transformers' own calls on one text at a time."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from irloom.core.errors import BadValue, ModelError
from irloom.models.seq2seq import Seq2Seq
from tests.models.tiny_t5 import save_t5

TEXTS = ["Query: red fox", "Passage: the quick brown dog sleeps", "owl", "", "Given a query the following passages Output true or false !"]


@pytest.fixture(scope="module", params=[False, True], ids=["t5", "flan"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_t5(tmp_path_factory.mktemp("t5"), gated=request.param)


@pytest.fixture(scope="module")
def model(folder: Path) -> Seq2Seq:
    return Seq2Seq(folder, device="cpu")


@pytest.fixture(scope="module")
def public(folder: Path) -> Any:
    transformers = pytest.importorskip("transformers")
    return transformers.T5ForConditionalGeneration.from_pretrained(folder).eval()


def first_logits(public: Any, ids: Any, steps: list[int]) -> Any:
    import torch

    with torch.inference_mode():
        return public(input_ids=torch.tensor([ids.tolist()]), decoder_input_ids=torch.tensor([steps])).logits[0].numpy()


def test_first_logits_do_not_depend_on_the_batch(model: Seq2Seq, public: Any) -> None:
    inputs = [model.encode(text, special=True) for text in TEXTS]
    found = model.next_logits(inputs)
    assert found.shape == (5, 256)
    assert found.dtype == np.float32
    for ids, row in zip(inputs, found, strict=True):
        np.testing.assert_allclose(row, first_logits(public, ids, [0])[-1], atol=1e-4)
    two = [model.token("true"), model.token("false")]
    np.testing.assert_array_equal(model.next_logits(inputs, tokens=two), found[:, two])
    start = model.encode("Passage")
    np.testing.assert_allclose(
        model.next_logits(inputs, tokens=two, start=start)[1], first_logits(public, inputs[1], [0, *start])[-1][two], atol=1e-4
    )
    assert model.next_logits([], tokens=two).shape == (0, 2)


def test_likelihood_is_the_sum_over_the_labels(model: Seq2Seq, public: Any) -> None:
    pairs = [(model.encode(text, special=True), model.encode(label)) for text in TEXTS for label in ("red fox sings", "owl", "")]
    found = model.log_likelihood(pairs)
    for (ids, labels), value in zip(pairs, found, strict=True):
        logits = first_logits(public, ids, [0, *labels[:-1].tolist()]).astype(np.float64)
        likely = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        expected = sum(likely[step, token] for step, token in enumerate(labels))
        np.testing.assert_allclose(value, expected, atol=1e-4)


def test_generation_is_greedy(model: Seq2Seq, public: Any) -> None:
    import torch

    for text in TEXTS:
        ids = torch.tensor([model.encode(text, special=True).tolist()])
        start = [0, *model.encode("Passage").tolist()]
        written = public.generate(input_ids=ids, decoder_input_ids=torch.tensor([start]), max_new_tokens=6, do_sample=False)
        assert model.generate([text], max_new_tokens=6, start="Passage") == [model.decode(written[0].tolist())]
    alone = [model.generate([text], max_new_tokens=6)[0] for text in TEXTS]
    assert model.generate(TEXTS, max_new_tokens=6) == alone


def test_fused_texts_are_read_as_one(model: Seq2Seq, public: Any) -> None:
    import torch
    from transformers.modeling_outputs import BaseModelOutput

    groups = [[model.encode(text, special=True) for text in TEXTS[low:high]] for low, high in ((0, 3), (3, 4), (1, 5))]
    found = model.generate_fused(groups, max_new_tokens=5)
    for texts, written in zip(groups, found, strict=True):
        with torch.inference_mode():
            states = [public.encoder(input_ids=torch.tensor([ids.tolist()])).last_hidden_state for ids in texts]
            fused = BaseModelOutput(last_hidden_state=torch.cat(states, dim=1))
            expected = public.generate(encoder_outputs=fused, decoder_input_ids=torch.tensor([[0]]), max_new_tokens=5, do_sample=False)
        assert written == model.decode(expected[0].tolist())
    with pytest.raises(ModelError, match="group of texts to fuse is empty"):
        model.generate_fused([[]], max_new_tokens=5)


def test_text_that_looks_like_a_special_token_is_text(model: Seq2Seq) -> None:
    assert 1 not in model.encode("red </s> fox <pad>")
    assert model.encode("red", special=True)[-1] == 1
    assert model.encode("red \ud800").tolist() == model.encode("red ?").tolist()


def test_a_label_is_one_token(model: Seq2Seq) -> None:
    assert model.decode([model.token("true")]) == "true"
    assert model.token(" B", after="Passage") == model.encode("Passage B")[-1]
    with pytest.raises(ModelError, match="'zebra' is not one token of this tokenizer; it becomes"):
        model.token("zebra")


def test_threads_agree(model: Seq2Seq) -> None:
    inputs = [model.encode(text, special=True) for text in TEXTS]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: (model.next_logits(inputs), model.generate(TEXTS, max_new_tokens=3)), range(8)))
    for logits, texts in found:
        np.testing.assert_array_equal(logits, found[0][0])
        assert texts == found[0][1]


def test_what_cannot_be_loaded(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "llama"}))
    with pytest.raises(ModelError, match=r"is no encoder-decoder \(found 'llama'\)"):
        Seq2Seq(tmp_path).warm_up()
    with pytest.raises(ModelError, match="reads 8 tokens, and a text has"):
        Seq2Seq(folder, max_tokens=8, device="cpu").next_logits([np.ones(9, np.int64)])
    with pytest.raises(BadValue, match="dtype"):
        Seq2Seq(folder, dtype="int8")
    assert Seq2Seq(folder).context is None
    assert Seq2Seq(folder).fingerprint != Seq2Seq(folder, max_tokens=100).fingerprint
