"""Every family against its own eager forward pass in transformers."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from irloom.models.decoders.decoder import Decoder

torch = pytest.importorskip("torch")

IDS = np.random.default_rng(5).integers(6, 380, 40)
PAST = 27


def maps(plain: Any, ids: NDArray[np.int64]) -> NDArray[np.float32]:
    """Eager attention, (layers, heads, tokens, tokens)."""
    with torch.inference_mode():
        found = plain(torch.tensor(ids)[None], output_attentions=True).attentions
    return np.stack([layer[0].numpy() for layer in found])


def logits(plain: Any, ids: NDArray[np.int64]) -> NDArray[np.float32]:
    """Logits of every position, (tokens, vocabulary)."""
    with torch.inference_mode():
        out: NDArray[np.float32] = plain(torch.tensor(ids)[None]).logits[0].float().numpy()
    return out


def test_attention_rows_equal_eager_maps(family: str, decoder_of: Callable[[str], Decoder], plain_of: Callable[[str], Any]) -> None:
    decoder, truth = decoder_of(family), maps(plain_of(family), IDS)
    whole = decoder.attention(None, IDS, per_head=True)
    np.testing.assert_allclose(whole, truth.mean(axis=2), atol=1e-5)
    prefix = decoder.prefill(IDS[:PAST])
    np.testing.assert_allclose(decoder.attention(prefix, IDS[PAST:], per_head=True), truth[:, :, PAST:].mean(axis=2), atol=1e-5)
    np.testing.assert_allclose(decoder.attention(prefix, IDS[PAST:]), truth[:, :, PAST:].mean(axis=2).sum((0, 1)), atol=3e-5)
    chosen = decoder.attention(prefix, IDS[PAST:], rows=slice(3, 7), per_head=True)
    np.testing.assert_allclose(chosen, truth[:, :, PAST + 3 : PAST + 7].mean(axis=2), atol=1e-5)
    heads = [(1, 2), (0, 3)]
    wanted = sum(truth[layer, head, PAST:].mean(axis=0) for layer, head in heads)
    np.testing.assert_allclose(decoder.attention(decoder.prefill(IDS[:PAST], layers=2), IDS[PAST:], heads=heads), wanted, atol=1e-5)


def test_next_logits_equal_the_whole_forward(family: str, decoder_of: Callable[[str], Decoder], plain_of: Callable[[str], Any]) -> None:
    decoder, plain = decoder_of(family), plain_of(family)
    prefix = decoder.prefill(IDS[:PAST])
    tails = [IDS[PAST : PAST + 3], IDS[PAST:], IDS[PAST + 2 : PAST + 9], IDS[:0]]
    truth = np.stack([logits(plain, np.concatenate((IDS[:PAST], tail)))[-1] for tail in tails])
    np.testing.assert_allclose(decoder.next_logits(tails, prefix=prefix), truth, atol=2e-4, rtol=1e-4)
    np.testing.assert_allclose(decoder.next_logits(tails, prefix=prefix, tokens=[7, 3, 200]), truth[:, [7, 3, 200]], atol=2e-4, rtol=1e-4)
    alone = [IDS[:20], IDS[:31], IDS[5:6]]
    truth = np.stack([logits(plain, ids)[-1] for ids in alone])
    np.testing.assert_allclose(decoder.next_logits(alone), truth, atol=2e-4, rtol=1e-4)


def test_log_likelihood_equals_cross_entropy(family: str, decoder_of: Callable[[str], Decoder], plain_of: Callable[[str], Any]) -> None:
    decoder, plain = decoder_of(family), plain_of(family)
    tails = [(IDS[PAST : PAST + 3], IDS[PAST + 3 : PAST + 8]), (IDS[:0], IDS[PAST : PAST + 2]), (IDS[PAST:], IDS[:0])]
    found = decoder.log_likelihood(tails, prefix=decoder.prefill(IDS[:PAST]))
    for row, (context, labels) in enumerate(tails):
        ids = np.concatenate((IDS[:PAST], context, labels))
        told = torch.tensor(logits(plain, ids)).log_softmax(-1).numpy()
        start = PAST + len(context)
        truth = sum(told[start - 1 + place, label] for place, label in enumerate(labels))
        assert found[row] == pytest.approx(truth, abs=3e-4)


def test_extended_and_cropped_prefixes_equal_plain_ones(family: str, decoder_of: Callable[[str], Decoder]) -> None:
    decoder = decoder_of(family)
    whole, tail = decoder.prefill(IDS[:PAST]), IDS[PAST:]
    truth = decoder.attention(whole, tail, per_head=True)
    grown = decoder.prefill(IDS[:10]).extended(IDS[10:11]).extended(IDS[11:PAST])
    np.testing.assert_allclose(decoder.attention(grown, tail, per_head=True), truth, atol=1e-5)
    cut = decoder.prefill(IDS).cropped(PAST)
    assert (cut.length, cut.layers) == (PAST, decoder.shape.layers)
    np.testing.assert_allclose(decoder.attention(cut, tail, per_head=True), truth, atol=1e-5)
    np.testing.assert_allclose(
        decoder.attention(cut.extended(tail[:4]), tail[4:]), decoder.attention(whole.extended(tail[:4]), tail[4:]), atol=1e-5
    )
    np.testing.assert_allclose(decoder.attention(whole, tail, per_head=True), truth, atol=1e-6)


def test_generate_equals_greedy_search(family: str, decoder_of: Callable[[str], Decoder], plain_of: Callable[[str], Any]) -> None:
    decoder, plain = decoder_of(family), plain_of(family)
    shared = "The quick brown fox jumps over "
    prompts = [shared + "the lazy dog", shared + "a tea of 42 kinds in Zürich", shared + "[1]"]
    found = decoder.generate(prompts, max_new_tokens=9)
    for prompt, text in zip(prompts, found, strict=True):
        ids = torch.tensor(decoder.text.encode_prompt(prompt))[None]
        with torch.inference_mode():
            whole = plain.generate(ids, do_sample=False, max_new_tokens=9, attention_mask=torch.ones_like(ids))
        assert text == decoder.decode(whole[0, ids.shape[1] :].numpy())
