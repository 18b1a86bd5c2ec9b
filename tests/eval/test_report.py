import json

import pytest

from irloom.core.errors import BadValue, UnknownName
from irloom.core.run import Run
from irloom.eval.bootstrap import difference_interval, mean_interval
from irloom.eval.evaluate import Evaluation, evaluate
from irloom.eval.report import make_report
from irloom.eval.report_reading import report_from_json

QRELS = {f"q{i}": {"a": 1} for i in range(8)}
MEASURES = ["RR@10", "Success@1"]


@pytest.fixture
def evaluations() -> dict[str, Evaluation]:
    bm25 = Run.from_dict({f"q{i}": {"a": float(i % 2), "b": 0.5} for i in range(8)})
    dense = Run.from_dict({f"q{i}": {"a": 1.0, "b": float(2 * (i == 3))} for i in range(7)} | {"unjudged": {"a": 1.0}})
    return {"bm25": evaluate(bm25, QRELS, MEASURES), "dense": evaluate(dense, QRELS, MEASURES)}


def test_the_shape_of_the_json(evaluations: dict[str, Evaluation]) -> None:
    report = make_report(evaluations, dataset="toy", baseline="bm25", latency_ms={"bm25": 1.5}, notes={"bm25": ["first"]}, resamples=300)
    plain = json.loads(json.dumps(report.to_json()))
    assert (plain["dataset"], plain["queries"], plain["baseline"]) == ("toy", 8, "bm25")
    assert plain["query_ids"] == list(QRELS)
    assert set(plain["versions"]) == {"irloom", "python", "numpy"}
    bm25, dense = plain["systems"]["bm25"], plain["systems"]["dense"]
    assert bm25["measures"]["RR@10"]["mean"] == 0.75
    assert bm25["measures"]["RR@10"]["low"] < 0.75 < bm25["measures"]["RR@10"]["high"]
    assert bm25["measures"]["RR@10"]["values"] == [0.5, 1, 0.5, 1, 0.5, 1, 0.5, 1]
    assert "delta" not in bm25["measures"]["RR@10"]
    assert dense["measures"]["Success@1"]["mean"] == 0.75  # q3 and the missing q7 are 0
    assert dense["measures"]["Success@1"]["delta"]["mean"] == pytest.approx(0.25)
    assert (bm25["latency_ms"], dense["latency_ms"]) == (1.5, None)
    assert bm25["notes"] == ["first"]
    assert dense["notes"] == [
        "judged queries that the run lacks: 1; each counts 0",
        "queries of the run that are not judged: 1; they do not count",
    ]


def test_without_values_per_query(evaluations: dict[str, Evaluation]) -> None:
    plain = make_report(evaluations, resamples=20).to_json(per_query=False)
    assert "query_ids" not in plain
    assert "values" not in json.dumps(plain)


def test_intervals_are_those_of_the_bootstrap(evaluations: dict[str, Evaluation]) -> None:
    report = make_report(evaluations, baseline="bm25", resamples=500, seed=3)
    values = {name: evaluation.values["RR@10"] for name, evaluation in evaluations.items()}
    own = mean_interval(values["dense"], resamples=500, seed=3)
    delta = difference_interval(values["dense"], values["bm25"], resamples=500, seed=3)
    result = report.systems["dense"].measures["RR@10"]
    assert result.interval.low == pytest.approx(own.low)
    assert result.delta is not None
    assert result.delta.high == pytest.approx(delta.high)


def test_intervals_can_be_bias_corrected(evaluations: dict[str, Evaluation]) -> None:
    report = make_report(evaluations, baseline="bm25", resamples=500, seed=3, method="bca")
    values = {name: evaluation.values["RR@10"] for name, evaluation in evaluations.items()}
    result = report.systems["dense"].measures["RR@10"]
    assert result.interval == mean_interval(values["dense"], method="bca", resamples=500, seed=3)
    assert result.delta == difference_interval(values["dense"], values["bm25"], method="bca", resamples=500, seed=3)
    assert result.interval != mean_interval(values["dense"], resamples=500, seed=3)
    plain = report.to_json()
    assert plain["interval"] == {"method": "bootstrap bca", "level": 0.95, "resamples": 500, "seed": 3}
    assert report_from_json(json.loads(json.dumps(plain))).method == "bca"


def test_what_cannot_be_compared_is_refused(evaluations: dict[str, Evaluation]) -> None:
    with pytest.raises(UnknownName, match="Did you mean 'bm25'"):
        make_report(evaluations, baseline="bm52")
    with pytest.raises(BadValue, match="at least one system"):
        make_report({})
    other = evaluate(Run.from_dict({"q1": {"a": 1.0}}), {"q1": {"a": 1}}, MEASURES)
    with pytest.raises(BadValue, match="the same queries and measures as 'bm25'"):
        make_report({**evaluations, "other": other})
    with pytest.raises(BadValue, match="measure"):
        make_report({"none": Evaluation(("q1",), {}, 0, 0)})
