import numpy as np
import pytest

from irloom.eval.judged import JudgedRun
from irloom.eval.measures.inst import INSQ, INST


def test_worked_values(judged: JudgedRun) -> None:
    # INSQ reaches rank i with (2T / (2T + i - 1))^2; b at rank 2 gains 2/3, d at rank 4 1/3
    reach = (2 / (2 + np.arange(1000))) ** 2
    assert INSQ(max_rel=3).per_query(judged) == pytest.approx([(2 / 3 * reach[1] + 1 / 3 * reach[3]) / reach.sum(), 0, 0])


def test_they_are_equal_where_nothing_is_gained_before_the_end(judged: JudgedRun) -> None:
    """Having found b, a reader of INST wants less and gives up sooner than one of INSQ, so d counts less, and so do ranks without gain."""
    assert INST(max_rel=3).per_query(judged)[0] > INSQ(max_rel=3).per_query(judged)[0]
    np.testing.assert_array_equal(INST(max_rel=3).per_query(judged)[1:], 0)
