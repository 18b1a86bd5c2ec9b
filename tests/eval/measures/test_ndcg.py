from math import log2

import numpy as np
import pytest

from irloom.core.errors import BadValue, DataError
from irloom.core.run import Run
from irloom.eval.evaluate import evaluate
from irloom.eval.judged import JudgedRun
from irloom.eval.measures.ndcg import nDCG


def ranked(grades: list[int]) -> tuple[Run, dict[str, dict[str, int]]]:
    return Run.from_dict({"q": {f"d{i}": -float(i) for i in range(len(grades))}}), {"q": {f"d{i}": grade for i, grade in enumerate(grades)}}


def test_linear_and_exponential_goldens() -> None:
    # grades in rank order 3, 0, 2, and a judged document of grade 1 that is not found: published .840008 and .904950
    run, qrels = ranked([3, 0, 2])
    qrels["q"] = {"d0": 3, "d1": 0, "d2": 2, "not found": 1}
    result = evaluate(run, qrels, ["nDCG@10", "nDCG(dcg='exp-log2')@10"])
    assert result.mean("nDCG@10") == pytest.approx(0.840008, abs=1e-6)
    assert result.mean("nDCG(dcg='exp-log2')@10") == pytest.approx(0.904950, abs=1e-6)


def test_negative_grades_gain_nothing() -> None:
    # published golden: grades -1, 2, 1 in rank order
    run, qrels = ranked([-1, 2, 1])
    assert evaluate(run, qrels, ["nDCG"]).mean("nDCG") == pytest.approx(0.669672, abs=1e-6)


def test_worked_values(judged: JudgedRun) -> None:
    # b at rank 2 gains 2, d at rank 4 gains 1; ideal 3, 2, 1
    ideal = 3 + 2 / log2(3) + 1 / 2
    np.testing.assert_allclose(nDCG().per_query(judged), [(2 / log2(3) + 1 / log2(5)) / ideal, 0, 0])
    np.testing.assert_allclose(nDCG(2).per_query(judged), [2 / log2(3) / (3 + 2 / log2(3)), 0, 0])


def test_a_threshold_makes_gains_binary(judged: JudgedRun) -> None:
    # from grade 2 on: b at rank 2; ideal b and f
    np.testing.assert_allclose(nDCG(rel=2).per_query(judged, min_grade=1), [1 / log2(3) / (1 + 1 / log2(3)), 0, 0])
    np.testing.assert_array_equal(nDCG(rel=2, dcg="exp-log2").per_query(judged), nDCG(rel=2).per_query(judged))


def test_unknown_gain() -> None:
    with pytest.raises(BadValue, match="dcg"):
        nDCG(10, dcg="exp")


def test_gains_that_stand_for_grades() -> None:
    """1 gains nothing and 2 gains 5: in rank order the gains are 0, 5, 3, and the ideal 5, 3."""
    run, qrels = ranked([1, 2, 3])
    found = evaluate(run, qrels, [nDCG(gains={1: 0, 2: 5, 3: 3})]).mean("nDCG(gains={1:0,2:5})")
    assert found == pytest.approx((5 / log2(3) + 3 / 2) / (5 + 3 / log2(3)))
    assert nDCG(gains={2: 5, 1: 0}) == nDCG(gains=((1, 0), (2, 5), (3, 3)))


def test_grades_too_great_for_exponential_gains() -> None:
    run, qrels = ranked([2, 5000])
    with pytest.raises(DataError, match="grade 5000 is too great"):
        evaluate(run, qrels, ["nDCG(dcg='exp-log2')@10"])
