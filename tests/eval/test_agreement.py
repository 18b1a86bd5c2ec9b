import math
from itertools import permutations

import numpy as np
import pytest
from numpy.typing import NDArray

from irloom.core.errors import BadValue, UnknownName
from irloom.eval.agreement import cohen_kappa, fleiss_kappa, krippendorff_alpha, labels_of

Labels = NDArray[np.float64]
NAN = math.nan

OBSERVERS = np.array([
    [1, 2, 3, 3, 2, 1, 4, 1, 2, NAN, NAN, NAN],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NAN, 3],
    [NAN, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NAN],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NAN],
])  # fmt: skip
"""Krippendorff 2011, section C: four observers, twelve units."""

PSYCHIATRISTS = [
    "444444", "222555", "233335", "555555", "222444", "113333", "333355", "113334", "114444", "555555",
    "144444", "124444", "222333", "144444", "224445", "333335", "111455", "111112", "224444", "133555",
    "555555", "244444", "224555", "114444", "144445", "222224", "111155", "224444", "133333", "555555",
]  # fmt: skip
"""Fleiss 1971, table 1: thirty patients, six diagnoses of each: depression, personality disorder, schizophrenia, neurosis, other."""

WIKIPEDIA = [
    [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
]  # fmt: skip
"""Wikipedia, "Fleiss' kappa", worked example: ten subjects, fourteen raters, how many chose each of five categories."""


def from_table(table: list[list[int]]) -> tuple[Labels, Labels]:
    """Two judges' labels out of their table of joint counts."""
    pairs = [(row, column) for row, counts in enumerate(table) for column, count in enumerate(counts) for _ in range(count)]
    first, second = np.array(pairs, np.float64).T
    return first, second


def random_labels(seed: int, *, missing: float) -> Labels:
    """Labels that lean to one truth, with some missing; the categories are not consecutive."""
    random = np.random.default_rng(seed)
    judges, items = int(random.integers(2, 6)), int(random.integers(2, 30))
    truth = random.choice([0.0, 1.0, 2.0, 5.0], items)
    labels = np.where(random.random((judges, items)) < 0.6, truth, random.choice([0.0, 1.0, 2.0, 5.0], (judges, items)))
    labels[random.random(labels.shape) < missing] = NAN
    return labels


def test_cohen_of_two_diagnosticians() -> None:
    """Fleiss, Levin and Paik, "Statistical methods for rates and proportions", 3rd edition, 2003, table 18.1: observed .89, by chance .66,
    kappa .676."""
    assert cohen_kappa(*from_table([[75, 1, 4], [5, 4, 1], [0, 0, 10]])) == pytest.approx((0.89 - 0.66) / (1 - 0.66))


def test_cohen_of_the_grant_proposals() -> None:
    """Wikipedia, "Cohen's kappa": both yes 20, both no 15, 5 and 10 apart: kappa .4."""
    assert cohen_kappa(*from_table([[20, 5], [10, 15]])) == pytest.approx(0.4)


def test_weighted_cohen_of_the_couples() -> None:
    """Agresti, "Categorical data analysis", 1990, table 2.10 (husbands' and wives' answers): kappa .1293, with linear weights .2374, as
    R's vcd prints them."""
    couples = from_table([[7, 7, 2, 3], [2, 8, 3, 7], [1, 5, 4, 9], [2, 8, 9, 14]])
    assert cohen_kappa(*couples) == pytest.approx(0.1293, abs=5e-5)
    assert cohen_kappa(*couples, weights="linear") == pytest.approx(0.2374, abs=5e-5)


def test_weights_of_scikit_learns_example() -> None:
    """The example of its own tests, from Artstein and Poesio's survey: .9315, linear .9412, quadratic .9541."""
    first, second = [0] * 46 + [1] * 44 + [2] * 10, [0] * 50 + [1] * 40 + [2] * 10
    for weights, expected in (("none", 0.9315), ("linear", 0.9412), ("quadratic", 0.9541)):
        assert cohen_kappa(first, second, weights=weights) == pytest.approx(expected, abs=5e-5)


def test_weighted_cohen_as_sas_prints_it() -> None:
    """kappa .4842, with linear weights .4701."""
    table = from_table([[0, 4, 1], [0, 8, 0], [0, 1, 5]])
    assert cohen_kappa(*table) == pytest.approx(0.4842, abs=5e-5)
    assert cohen_kappa(*table, weights="linear") == pytest.approx(0.4701, abs=5e-5)


def test_weighted_cohen_as_r_prints_it() -> None:
    """R's irr, its data `anxiety`, raters 2 and 3, who never say 5: -.0062893, equal weights .1459075, squared weights .2520325."""
    second = [3, 6, 4, 6, 2, 4, 2, 4, 3, 3, 2, 3, 3, 3, 2, 2, 1, 3, 3, 4]
    third = [2, 1, 4, 4, 3, 2, 1, 6, 1, 1, 1, 2, 3, 3, 1, 1, 3, 3, 2, 2]
    for weights, expected in (("none", -0.006289308), ("linear", 0.1459075), ("quadratic", 0.2520325)):
        assert cohen_kappa(second, third, weights=weights) == pytest.approx(expected, abs=5e-8)


def test_fleiss_of_the_psychiatrists() -> None:
    """His kappa is .430, of which R's irr prints more: .4302445."""
    labels = np.array([[int(diagnosis) for diagnosis in patient] for patient in PSYCHIATRISTS]).T
    assert np.bincount(labels.ravel())[1:].tolist() == [26, 26, 30, 55, 43]
    assert fleiss_kappa(labels) == pytest.approx(0.4302445, abs=5e-8)


def test_fleiss_of_the_worked_example() -> None:
    labels = np.array([np.repeat(np.arange(5), counts) for counts in WIKIPEDIA]).T
    assert fleiss_kappa(labels) == pytest.approx(0.210, abs=5e-4)


def test_alpha_of_krippendorffs_examples() -> None:
    """His sections A and C: binary .095; four observers with missing labels: nominal .743, ordinal .815, interval .849."""
    binary = [[0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]]
    assert krippendorff_alpha(binary) == pytest.approx(0.095, abs=5e-4)
    for level, expected in (("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)):
        assert krippendorff_alpha(OBSERVERS, level=level) == pytest.approx(expected, abs=5e-4)


@pytest.mark.parametrize("seed", range(40))
def test_cohen_item_by_item(seed: int) -> None:
    """Observed: the penalty of each item. By chance: of each label of the one judge with each of the other."""
    first, second = random_labels(seed, missing=0.2)[:2]
    both = [(a, b) for a, b in zip(first, second, strict=True) if a == a and b == b]
    if not both:
        return
    place = {label: i for i, label in enumerate(sorted({label for pair in both for label in pair}))}
    for weights, power in (("none", 0), ("linear", 1), ("quadratic", 2)):

        def penalty(a: float, b: float, power: int = power) -> int:
            return abs(place[a] - place[b]) ** power if a != b else 0

        observed = sum(penalty(a, b) for a, b in both) / len(both)
        chance = sum(penalty(a, b) for a, _ in both for _, b in both) / len(both) ** 2
        assert cohen_kappa(first, second, weights=weights) == pytest.approx(1 - observed / chance if chance else NAN, nan_ok=True)


@pytest.mark.parametrize("seed", range(20))
def test_fleiss_pair_by_pair(seed: int) -> None:
    labels = random_labels(seed, missing=0)
    agree = np.mean([np.mean([a == b for a, b in permutations(item, 2)]) for item in labels.T])
    flat = labels.ravel()
    chance = np.mean([np.mean(flat == label) for label in flat])
    assert fleiss_kappa(labels) == pytest.approx(1 - (1 - agree) / (1 - chance))


@pytest.mark.parametrize("seed", range(40))
def test_alpha_pair_by_pair(seed: int) -> None:
    """Disagreement within items, each weighing as many labels as it has, against that of all pairs of labels that count."""
    labels = random_labels(seed, missing=0.4)
    items = [item[~np.isnan(item)].tolist() for item in labels.T]
    items = [item for item in items if len(item) >= 2]
    if not items:
        return
    flat = [label for item in items for label in item]

    def ordinal(a: float, b: float) -> float:
        low, high = min(a, b), max(a, b)
        return sum(low <= label <= high for label in flat) - (flat.count(low) + flat.count(high)) / 2

    distances = {
        "nominal": lambda a, b: a != b,
        "ordinal": lambda a, b: ordinal(a, b) ** 2 if a != b else 0,
        "interval": lambda a, b: (a - b) ** 2,
    }
    for level, distance in distances.items():
        within = sum(sum(distance(a, b) for a, b in permutations(item, 2)) / (len(item) - 1) for item in items)
        chance = sum(distance(a, b) for a, b in permutations(flat, 2)) / (len(flat) - 1)
        expected = 1 - within / chance if chance else NAN
        assert krippendorff_alpha(labels, level=level) == pytest.approx(expected, nan_ok=True)


def test_judges_who_agree_and_judges_who_say_one_thing() -> None:
    assert cohen_kappa([0, 1, 2], [0, 1, 2], weights="quadratic") == 1
    assert fleiss_kappa([[0, 1], [0, 1]]) == krippendorff_alpha([[0, 1], [0, 1]]) == 1
    assert math.isnan(cohen_kappa([1, 1], [1, 1]))
    assert math.isnan(fleiss_kappa([[1, 1], [1, 1]]))
    assert math.isnan(krippendorff_alpha([[1, 1], [1, NAN]]))


def test_labels_of_judgments() -> None:
    labels = labels_of([{"q1": {"a": 2, "b": 0}, "q2": {"a": 1}}, {"q2": {"a": 1}, "q1": {"c": 3, "a": 2}}, {}])
    np.testing.assert_equal(labels, [[2, 0, 1, NAN], [2, NAN, 1, 3], [NAN] * 4])


def test_what_cannot_be_used_is_refused() -> None:
    for call in (
        lambda: cohen_kappa([1, 2], [1]),
        lambda: cohen_kappa([1, NAN], [NAN, 1]),
        lambda: fleiss_kappa([[1, 1], [1, NAN]]),
        lambda: fleiss_kappa([[1, 1]]),
        lambda: fleiss_kappa(np.empty((2, 0))),
        lambda: krippendorff_alpha([[1, NAN], [NAN, 1]]),
        lambda: krippendorff_alpha([1, 2]),
    ):
        with pytest.raises(BadValue):
            call()
    with pytest.raises(UnknownName, match="quadratic"):
        cohen_kappa([1], [1], weights="square")  # type: ignore[arg-type]
    with pytest.raises(UnknownName, match="ordinal"):
        krippendorff_alpha([[1], [1]], level="rank")  # type: ignore[arg-type]
