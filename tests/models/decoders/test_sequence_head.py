"""Scores at the last token."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from irloom.core.errors import BadValue, ModelError
from irloom.models.decoders.sequence_head import SequenceHead
from tests.models.decoders.tiny_decoders import save_decoder

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

IDS = np.random.default_rng(4).integers(6, 380, 40)
HEAD = "AutoModelForSequenceClassification"


@pytest.fixture(scope="module", params=["llama", "mistral", "gpt_neox", "gpt2"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_decoder(tmp_path_factory.mktemp("head"), str(request.param), head=HEAD, num_labels=1)


def plain(folder: Path) -> Any:
    return transformers.AutoModelForSequenceClassification.from_pretrained(str(folder), attn_implementation="eager").eval()


def test_scores_equal_the_classifier_without_padding(folder: Path) -> None:
    head, model = SequenceHead(folder, device="cpu"), plain(folder)
    tails = [IDS[20:], IDS[20:23], IDS[20:31]]
    with torch.inference_mode():
        truth = [model(torch.tensor(np.concatenate((IDS[:20], tail)))[None]).logits[0].numpy() for tail in tails]
    prefix = head.prefill(IDS[:20])
    assert head.labels == 1
    np.testing.assert_allclose(head.scores(tails, prefix=prefix), np.stack(truth), atol=1e-4)
    np.testing.assert_allclose(head.scores([np.concatenate((IDS[:20], tail)) for tail in tails]), np.stack(truth), atol=1e-4)
    with torch.inference_mode():
        truth = model(torch.tensor(IDS[:20])[None]).logits.numpy()
    np.testing.assert_allclose(head.scores([IDS[:0]], prefix=prefix), truth, atol=1e-4)


def test_a_text_that_ends_in_the_padding_token_is_read_to_its_end(folder: Path) -> None:
    """transformers would take the last token that is not padding, and miss an end token that serves as padding too."""
    head = SequenceHead(folder, device="cpu")
    ended = np.append(IDS[:10], 0)
    assert abs(head.scores([ended])[0, 0] - head.scores([IDS[:10]])[0, 0]) > 1e-3


def test_bad_requests_are_named(folder: Path, tmp_path: Path) -> None:
    head = SequenceHead(folder, device="cpu")
    with pytest.raises(BadValue, match="at least one token"):
        head.scores([IDS[:0]])
    with pytest.raises(ModelError, match="longer than the context"):
        head.scores([np.resize(IDS, 513)])
    assert head.scores([]).shape == (0, 1)


def test_a_language_model_has_no_trained_head(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no trained weights for score"):
        SequenceHead(save_decoder(tmp_path), device="cpu").warm_up()
