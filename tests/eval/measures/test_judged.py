import pytest

from irloom.core.errors import BadValue
from irloom.eval.judged import JudgedRun
from irloom.eval.measures.judged import Judged


def test_worked_values(judged: JudgedRun) -> None:
    # a, b, c, d are judged, e is not; "none" has a judged and z not; negative grades are judgments
    assert Judged(1).per_query(judged).tolist() == [1, 1, 0]
    assert Judged(5).per_query(judged).tolist() == [4 / 5, 1 / 2, 0]
    assert Judged(10).per_query(judged).tolist() == [4 / 5, 1 / 2, 0]  # over what was retrieved
    assert Judged().per_query(judged).tolist() == [4 / 5, 1 / 2, 0]


def test_no_threshold() -> None:
    with pytest.raises(BadValue, match="rel of Judged"):
        Judged(10, rel=2)
