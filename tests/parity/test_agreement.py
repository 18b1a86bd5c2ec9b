"""Cohen's kappa equals scikit-learn's on random labels, with each kind of weights."""

import numpy as np
import pytest

from irloom.eval.agreement import cohen_kappa

pytestmark = pytest.mark.parity

sklearn_metrics = pytest.importorskip("sklearn.metrics", reason="scikit-learn is not installed")


@pytest.mark.parametrize("seed", range(30))
def test_cohen(seed: int) -> None:
    random = np.random.default_rng(seed)
    first = random.integers(0, 4, 50)
    second = np.where(random.random(50) < 0.5, first, random.integers(0, 4, 50))
    for ours, theirs in (("none", None), ("linear", "linear"), ("quadratic", "quadratic")):
        expected = sklearn_metrics.cohen_kappa_score(first, second, weights=theirs)
        assert cohen_kappa(first, second, weights=ours) == pytest.approx(expected, abs=1e-12)
