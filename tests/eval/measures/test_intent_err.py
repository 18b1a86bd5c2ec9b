from collections.abc import Callable

import pytest


def test_expected_reciprocal_rank(by_intent: Callable[[str], float]) -> None:
    # gains: a 1; b 1/2; c 1/4 + 1, at ranks 1, 3, 4. The greatest at 4 ranks: 2, 1, 1/2, 1/4
    gained, most = 1 + 1 / 2 / 3 + 5 / 4 / 4, 2 * (1 + 1 / 2 / 2 + 1 / 4 / 3 + 1 / 8 / 4)
    assert by_intent("ERR_IA@4") == pytest.approx(gained / most)
    assert by_intent("ERR_IA@1") == pytest.approx(1 / 2)
    # ideal: c (2), then d, b, a are worth 1/2 each: the greatest id first, d; then b of 1/2, then a of 1/4
    assert by_intent("nERR_IA@4") == pytest.approx(gained / (2 + 1 / 2 / 2 + 1 / 2 / 3 + 1 / 4 / 4))
