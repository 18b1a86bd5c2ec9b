import numpy as np
import pytest

from irloom.core.errors import BadValue, UnknownName
from irloom.fusion.normalise import NORMALISERS, normaliser_by_name

# two queries with an empty one between them
SCORES = np.array([12.0, 9.0, 3.0, 5.0])
OFFSETS = np.array([0, 3, 3, 4])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("minmax", [1, 2 / 3, 0, 0]),  # one document alone: (5 - 5) / 1e-9
        ("max", [1, 0.75, 0.25, 1]),
        ("sum", [9 / 15, 6 / 15, 0, 0]),
        ("zscore", [4 / np.sqrt(14), 1 / np.sqrt(14), -5 / np.sqrt(14), 0]),  # mean 8, variance (16 + 1 + 25) / 3 = 14
        ("rank", [1, 2 / 3, 1 / 3, 1]),
        ("none", [12, 9, 3, 5]),
        ("tmm(0)", [1, 0.75, 0.25, 1]),
        ("tmm(-3)", [1, 12 / 15, 6 / 15, 1]),
    ],
)
def test_worked_values(name: str, expected: list[float]) -> None:
    np.testing.assert_allclose(normaliser_by_name(name)(SCORES, OFFSETS), expected, atol=1e-12)


@pytest.mark.parametrize("name", [*NORMALISERS, "tmm(0)"])
def test_nothing_and_equal_scores_are_finite(name: str) -> None:
    normaliser = normaliser_by_name(name)
    assert len(normaliser(np.empty(0), np.array([0, 0]))) == 0
    assert np.isfinite(normaliser(np.array([7.0, 7.0, 7.0, 0.0]), np.array([0, 3, 4]))).all()


def test_unknown_names_and_floors() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'minmax'"):
        normaliser_by_name("min_max")
    for floor in ("x", "nan", ""):
        with pytest.raises(BadValue, match="floor"):
            normaliser_by_name(f"tmm({floor})")
