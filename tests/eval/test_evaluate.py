import numpy as np
import pytest

from irloom.core.errors import BadValue, DataError, UnknownName
from irloom.core.run import Run
from irloom.eval.evaluate import evaluate
from irloom.eval.measures import AP, RR, nDCG

QRELS = {"q1": {"a": 1}, "q2": {"a": 2, "b": 0}, "q3": {"a": 1}}


def test_queries_that_the_run_lacks_count_zero_and_unjudged_ones_not_at_all() -> None:
    run = Run.from_dict({"q2": {"b": 2.0, "a": 1.0}, "new": {"a": 1.0}, "q1": {"a": 1.0}})
    result = evaluate(run, QRELS, ["RR@10"])
    assert result.query_ids == ("q1", "q2", "q3")
    assert result.values["RR@10"].tolist() == [1.0, 0.5, 0.0]
    assert result.mean("RR@10") == 0.5
    assert (result.missing, result.ignored) == (1, 1)


def test_ties_are_trec_evals() -> None:
    # all scores equal: d3, d2, d1 by descending id (published golden: RR 1/3, nDCG@10 1 / log2(4) = .5)
    result = evaluate(Run.from_dict({"q": {"d1": 1.0, "d2": 1.0, "d3": 1.0}}), {"q": {"d1": 1, "d2": 0, "d3": 0}}, ["RR", "nDCG@10"])
    assert result.mean("RR") == pytest.approx(1 / 3)
    assert result.mean("nDCG@10") == pytest.approx(0.5)


def test_the_order_of_the_run_is_the_truth() -> None:
    run = Run(("q",), np.array([0, 2]), np.array([0, 1]), np.array([1.0, 1.0]), ("a", "b"))  # a first, though ids tie the other way
    assert evaluate(run, {"q": {"a": 1}}, ["RR"]).mean("RR") == 1.0


def test_the_protocols_threshold_is_for_measures_that_name_none() -> None:
    run = Run.from_dict({"q": {"one": 3.0, "two": 2.0}})
    qrels = {"q": {"one": 1, "two": 2}}
    result = evaluate(run, qrels, [RR(), RR(rel=1), "RR(rel=3)", AP(), nDCG(10)], min_grade=2)
    assert [result.mean(measure) for measure in ("RR", RR(rel=1), "RR(rel=3)", "AP")] == [0.5, 1.0, 0.0, 0.5]
    # graded whatever the threshold: (1 + 2 / log2(3)) / (2 + 1 / log2(3))
    assert result.mean("nDCG@10") == pytest.approx(0.859719, abs=1e-6)


def test_strings_and_measures_may_be_mixed_and_are_one_key() -> None:
    run = Run.from_dict({"q1": {"a": 1.0}})
    assert list(evaluate(run, QRELS, ["nDCG@10", nDCG(10)]).values) == ["nDCG@10"]


def test_no_shared_query_shows_ids_of_both() -> None:
    run = Run.from_dict({f"{number}": {"a": 1.0} for number in range(5)})
    with pytest.raises(DataError, match=r"the run has '0', '1', '2' and 2 more, the judgments have 'q1', 'q2', 'q3';"):
        evaluate(run, QRELS, ["RR"])
    with pytest.raises(DataError, match="the run has none"):
        evaluate(Run.from_dict({}), QRELS, ["RR"])
    with pytest.raises(DataError, match="the judgments have none"):
        evaluate(run, {}, ["RR"])


def test_what_cannot_be_used_is_refused() -> None:
    run = Run.from_dict({"q1": {"a": 1.0}})
    with pytest.raises(UnknownName, match="Did you mean 'nDCG@10'"):
        evaluate(run, QRELS, ["ndgc@10"])
    with pytest.raises(BadValue, match="min_grade"):
        evaluate(run, QRELS, ["RR"], min_grade=0)
    with pytest.raises(UnknownName, match="RR@10"):
        evaluate(run, QRELS, ["RR@10"]).mean("RR@100")


def test_judgments_without_documents() -> None:
    result = evaluate(Run.from_dict({"q1": {"a": 1.0}}), {"q1": {}, "q2": {}}, ["RR", "nDCG", "AP", "R@5", "P@5", "Success@1", "Judged"])
    assert all(values.tolist() == [0.0, 0.0] for values in result.values.values())
