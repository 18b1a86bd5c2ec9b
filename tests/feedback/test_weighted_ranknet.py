import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irloom.feedback.weighted_ranknet import weighted_ranknet, weighted_ranknet_gradient

LOGITS = np.array([2.0, 0.5, 1.0, -1.0])  # of A, B, C, D
ORDER = [1, 0, 3, 2]  # B > A > D > C


def test_the_worked_value() -> None:
    loss = weighted_ranknet(LOGITS[ORDER][None])
    assert loss[0] == pytest.approx(0.196347, abs=1e-6)
    assert 10 * loss[0] == pytest.approx(1.963468, abs=1e-6)
    by_hand = [
        np.log1p(np.exp(-(LOGITS[a] - LOGITS[b]))) / ranks
        for a, b, ranks in ((1, 0, 3), (1, 3, 4), (1, 2, 5), (0, 3, 5), (0, 2, 6), (3, 2, 7))
    ]
    assert loss[0] == pytest.approx(np.mean(by_hand), abs=1e-12)


def test_lists_do_not_touch_each_other() -> None:
    rng = np.random.default_rng(1)
    scores = rng.standard_normal((5, 7))
    for function in (weighted_ranknet, weighted_ranknet_gradient):
        together = function(scores)
        assert all(np.array_equal(together[row], function(scores[row : row + 1])[0]) for row in range(5))


@pytest.mark.parametrize("n", [0, 1])
def test_without_pairs_there_is_no_loss(n: int) -> None:
    loss, gradient = weighted_ranknet(np.ones((2, n))), weighted_ranknet_gradient(np.ones((2, n)))
    assert loss.tolist() == [0.0, 0.0]
    assert gradient.shape == (2, n)
    assert not gradient.any()


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=6))
def test_the_gradient_is_that_of_finite_differences(values: list[float]) -> None:
    scores, h = np.array([values]), 1e-5
    gradient = weighted_ranknet_gradient(scores)
    for place in range(len(values)):
        step = np.zeros_like(scores)
        step[0, place] = h
        slope = (weighted_ranknet(scores + step) - weighted_ranknet(scores - step)) / (2 * h)
        assert gradient[0, place] == pytest.approx(slope[0], abs=1e-8)
    assert gradient.sum() == pytest.approx(0, abs=1e-12)  # a constant added to all scores changes nothing
    assert weighted_ranknet(scores + 3.0) == pytest.approx(weighted_ranknet(scores), abs=1e-12)


def test_great_differences_stay_finite() -> None:
    for scores in ([1e6, 0.0, -1e6], [-1e6, 0.0, 1e6]):
        assert np.isfinite(weighted_ranknet(np.array([scores]))).all()
        assert np.isfinite(weighted_ranknet_gradient(np.array([scores]))).all()
    assert weighted_ranknet(np.array([[1e6, 0.0, -1e6]]))[0] == 0
    right, wrong = np.array([[2.0, 1.0, 0.0]]), np.array([[0.0, 1.0, 2.0]])
    assert weighted_ranknet(10 * right)[0] < weighted_ranknet(right)[0] < weighted_ranknet(wrong)[0] < weighted_ranknet(10 * wrong)[0]
