from collections.abc import Callable

import pytest


def test_rank_biased_precision(by_intent: Callable[[str], float]) -> None:
    gained = 1 + 1 / 2 / 4 + 5 / 4 / 8
    assert by_intent("NRBP") == pytest.approx(3 / 4 * gained / 2)
    assert by_intent("nNRBP") == pytest.approx(gained / (2 + 1 / 2 / 2 + 1 / 2 / 4 + 1 / 4 / 8))
