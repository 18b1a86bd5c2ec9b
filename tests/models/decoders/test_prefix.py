"""A prefix never changes."""

from collections.abc import Callable

import numpy as np
import pytest

from irloom.core.errors import BadValue
from irloom.models.decoders.decoder import Decoder
from irloom.models.decoders.prefix import frozen_ids

pytest.importorskip("torch")

IDS = np.random.default_rng(6).integers(6, 380, 30)


def test_branches_leave_their_root_as_it_was(decoder_of: Callable[[str], Decoder]) -> None:
    decoder = decoder_of("gpt_neox")
    root = decoder.prefill(IDS[:20])
    kept = [(key.clone(), value.clone()) for key, value in zip(root.keys, root.values, strict=True)]
    left, right = root.extended(IDS[20:25]), root.extended(IDS[25:])
    assert (root.length, left.length, right.length) == (20, 25, 25)
    np.testing.assert_array_equal(left.ids, IDS[:25])
    decoder.generate([decoder.decode(IDS[:9])], max_new_tokens=2)
    for (key, value), now_key, now_value in zip(kept, root.keys, root.values, strict=True):
        assert key.equal(now_key)
        assert value.equal(now_value)


def test_ids_are_read_only(llama: Decoder) -> None:
    own = IDS.copy()
    prefix = llama.prefill(own)
    own[0] = 7
    assert prefix.ids[0] == IDS[0]
    with pytest.raises(ValueError, match="read-only"):
        prefix.ids[0] = 1
    assert not frozen_ids(own).flags.writeable


def test_cropping_shares_memory(llama: Decoder) -> None:
    prefix = llama.prefill(IDS)
    assert prefix.cropped(10).keys[0].data_ptr() == prefix.keys[0].data_ptr()
    assert prefix.extended(IDS[:0]) is prefix
    for length in (-1, 31):
        with pytest.raises(BadValue, match="0 to 30"):
            prefix.cropped(length)


def test_an_empty_prefix_is_none(llama: Decoder) -> None:
    empty = llama.prefill(IDS).cropped(0)
    np.testing.assert_allclose(llama.attention(empty, IDS), llama.attention(None, IDS), atol=1e-6)
    np.testing.assert_allclose(llama.next_logits([IDS], prefix=empty), llama.next_logits([IDS]), atol=1e-5)
    np.testing.assert_allclose(
        llama.attention(empty.extended(IDS[:20]), IDS[20:]), llama.attention(llama.prefill(IDS[:20]), IDS[20:]), atol=1e-6
    )
    nothing = llama.prefill(IDS[:0])
    assert nothing.length == 0
    np.testing.assert_allclose(llama.attention(nothing.extended(IDS[:20]), IDS[20:]), llama.attention(empty.extended(IDS[:20]), IDS[20:]))
