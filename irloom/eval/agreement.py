"""Agreement between judges: Cohen's kappa, Fleiss' kappa, Krippendorff's alpha.

Labels are numbers, such as grades; what a judge did not label is NaN. Where all labels that count are the same, chance cannot be told
from agreement: such a coefficient is NaN.
"""

from collections.abc import Sequence
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from irloom.core.errors import BadValue, UnknownName
from irloom.core.types import Qrels

Labels = NDArray[np.float64]
Weights: TypeAlias = Literal["none", "linear", "quadratic"]
"""How much a disagreement counts: all alike, by its distance in categories, or by that squared."""
Level: TypeAlias = Literal["nominal", "ordinal", "interval"]
"""What labels are: names, ranks, or numbers whose differences mean something."""


def labels_of(judges: Sequence[Qrels]) -> Labels:
    """The judgments of several judges side by side.

    Args:
        judges: each one's grades by query, then document.

    Returns:
        float64 (judges, items): the grades; an item is a query and document that any of them judged, NaN where this one did not.

    >>> labels_of([{"q": {"a": 1, "b": 0}}, {"q": {"b": 2}}]).tolist()
    [[1.0, 0.0], [nan, 2.0]]
    """
    items: dict[tuple[str, str], int] = {}
    for qrels in judges:
        for query_id, row in qrels.items():
            for doc_id in row:
                items.setdefault((query_id, doc_id), len(items))
    labels = np.full((len(judges), len(items)), np.nan)
    for judge, qrels in enumerate(judges):
        for query_id, row in qrels.items():
            for doc_id, grade in row.items():
                labels[judge, items[query_id, doc_id]] = grade
    return labels


def cohen_kappa(first: ArrayLike, second: ArrayLike, *, weights: Weights = "none") -> float:
    """Cohen's kappa of two judges over the items that both labelled: 1 agrees throughout, 0 is chance.

    With weights the categories are the labels that occur, in ascending order, one step apart.

    Args:
        first: float64 (items,), NaN where an item has no label.
        second: float64 (items,), the other judge's.
        weights: "none", "linear" or "quadratic".

    Returns:
        Up to 1; NaN where both use one and the same label only.

    Raises:
        BadValue: the judges do not have as many items, or no item has both labels.
        UnknownName: there are no such weights.

    Paper: Cohen, "A coefficient of agreement for nominal scales", 1960; "Weighted kappa", 1968.

    >>> round(cohen_kappa([1, 1, 0, 0, 1], [1, 0, 0, 0, 1]), 4)
    0.6154
    """
    if weights not in get_args(Weights):
        raise UnknownName("weights", str(weights), get_args(Weights))
    a, b = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if a.ndim != 1 or a.shape != b.shape:
        raise BadValue("first, second", (a.shape, b.shape), "labels of the same items, one row each")
    both = ~(np.isnan(a) | np.isnan(b))
    if not both.any():
        raise BadValue("items that both judges labelled", 0, "at least one")
    categories, codes = np.unique(np.stack([a[both], b[both]]), return_inverse=True)
    codes = codes.reshape(2, -1)
    count, items = len(categories), int(both.sum())
    observed = np.bincount(codes[0] * count + codes[1], minlength=count * count).reshape(count, count) / items
    expected = np.outer(observed.sum(axis=1), observed.sum(axis=0))
    distance = np.abs(np.subtract.outer(np.arange(count), np.arange(count))).astype(np.float64)
    penalty = {"none": (distance > 0).astype(np.float64), "linear": distance, "quadratic": distance**2}[weights]
    return _above_chance(float((penalty * observed).sum()), float((penalty * expected).sum()))


def fleiss_kappa(labels: ArrayLike) -> float:
    """Fleiss' kappa of a fixed number of labels per item; the judges of one item need not be those of another.

    Args:
        labels: float64 (judges, items), NaN where a judge has no label; each item has as many labels, two or more.

    Returns:
        Up to 1; NaN where one and the same label is all there is.

    Raises:
        BadValue: there are no items, or they differ in how many labels they have.

    Paper: Fleiss, "Measuring nominal scale agreement among many raters", 1971.

    >>> round(fleiss_kappa([[1, 0, 1, 1], [1, 0, 0, 1], [1, 0, 1, 0]]), 4)
    0.3143
    """
    counts = _label_counts(_matrix(labels))[1]
    sizes = counts.sum(axis=1)
    if not len(sizes) or sizes.min() != sizes.max() or sizes[0] < 2:
        raise BadValue("labels per item", sorted(set(sizes.astype(int).tolist())), "the same number for each item, two or more")
    agreement = (counts * (counts - 1)).sum(axis=1) / (sizes * (sizes - 1))
    shares = counts.sum(axis=0) / counts.sum()
    return _above_chance(1 - float(agreement.mean()), 1 - float((shares**2).sum()))


def krippendorff_alpha(labels: ArrayLike, *, level: Level = "nominal") -> float:
    """Krippendorff's alpha of any number of judges, with labels missing anywhere; items with fewer than two labels do not count.

    Args:
        labels: float64 (judges, items), NaN where a judge has no label.
        level: "nominal", "ordinal" or "interval".

    Returns:
        Up to 1: 1 agrees throughout, 0 is chance; NaN where one and the same label is all there is.

    Raises:
        BadValue: no item has two labels.
        UnknownName: there is no such level.

    Paper: Krippendorff, "Computing Krippendorff's alpha-reliability", 2011.

    >>> nan = float("nan")
    >>> round(krippendorff_alpha([[1, 2, nan, 3], [1, 2, 2, nan], [nan, 1, 2, 3]]), 4)
    0.6923
    """
    if level not in get_args(Level):
        raise UnknownName("level", str(level), get_args(Level))
    values, counts = _label_counts(_matrix(labels))
    counts = counts[counts.sum(axis=1) >= 2]
    if not len(counts):
        raise BadValue("items with two labels or more", 0, "at least one")
    sizes = counts.sum(axis=1)
    coincidences = counts.T @ (counts / (sizes - 1)[:, None]) - np.diag((counts / (sizes - 1)[:, None]).sum(axis=0))
    totals = counts.sum(axis=0)
    expected = (np.outer(totals, totals) - np.diag(totals)) / (totals.sum() - 1)
    distance = _distances(values, totals, level)
    return _above_chance(float((distance * coincidences).sum()), float((distance * expected).sum()))


def _distances(values: Labels, totals: Labels, level: Level) -> Labels:
    """float64 (values, values): how far two labels are apart, squared."""
    if level == "interval":
        place = values
    elif level == "ordinal":
        place = np.cumsum(totals) - totals / 2
    else:
        return 1 - np.eye(len(values))
    return np.asarray(np.subtract.outer(place, place) ** 2, np.float64)


def _matrix(labels: ArrayLike) -> Labels:
    matrix = np.asarray(labels, np.float64)
    if matrix.ndim != 2:
        raise BadValue("labels", matrix.shape, "two axes: judges, items")
    return matrix


def _label_counts(labels: Labels) -> tuple[Labels, Labels]:
    """The labels that occur, ascending, float64 (values,), and how often each item has each, float64 (items, values)."""
    present = ~np.isnan(labels)
    values, codes = np.unique(labels[present], return_inverse=True)
    items = np.nonzero(present)[1]
    shape = (labels.shape[1], len(values))
    return values, np.bincount(items * shape[1] + codes, minlength=shape[0] * shape[1]).reshape(shape).astype(np.float64)


def _above_chance(observed: float, expected: float) -> float:
    """One less the share of the disagreement that chance would give; NaN where chance gives none."""
    return 1 - observed / expected if expected > 0 else float("nan")
