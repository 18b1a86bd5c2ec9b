import numpy as np
import pytest

from irloom.core.errors import DataError, UnknownName
from irloom.eval.bootstrap import difference_interval
from irloom.eval.comparison import adjusted, changes_of, different_queries, paired_values
from irloom.eval.evaluate import Evaluation
from irloom.eval.significance import holm, paired_t_test, randomisation_test

QUERIES = ("q1", "q2", "q3", "q4", "q5", "q6")
BASE = Evaluation(QUERIES, {"nDCG@10": np.array([0.4, 0.6, 0.5, 0.3, 0.7, 0.4]), "R@100": np.ones(6)}, 0, 0)
NEW = Evaluation(QUERIES, {"nDCG@10": np.array([0.5, 0.6, 0.7, 0.2, 0.9, 0.4]), "R@100": np.full(6, 0.5)}, 0, 0)


def test_one_change_holds_what_the_statistics_say() -> None:
    change = changes_of("bm25", BASE, NEW, ["nDCG@10"])[0]
    assert (change.system, change.measure, change.queries) == ("bm25", "nDCG@10", 6)
    assert (change.base, change.new) == (pytest.approx(2.9 / 6), pytest.approx(3.3 / 6))
    assert change.p_value == change.adjusted_p == pytest.approx(0.235387, abs=5e-7)  # the golden of the conventions
    assert change.difference == difference_interval(NEW.values["nDCG@10"], BASE.values["nDCG@10"])
    assert change.detectable is not None
    assert change.detectable > 0.1


def test_the_test_and_the_interval_can_be_chosen() -> None:
    flips, bca = (changes_of("s", BASE, NEW, ["nDCG@10"], **chosen)[0] for chosen in ({"test": "randomisation"}, {"method": "bca"}))
    assert flips.p_value == randomisation_test(NEW.values["nDCG@10"], BASE.values["nDCG@10"]).p_value == 0.375
    assert bca.difference == difference_interval(NEW.values["nDCG@10"], BASE.values["nDCG@10"], method="bca")
    with pytest.raises(UnknownName, match="randomisation"):
        changes_of("s", BASE, NEW, ["nDCG@10"], test="wilcoxon")  # type: ignore[arg-type]


def test_another_order_of_queries_is_the_same() -> None:
    turned = Evaluation(QUERIES[::-1], {"nDCG@10": NEW.values["nDCG@10"][::-1]}, 0, 0)
    assert changes_of("s", BASE, turned, ["nDCG@10"]) == changes_of("s", BASE, NEW, ["nDCG@10"])
    base, new = paired_values(BASE, turned, "nDCG@10")
    np.testing.assert_array_equal(new - base, NEW.values["nDCG@10"] - BASE.values["nDCG@10"])


def test_other_queries_are_refused() -> None:
    other = Evaluation(("q1", "q2", "q3", "q7", "q8", "q9"), NEW.values, 0, 0)
    with pytest.raises(DataError, match=r"3 \('q4', 'q5', 'q6'\) only in the base, 3 \('q7', 'q8', 'q9'\) only in the new"):
        changes_of("s", BASE, other, ["nDCG@10"])
    assert different_queries(["a", "b"], ["b", "a"]) == ""
    assert "5 ('a', 'b', 'c', ...) only in the base, none only in the new" in different_queries("abcdef", "f")


def test_holm_is_over_all_of_them() -> None:
    changes = adjusted([*changes_of("s", BASE, NEW, ["nDCG@10", "R@100"]), *changes_of("t", NEW, BASE, ["nDCG@10"])])
    np.testing.assert_allclose([change.adjusted_p for change in changes], holm([change.p_value for change in changes]))
    assert changes[0].p_value == paired_t_test(NEW.values["nDCG@10"], BASE.values["nDCG@10"]).p_value
    assert adjusted([]) == []


def test_plain_data_holds_no_infinity() -> None:
    change = changes_of("s", BASE, NEW, ["R@100"])[0]
    assert change.effect_size == -np.inf
    assert change.p_value == 0
    assert change.to_json()["effect_size"] is None
