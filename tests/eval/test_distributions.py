import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from irloom.core.errors import BadValue
from irloom.eval.distributions import NORMAL, incomplete_beta, noncentral_t_cdf, student_p, student_quantile, student_tail


def test_incomplete_beta_where_it_is_a_polynomial() -> None:
    """I_x(a, b) of whole numbers is the chance of a or more heads among a + b - 1 tosses."""
    for a, b, x in [(1, 1, 0.3), (2, 5, 0.2), (4, 2, 0.9), (10, 10, 0.5), (1, 40, 0.01)]:
        n = a + b - 1
        heads = sum(math.comb(n, k) * x**k * (1 - x) ** (n - k) for k in range(a, n + 1))
        assert incomplete_beta(a, b, x) == pytest.approx(heads, rel=1e-12)
    assert (incomplete_beta(2, 3, 0.0), incomplete_beta(2, 3, 1.0)) == (0, 1)


def test_student_where_it_has_a_formula() -> None:
    """df = 1 is Cauchy's: p = 1 - 2 atan(t) / pi; df = 2: p = 1 - t / sqrt(2 + t^2)."""
    for t in (0.001, 0.3, 1.0, 4.0, 30.0):
        assert student_p(t, 1) == pytest.approx(1 - 2 * math.atan(t) / math.pi, rel=1e-12)
        assert student_p(-t, 2) == pytest.approx(1 - t / math.sqrt(2 + t * t), rel=1e-9)


def test_student_of_a_table() -> None:
    """Two-sided 5 % points of the usual printed table."""
    for df, critical in [(1, 12.706), (5, 2.571), (10, 2.228), (30, 2.042), (120, 1.980)]:
        assert student_quantile(0.975, df) == pytest.approx(critical, abs=5e-4)
        assert student_p(critical, df) == pytest.approx(0.05, abs=1e-4)


def test_student_at_its_ends() -> None:
    assert student_p(0, 3) == 1
    assert student_p(math.inf, 3) == student_p(-math.inf, 3) == 0
    assert student_p(1e200, 1) == pytest.approx(2 / (math.pi * 1e200), rel=1e-9)  # t squared would overflow
    assert student_p(1e200, 50) == 0
    assert student_p(1e-200, 5) == 1
    assert student_tail(-2.0, 7) == pytest.approx(1 - student_tail(2.0, 7))


@settings(max_examples=50)
@given(st.floats(0.001, 0.999), st.integers(1, 2000))
def test_the_quantile_undoes_the_tail(p: float, df: int) -> None:
    assert student_tail(student_quantile(p, df), df) == pytest.approx(1 - p, rel=1e-8)


def test_noncentral_t() -> None:
    """At t = 0 it is Phi(-shift); without a shift it is Student's; for many degrees of freedom it is the normal's, shifted."""
    for df in (1, 2, 9, 200):
        assert noncentral_t_cdf(0.0, df, 1.3) == pytest.approx(NORMAL.cdf(-1.3), rel=1e-9)
        assert noncentral_t_cdf(1.7, df, 0.0) == pytest.approx(1 - student_tail(1.7, df), rel=1e-8)
    assert noncentral_t_cdf(1.96, 1_000_000, 2.8) == pytest.approx(NORMAL.cdf(1.96 - 2.8), abs=1e-5)


def test_what_cannot_be_used_is_refused() -> None:
    for call in (
        lambda: incomplete_beta(0, 1, 0.5),
        lambda: incomplete_beta(1, 1, 1.5),
        lambda: student_p(math.nan, 3),
        lambda: student_p(1.0, 0),
        lambda: student_quantile(1.0, 3),
    ):
        with pytest.raises(BadValue):
            call()
