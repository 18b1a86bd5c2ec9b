from collections.abc import Callable
from math import log2

import pytest


def test_discounted_gain(by_intent: Callable[[str], float]) -> None:
    gained = 1 + 1 / 2 / log2(4) + 5 / 4 / log2(5)
    assert by_intent("alpha_DCG@4") == pytest.approx(gained / (2 * (1 + 1 / 2 / log2(3) + 1 / 4 / 2 + 1 / 8 / log2(5))))
    assert by_intent("alpha_nDCG@4") == pytest.approx(gained / (2 + 1 / 2 / log2(3) + 1 / 2 / 2 + 1 / 4 / log2(5)))
