from irloom.core.run import Run
from irloom.eval.evaluate import evaluate
from irloom.eval.judged import JudgedRun
from irloom.eval.measures.interpolated_precision import IPrec


def test_worked_values(judged: JudgedRun) -> None:
    """Precision is 1/2 at b and 2/4 at d; the third relevant document is not found."""
    assert IPrec(recall=0.0).per_query(judged).tolist() == [1 / 2, 0, 0]
    assert IPrec(recall=0.5).per_query(judged).tolist() == [2 / 4, 0, 0]
    assert IPrec(recall=1.0).per_query(judged).tolist() == [0, 0, 0]


def test_the_best_precision_beyond_a_recall_counts() -> None:
    run = Run.from_dict({"q": {"x": 6.0, "a": 5.0, "b": 4.0, "c": 3.0, "y": 2.0, "d": 1.0}})
    result = evaluate(run, {"q": dict.fromkeys("abcd", 1)}, ["IPrec@0.25", "IPrec@0.9", "IPrec@1.0"])
    # precisions 1/2, 2/3, 3/4, 4/6; .9 * 4 + .9 = 4.5, so all four
    assert [float(values[0]) for values in result.values.values()] == [3 / 4, 4 / 6, 4 / 6]
