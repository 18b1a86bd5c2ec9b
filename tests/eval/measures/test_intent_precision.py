from collections.abc import Callable

import pytest


def test_precision_and_recall(by_intent: Callable[[str], float]) -> None:
    assert by_intent("P_IA@4") == pytest.approx((3 / 4 + 1 / 4) / 2)
    assert by_intent("AP_IA") == pytest.approx(((1 + 2 / 3 + 3 / 4) / 3 + 1 / 4 / 2) / 2)
    assert by_intent("StRecall@3") == 1 / 2
    assert by_intent("StRecall@4") == 1
