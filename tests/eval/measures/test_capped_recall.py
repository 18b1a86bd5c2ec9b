from irloom.eval.judged import JudgedRun
from irloom.eval.measures.capped_recall import R_cap


def test_worked_values(judged: JudgedRun) -> None:
    """Three are relevant, b at rank 2 and d at rank 4 are found: the cut 2 could hold two of them, the cut 10 all three."""
    assert R_cap(1).per_query(judged).tolist() == [0, 0, 0]
    assert R_cap(2).per_query(judged).tolist() == [1 / 2, 0, 0]
    assert R_cap(10).per_query(judged).tolist() == [2 / 3, 0, 0]
    assert R_cap(2).per_query(judged, min_grade=2).tolist() == [1 / 2, 0, 0]
