"""A decoder with trained weights: what it says is known."""

from pathlib import Path

import numpy as np
import pytest

from irloom.models.decoders.decoder import Decoder
from tests.models.stories import SENTENCE, save_stories

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_stories(tmp_path_factory.mktemp("stories"))


def test_greedy_text_is_the_known_one(stories: Path) -> None:
    decoder = Decoder(stories, device="cpu")
    assert (decoder.shape.layers, decoder.shape.heads, decoder.shape.kv_heads, decoder.shape.context) == (5, 8, 4, 512)
    start = "Once upon a time"
    assert (start + decoder.generate([start], max_new_tokens=80)[0]).startswith(SENTENCE)
    assert decoder.decode(decoder.encode(SENTENCE, special=True)) == SENTENCE


def test_attention_and_likelihood_of_trained_weights(stories: Path) -> None:
    decoder = Decoder(stories, device="cpu")
    plain = transformers.AutoModelForCausalLM.from_pretrained(str(stories), attn_implementation="eager").eval()
    ids = decoder.encode(SENTENCE, special=True)
    with torch.inference_mode():
        whole = plain(torch.tensor(ids)[None], output_attentions=True)
    maps = np.stack([layer[0].numpy() for layer in whole.attentions])
    prefix = decoder.prefill(ids[:30])
    np.testing.assert_allclose(decoder.attention(prefix, ids[30:], per_head=True), maps[:, :, 30:].mean(axis=2), atol=1e-5)
    told = whole.logits[0].log_softmax(-1).numpy()
    truth = sum(told[place - 1, ids[place]] for place in range(30, len(ids)))
    assert decoder.log_likelihood([(ids[:0], ids[30:])], prefix=prefix)[0] == pytest.approx(truth, rel=1e-4)
    assert truth / (len(ids) - 30) > -1.0  # it wrote the sentence, so it finds it likely
