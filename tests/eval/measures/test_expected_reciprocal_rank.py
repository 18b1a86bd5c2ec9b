import pytest

from irloom.core.run import Run
from irloom.eval.evaluate import evaluate
from irloom.eval.judged import JudgedRun
from irloom.eval.measures.expected_reciprocal_rank import ERR


def test_worked_values(judged: JudgedRun) -> None:
    """b of grade 2 satisfies with 3/16 at rank 2, else d of grade 1 with 1/16 at rank 4; a of grade -1 never."""
    assert ERR().per_query(judged) == pytest.approx([3 / 16 / 2 + 13 / 16 * 1 / 16 / 4, 0, 0])
    assert ERR(3).per_query(judged) == pytest.approx([3 / 16 / 2, 0, 0])


def test_grades_above_four_count_as_four() -> None:
    run = Run.from_dict({"q": {"a": 2.0, "b": 1.0}})
    result = evaluate(run, {"q": {"a": 9, "b": 4}}, ["ERR@10"])
    assert result.mean("ERR@10") == pytest.approx(15 / 16 + 1 / 16 * 15 / 16 / 2)
