import pytest

from irloom.eval.judged import JudgedRun
from irloom.eval.measures.nearly_err import NERR8, NERR9, NERR10, NERR11


def test_worked_values(judged: JudgedRun) -> None:
    # gains 0, 2/3, 0, 1/3 at ranks 1 to 4, then 0
    assert NERR8(4, max_rel=3).per_query(judged) == pytest.approx([(2 / 3 + 1 / 3 / 3) / (1 + 1 + 1 / 3 + 1 / 3), 0, 0])
    reach = [1, 1 / 2, 1 / 2 * 2 / 3 / 3, 1 / 2 * 2 / 3 / 3 * 3 / 4]
    assert NERR9(4, max_rel=3).per_query(judged) == pytest.approx([(2 / 3 * reach[1] + 1 / 3 * reach[3]) / sum(reach), 0, 0])
    # p = .5: after rank 4 the reach is 1/2 * 1/6 * 1/2 * 1/3 = 1/72, then halves for ever
    reach = [1, 1 / 2, 1 / 12, 1 / 24]
    assert NERR10(max_rel=3, p=0.5).per_query(judged) == pytest.approx([(2 / 3 / 2 + 1 / 3 / 24) / (sum(reach) + 2 / 72), 0, 0])
    assert 0 < NERR11(max_rel=3).per_query(judged)[0] < NERR11(max_rel=2).per_query(judged)[0]
