import random
import statistics
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from irloom.core.errors import BadValue, DataError, UnknownName
from irloom.core.run import Run
from irloom.fusion.fuse import fuse
from irloom.fusion.methods import METHODS

Scores = dict[str, dict[str, float]]


def ranked(run: Run, query_id: str = "q") -> list[tuple[str, float]]:
    return list(run[query_id])


def close(run: Run, expected: dict[str, float]) -> None:
    assert [doc_id for doc_id, _ in run["q"]] == list(expected)
    np.testing.assert_allclose(run["q"].scores, list(expected.values()), atol=5e-5)


def test_rrf_worked_example(pair: list[Run]) -> None:
    # ranks: a is first and third, b second and first, c third, d second
    close(fuse(pair, "rrf"), {"b": 0.032522, "a": 0.032266, "d": 0.016129, "c": 0.015873})


def test_weighted_worked_example(pair: list[Run]) -> None:
    # min-max: A = 1, 2/3, 0; B = 1, .875, 0
    close(fuse(pair, "weighted", weights=[0.5, 0.5]), {"b": 0.8333, "a": 0.5, "d": 0.4375, "c": 0.0})
    assert ranked(fuse(pair, "weighted")) == ranked(fuse(pair, "weighted", weights=[0.5, 0.5]))


def test_tmm_worked_example(pair: list[Run]) -> None:
    # floors 0 and -1: A = 1, .75, .25; B = 1, 1.8/1.9, 1.1/1.9
    fused = fuse(pair, "weighted", weights=[0.5, 0.5], normalise=["tmm(0)", "tmm(-1)"])
    close(fused, {"b": 0.8750, "a": 0.7895, "d": 0.4737, "c": 0.1250})


def test_combmnz_worked_example(pair: list[Run]) -> None:
    close(fuse(pair, "combmnz"), {"b": 3.3333, "a": 2.0, "d": 0.875, "c": 0.0})


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        # ranks: a 1 and 3, b 2 and 1, c 3, d 2
        ("isr", {"b": 2 * (1 / 4 + 1), "a": 2 * (1 + 1 / 9), "d": 1 / 4, "c": 1 / 9}),
        ("log_isr", {"b": np.log(2) * (1 / 4 + 1), "a": np.log(2) * (1 + 1 / 9), "d": 0, "c": 0}),
        ("rbc", {"b": 0.2 * (0.8 + 1), "a": 0.2 * (1 + 0.64), "d": 0.2 * 0.8, "c": 0.2 * 0.64}),
        # four points for the first; the one that is missing gets the one that is left
        ("borda", {"b": 3 + 4, "a": 4 + 2, "d": 1 + 3, "c": 2 + 1}),
        # a and c, b and c, b and d are settled; a and b, a and d, c and d are one to one, so Borda's points say
        ("condorcet", {"b": 4, "a": 3, "d": 2, "c": 1}),
        # min-max: A = 1, 2/3, 0; B = 1, .875, 0
        ("combsum", {"b": 5 / 3, "a": 1, "d": 0.875, "c": 0}),
        ("combanz", {"d": 0.875, "b": 5 / 6, "a": 0.5, "c": 0}),
        ("combmax", {"b": 1, "a": 1, "d": 0.875, "c": 0}),
        ("combmin", {"d": 0.875, "b": 2 / 3, "c": 0, "a": 0}),
        ("combmed", {"d": 0.875, "b": 5 / 6, "a": 0.5, "c": 0}),
    ],
)
def test_each_method_on_the_worked_example(pair: list[Run], method: str, expected: dict[str, float]) -> None:
    close(fuse(pair, method), expected)


def test_what_missing_documents_get_changes_a_choice(pair: list[Run]) -> None:
    # raw scores; A lacks d (least 3), B lacks c (least .1)
    close(fuse(pair, "combmin", normalise="none", missing="min"), {"b": 0.9, "d": 0.8, "c": 0.1, "a": 0.1})
    close(fuse(pair, "combmed", normalise="none", missing="zero"), {"a": 6.05, "b": 4.95, "c": 1.5, "d": 0.4})
    close(fuse(pair, "combanz", normalise="none", missing="min"), {"a": 6.05, "b": 4.95, "d": 1.9, "c": 1.55})


def test_borda_as_a_normaliser(pair: list[Run]) -> None:
    # a quarter of Borda's points
    close(fuse(pair, "combsum", normalise="borda"), {"b": 7 / 4, "a": 6 / 4, "d": 1, "c": 3 / 4})


def test_missing_min_gives_the_least_score(pair: list[Run]) -> None:
    # raw scores, weights 1: a = 12 + .1, b = 9 + .9, c = 3 + .1 (B's least), d = 3 (A's least) + .8
    fused = fuse(pair, "weighted", weights=[1, 1], normalise="none", missing="min")
    close(fused, {"a": 12.1, "b": 9.9, "d": 3.8, "c": 3.1})


def test_missing_min_is_below_zero_for_zscores(pair: list[Run]) -> None:
    # A: mean 8, deviation sqrt(14) = 3.74166 -> 1.06904, .26726, -1.33631
    # B: mean .6, deviation sqrt(.38/3) = .35590 -> .84293, .56195, -1.40488
    fused = fuse(pair, "combsum", normalise="zscore", missing="min")
    close(fused, {"b": 1.1102, "a": -0.33584, "d": -0.77436, "c": -2.7412})


@pytest.mark.parametrize("method", METHODS)
def test_a_query_that_only_one_run_answers_passes_through(method: str) -> None:
    answers = {"a": 3.0, "c": 2.0, "b": 1.0}
    runs = [Run.from_dict({"q": answers}), Run.from_dict({"other": {"z": 5.0}, "empty": {}}), Run.from_dict({"q": {}})]
    for missing in METHODS[method].policies or (None,):
        fused = fuse(runs, method, missing=missing)
        assert fused.query_ids == ("q", "other", "empty")
        assert fused["q"].doc_ids == ["a", "c", "b"]
        assert fused["other"].doc_ids == ["z"]
        assert len(fused["empty"]) == 0


def test_ties_go_to_the_greater_id() -> None:
    runs = [Run.from_dict({"q": {"d10": 2.0, "d9": 1.0}}), Run.from_dict({"q": {"d9": 2.0, "d10": 1.0}})]
    assert [doc_id for doc_id, _ in fuse(runs)["q"]] == ["d9", "d10"]


def test_the_order_of_a_run_counts_and_not_its_scores_for_rrf() -> None:
    reordered = Run(("q",), np.array([0, 2]), np.array([0, 1]), np.array([1.0, 1.0]), ("a", "b"))  # tied scores, a first on purpose
    assert [doc_id for doc_id, _ in fuse([reordered])["q"]] == ["a", "b"]


def test_depth_cuts_before_normalising_and_k_after(pair: list[Run]) -> None:
    assert {doc_id for doc_id, _ in fuse(pair, depth=1)["q"]} == {"a", "b"}
    # at depth 2, A's least is b's 9, so b's share of A is 0
    close(fuse(pair, "combsum", depth=2), {"b": 1.0, "a": 1.0, "d": 0.0})
    assert [doc_id for doc_id, _ in fuse(pair, k=2)["q"]] == ["b", "a"]
    assert len(fuse(pair, k=0)["q"]) == 0


def test_names_keep_the_scores_as_columns(pair: list[Run]) -> None:
    fused = fuse(pair, names=["bm25", "dense"], k=3)
    np.testing.assert_array_equal(fused.columns["bm25"], np.array([9, 12, np.nan], np.float32))  # b, a, d
    np.testing.assert_array_equal(fused.columns["dense"], np.array([0.9, 0.1, 0.8], np.float32))


NORMALISED = ["minmax", "centred", "max", "sum", "zscore", "rank", "borda", "none", "tmm(-1)"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("copies", [1, 2, 3])
def test_a_run_with_itself_keeps_its_ranking(method: str, copies: int) -> None:
    run = Run.from_dict({"q": {f"d{i}": float(i * i) for i in range(20)}})
    for normalise in NORMALISED if METHODS[method].policies else [None]:
        assert fuse([run] * copies, method, normalise=normalise)["q"].doc_ids == run["q"].doc_ids


BY_SCORE = [(method, normalise) for method in METHODS if METHODS[method].policies for normalise in NORMALISED[:6]]
BY_RANK = [(method, None) for method in METHODS if not METHODS[method].policies]


@pytest.mark.parametrize(("method", "normalise"), BY_SCORE + BY_RANK)
@pytest.mark.parametrize("factor", [4.0, 2.0**-40])
def test_scale_does_not_matter(pair: list[Run], method: str, normalise: str | None, factor: float) -> None:
    moved = Run.from_dict({"q": {doc_id: factor * score for doc_id, score in pair[0]["q"]}})
    ours, theirs = fuse(pair, method, normalise=normalise), fuse([moved, pair[1]], method, normalise=normalise)
    assert ours["q"].doc_ids == theirs["q"].doc_ids
    np.testing.assert_allclose(ours["q"].scores, theirs["q"].scores, atol=1e-6)


@pytest.mark.parametrize("normalise", ["minmax", "centred", "sum", "zscore", "rank", "borda"])
def test_a_shift_does_not_matter(pair: list[Run], normalise: str) -> None:
    moved = Run.from_dict({"q": {doc_id: score + 8 for doc_id, score in pair[0]["q"]}})
    ours, theirs = fuse(pair, "combsum", normalise=normalise), fuse([moved, pair[1]], "combsum", normalise=normalise)
    np.testing.assert_allclose(ours["q"].scores, theirs["q"].scores, atol=1e-6)


def test_a_shift_changes_the_max_normaliser(pair: list[Run]) -> None:
    moved = Run.from_dict({"q": {doc_id: score + 8 for doc_id, score in pair[0]["q"]}})
    assert list(fuse(pair, "combsum", normalise="max")["q"]) != list(fuse([moved, pair[1]], "combsum", normalise="max")["q"])


def test_no_queries_and_no_hits() -> None:
    assert len(fuse([Run.from_dict({}), Run.from_dict({})])) == 0
    for method in METHODS:
        assert len(fuse([Run.from_dict({"q": {}})], method)["q"]) == 0


def test_what_cannot_be_used_is_refused(pair: list[Run]) -> None:
    with pytest.raises(UnknownName, match="Did you mean 'rrf'"):
        fuse(pair, "rff")
    with pytest.raises(UnknownName, match="minmax"):
        fuse(pair, "combsum", normalise="min-max")
    with pytest.raises(UnknownName, match="zero"):
        fuse(pair, "combsum", missing="skip")
    for bad in ([], [1.0], [0, 0], [-1, 2], [float("nan"), 1]):
        with pytest.raises(BadValue, match="weights"):
            fuse(pair, "weighted", weights=bad)
    refused: list[dict[str, Any]] = [
        {"c": -1},
        {"phi": 1},
        {"depth": 0},
        {"names": ["x"]},
        {"names": ["x", "x"]},
        {"k": -1},
        {"weights": [1, 1]},
        {"missing": "min"},
        {"normalise": "max"},
    ]
    for arguments in refused:
        with pytest.raises(BadValue):
            fuse(pair, **arguments)
    with pytest.raises(BadValue, match="at least one run"):
        fuse([])
    with pytest.raises(BadValue, match="normalise"):
        fuse(pair, "combsum", normalise=["minmax"])
    with pytest.raises(UnknownName, match="Did you mean 'min'"):
        fuse(pair, "combmax", missing="mean")
    with pytest.raises(DataError, match="infinite"):
        fuse([Run.from_dict({"q": {"a": float("inf")}})], "combsum")


def brute_rrf(runs: list[Scores]) -> Scores:
    """One dictionary at a time."""
    fused: Scores = {}
    for run in runs:
        for query_id, scores in run.items():
            row = fused.setdefault(query_id, {})
            best_first = sorted(((score, doc_id) for doc_id, score in scores.items()), reverse=True)
            for rank, (_, doc_id) in enumerate(best_first, start=1):
                row[doc_id] = row.get(doc_id, 0.0) + 1 / (60 + rank)
    return fused


small_runs = st.lists(
    st.dictionaries(st.sampled_from("pqr"), st.dictionaries(st.sampled_from(["a", "b", "c", "d10", "d9"]), st.integers(-2, 2).map(float))),
    min_size=1,
    max_size=4,
)


@settings(max_examples=150)
@given(small_runs)
def test_rrf_equals_brute_force(scores: list[Scores]) -> None:
    fused, expected = fuse([Run.from_dict(run) for run in scores]), Run.from_dict(brute_rrf(scores))
    assert set(fused) == set(expected)
    for query_id in expected:
        assert ranked(fused, query_id) == ranked(expected, query_id)


COMBINED: dict[str, Callable[[list[float]], float]] = {
    "combsum": sum,
    "combanz": statistics.fmean,
    "combmax": max,
    "combmin": min,
    "combmed": statistics.median,
}


def brute_comb(runs: list[Scores], method: str, missing: str) -> Scores:
    """One document at a time, scores as they are."""
    fused: Scores = {query_id: {} for run in runs for query_id in run}
    for query_id, row in fused.items():
        answers = [run[query_id] for run in runs if run.get(query_id)]
        for doc_id in {doc_id for answer in answers for doc_id in answer}:
            given = {"zero": lambda answer: [0.0], "min": lambda answer: [min(answer.values())], "skip": lambda answer: []}[missing]
            values = [value for answer in answers for value in ([answer[doc_id]] if doc_id in answer else given(answer))]
            times = sum(doc_id in answer for answer in answers) if method == "combmnz" else 1
            row[doc_id] = times * COMBINED.get(method, sum)(values)
    return fused


@settings(max_examples=150)
@given(small_runs, st.sampled_from([(name, policy) for name in [*COMBINED, "combmnz"] for policy in METHODS[name].policies]))
def test_methods_by_score_equal_brute_force(scores: list[Scores], how: tuple[str, str]) -> None:
    method, missing = how
    fused = fuse([Run.from_dict(run) for run in scores], method, normalise="none", missing=missing)
    expected = Run.from_dict(brute_comb(scores, method, missing))
    assert set(fused) == set(expected)
    for query_id in expected:
        assert ranked(fused, query_id) == ranked(expected, query_id)


def test_the_fused_order_is_the_order_of_the_core() -> None:
    """Packed keys sort as Run.from_dict does: negative scores, zeros of both signs, ties."""
    rng = random.Random(5)
    values = [-3.5, -1e-30, -0.0, 0.0, 1e-30, 2.0, 1e30, -1e30]
    scores = {f"q{i}": {f"d{j}": rng.choice(values) for j in range(rng.randint(0, 30))} for i in range(40)}
    run = Run.from_dict(scores)
    fused = fuse([run], "weighted", weights=[1], normalise="none")
    for query_id in run:
        assert ranked(fused, query_id) == ranked(run, query_id)
