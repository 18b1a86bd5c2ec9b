"""One pass gives the next token's logits and the prefix to go on from."""

from collections.abc import Callable

import numpy as np
import pytest

from irloom.core.errors import BadValue
from irloom.models.decoders.decoder import Decoder

IDS = np.random.default_rng(5).integers(6, 380, 50)


@pytest.mark.parametrize("family", ["llama", "gemma2"])
def test_logits_and_prefix_are_those_of_two_passes(decoder_of: Callable[[str], Decoder], family: str) -> None:
    decoder = decoder_of(family)
    first, whole = decoder.read_on(IDS[:20])
    np.testing.assert_allclose(first, decoder.next_logits([IDS[:20]])[0], atol=1e-4)
    second, longer = decoder.read_on(IDS[20:], prefix=whole, tokens=[7, 9])
    np.testing.assert_allclose(second, decoder.next_logits([IDS], tokens=[7, 9])[0], atol=1e-4)
    np.testing.assert_array_equal(longer.ids, IDS)
    third = decoder.next_logits([IDS[:5]], prefix=longer.cropped(35))
    np.testing.assert_allclose(third, decoder.next_logits([np.concatenate((IDS[:35], IDS[:5]))]), atol=1e-4)


def test_what_is_refused(llama: Decoder) -> None:
    with pytest.raises(BadValue, match="at least one token"):
        llama.read_on(IDS[:0])
    with pytest.raises(BadValue, match="tokens"):
        llama.read_on(IDS, tokens=[10**6])
