import numpy as np
import pytest

from irloom.core.errors import DataError
from irloom.core.run import Run
from irloom.eval.kendall import kendall_tau
from irloom.eval.rank_biased_overlap import rank_biased_overlap
from irloom.eval.run_similarity import run_similarity


def test_query_by_query() -> None:
    first = Run.from_dict({"q1": {"a": 3.0, "b": 2.0, "c": 1.0}, "q2": {}, "only": {"a": 1.0}, "q3": {"a": 1.0}})
    second = Run.from_dict({"q3": {"b": 1.0}, "q2": {}, "q1": {"b": 9.0, "a": 8.0, "d": 7.0, "e": 6.0}})
    found = run_similarity(first, second, p=0.8)
    assert found.query_ids == ("q1", "q2", "q3")
    np.testing.assert_allclose(found.rbo, [rank_biased_overlap(first["q1"], second["q1"], p=0.8), 1, 0])
    np.testing.assert_array_equal(found.tau, [-1, np.nan, np.nan])
    np.testing.assert_allclose(found.overlap, [2 / 5, 1, 0])


def test_tau_is_that_of_the_common_documents() -> None:
    rng = np.random.default_rng(5)
    scores = {f"d{i}": float(value) for i, value in enumerate(rng.permutation(100))}
    other = {doc: value + float(rng.normal(0, 30)) for doc, value in scores.items() if int(doc[1:]) % 3}
    found = run_similarity(Run.from_dict({"q": scores}), Run.from_dict({"q": {**other, "x": 1.0}}))
    assert found.tau[0] == pytest.approx(kendall_tau([scores[doc] for doc in other], list(other.values())))


def test_no_shared_query() -> None:
    with pytest.raises(DataError, match="share no query"):
        run_similarity(Run.from_dict({"a": {}}), Run.from_dict({"b": {}}))
