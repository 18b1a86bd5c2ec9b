import pytest

from irloom.core.run import Run
from irloom.eval.evaluate import evaluate
from irloom.eval.judged import JudgedRun
from irloom.eval.measures.inferred_ap import infAP


def test_worked_values(judged: JudgedRun) -> None:
    # b, rank 2, under a, pooled without a judgment: 1/2 + 1/2 * 1/1 * e/2e = .75
    # d, rank 4, under b (relevant), c (not), a (pooled): 1/4 + 3/4 * 3/3 * (1 + e)/(2 + 2e) = .625
    assert infAP().per_query(judged) == pytest.approx([(0.75 + 0.625) / 3, 0, 0], abs=1e-9)


def test_where_the_whole_pool_is_judged_it_is_nearly_ap() -> None:
    run = Run.from_dict({"q": {f"d{number}": -float(number) for number in range(30)}})
    qrels = {"q": {f"d{number}": int(number % 4 == 1) for number in range(0, 40, 2)} | {"d1": 1, "d5": 1, "d9": 1}}
    result = evaluate(run, qrels, ["infAP", "AP"])
    assert result.mean("infAP") == pytest.approx(result.mean("AP"), abs=1e-4)
