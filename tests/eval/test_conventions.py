"""The published conventions of evaluation, one test for each golden value: metric definitions, ties, order."""

import tempfile
from pathlib import Path

import pytest

from irloom.core.ranking import Ranking
from irloom.core.run import Run
from irloom.data.trec import read_run, write_run
from irloom.eval.evaluate import evaluate
from irloom.eval.rank_biased_overlap import rank_biased_overlap


def value(scores: dict[str, float], grades: dict[str, int], measure: str) -> float:
    return evaluate(Run.from_dict({"q": scores}), {"q": grades}, [measure]).mean(measure)


def in_order(names: str) -> dict[str, float]:
    return {name: -float(place) for place, name in enumerate(names)}


def test_linear_and_exponential_gain() -> None:
    """Grades 3, 0, 2 in rank order, judged 3, 2, 1: .840008 linear, .904950 exponential."""
    grades = {"a": 3, "b": 0, "c": 2, "d": 1}
    assert value(in_order("abc"), grades, "nDCG@10") == pytest.approx(0.840008, abs=1e-6)
    assert value(in_order("abc"), grades, "nDCG(dcg='exp-log2')@10") == pytest.approx(0.904950, abs=1e-6)


def test_negative_grades_count_nothing() -> None:
    assert value(in_order("abc"), {"a": -1, "b": 2, "c": 1}, "nDCG@10") == pytest.approx(0.669672, abs=1e-6)


def test_all_scores_equal() -> None:
    """trec_eval: ids descending, so d3, d2, d1: RR 1/3, nDCG@10 1/2."""
    tied, grades = {"d1": 1.0, "d2": 1.0, "d3": 1.0}, {"d1": 1, "d2": 0, "d3": 0}
    assert value(tied, grades, "RR") == pytest.approx(1 / 3)
    assert value(tied, grades, "nDCG@10") == pytest.approx(0.5)


def test_ids_are_ordered_as_strings() -> None:
    assert list(Run.from_dict({"q": {"d10": 1.0, "d2": 1.0, "d9": 1.0}})["q"].doc_ids) == ["d9", "d2", "d10"]


@pytest.mark.parametrize(("above", "below"), [(100.0000001, 100.0), (100000.001, 100000.0)])
def test_what_float32_cannot_tell_apart_is_a_tie(above: float, below: float, tmp_path: Path) -> None:
    assert list(Run.from_dict({"q": {"a": above, "b": below}})["q"].doc_ids) == ["b", "a"]
    (tmp_path / "r").write_text(f"q Q0 a 1 {above!r} t\nq Q0 b 2 {below!r} t\n")
    assert list(read_run(tmp_path / "r")["q"].doc_ids) == ["b", "a"]


def test_the_rank_column_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "r").write_text("q Q0 a 1 1.0 t\nq Q0 b 2 2.0 t\n")
    assert list(read_run(tmp_path / "r")["q"].doc_ids) == ["b", "a"]


def test_run_files_hold_float32_exactly() -> None:
    run = Run.from_dict({"q": {"a": 1 / 3, "b": 16777217.0, "c": 1e-40, "d": -0.1}})
    with tempfile.TemporaryDirectory() as folder:
        write_run(run, Path(folder) / "r")
        assert read_run(Path(folder) / "r")["q"].scores.tolist() == run["q"].scores.tolist()


def test_missing_queries_count_zero() -> None:
    """The mean is over the judged queries: one found at rank 1, one without hits, one that the run lacks."""
    run = Run.from_dict({"q1": {"a": 1.0}, "q2": {}})
    assert evaluate(run, {"q1": {"a": 1}, "q2": {"a": 1}, "q3": {"a": 1}}, ["RR@10"]).mean("RR@10") == pytest.approx(1 / 3)


def test_only_zeros_judged_is_zero() -> None:
    for measure in ("nDCG@10", "AP", "R@10", "R_cap@10", "Bpref", "Rprec"):
        assert value(in_order("ab"), {"a": 0, "b": 0}, measure) == 0


def test_graded_for_ndcg_and_binary_from_two_for_the_rest() -> None:
    """TREC DL: grades 1 and 2, in this order; nDCG uses both, AP and RR only the 2."""
    result = evaluate(Run.from_dict({"q": in_order("ab")}), {"q": {"a": 1, "b": 2}}, ["AP", "RR@10", "R@10", "nDCG@10"], min_grade=2)
    assert [result.mean(name) for name in ("AP", "RR@10", "R@10")] == [0.5, 0.5, 1.0]
    assert result.mean("nDCG@10") == pytest.approx((1 + 2 / 1.5849625) / (2 + 1 / 1.5849625), abs=1e-6)


def test_recall_and_capped_recall() -> None:
    """Five relevant, two of the first two found: 2/5, and 2/2 capped."""
    grades = dict.fromkeys("abcde", 1)
    assert value(in_order("ab"), grades, "R@2") == pytest.approx(0.4)
    assert value(in_order("ab"), grades, "R_cap@2") == 1


def test_overlap_of_rankings() -> None:
    """At p = .9: identical 1, swap of the first two of five .9, disjoint 0."""
    five = Ranking.from_order("abcde")
    assert rank_biased_overlap(five, five, p=0.9) == pytest.approx(1)
    assert rank_biased_overlap(five, Ranking.from_order("bacde"), p=0.9) == pytest.approx(0.9)
    assert rank_biased_overlap(five, Ranking.from_order("fghij"), p=0.9) == 0
