import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irloom.core.errors import BadValue, UnknownName
from irloom.eval.gates import parse_gate
from irloom.eval.significance import tost

BASE = np.array([0.4, 0.6, 0.5, 0.3, 0.7, 0.5])  # mean 0.5
FORMS = [
    ("nDCG@10 >= base - 0.005", ("nDCG@10", ">=", 1, -0.005)),
    ("nDCG@10>=base-.005", ("nDCG@10", ">=", 1, -0.005)),
    ("  R@100   >   base  ", ("R@100", ">", 1, 0)),
    ("RR@10 <= base + 1e-2", ("RR@10", "<=", 1, 0.01)),
    ("RR@10 == base", ("RR@10", "==", 1, 0)),
    ("RR@10 < 0.9", ("RR@10", "<", 0, 0.9)),
    ("RR@10 > -1", ("RR@10", ">", 0, -1)),
    ("nDCG@10 >= base * 0.99", ("nDCG@10", ">=", 0.99, 0)),
    ("nDCG@10 >= 0.99*base", ("nDCG@10", ">=", 0.99, 0)),
    ("AP(rel=2)@1000 >= base", ("AP(rel=2)@1000", ">=", 1, 0)),
    ("nDCG(dcg='exp-log2')@10 >= base", ("nDCG(dcg='exp-log2')@10", ">=", 1, 0)),
    ("nDCG@10 noninferior base - 0.01", ("nDCG@10", "noninferior", 1, -0.01)),
]


@pytest.mark.parametrize(("text", "parts"), FORMS, ids=[text for text, _ in FORMS])
def test_what_a_gate_says(text, parts) -> None:
    gate = parse_gate(text)
    assert (gate.measure, gate.operator, gate.factor, gate.offset) == parts
    assert gate.text == text.strip()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nDCG@10",
        "nDCG@10 >=",
        ">= base",
        "nDCG@10 => base",
        "nDCG@10 = base",
        "nDCG@10 != base",
        "nDCG@10 ≥ base",
        "nDCG@10 >= base - ",
        "nDCG@10 >= base 0.01",
        "nDCG@10 >= bas - 0.01",
        "nDCG@10 >= base - 1%",
        "nDCG@10 >= base - 0.01 - 0.01",
        "nDCG@10 >= base / 2",
        "nDCG@10 >= nan",
        "nDCG@10 >= inf",
        "nDCG@10 >= base --1",
        "nDCG@10 >= base; rm",
        "nDCG@10 noninferior base",
        "nDCG@10 noninferior base + 0.01",
        "nDCG@10 noninferior base - 0",
        "nDCG@10 noninferior 0.4",
        "nDCG@10 noninferior base * 0.9",
        "nDCG@ten >= base",
        "nDCG@10 noninferiorbase - 0.01",
    ],
)
def test_what_cannot_be_read(text) -> None:
    with pytest.raises(BadValue, match="gate") as refused:
        parse_gate(text)
    assert "nDCG@10" in str(refused.value)  # an example of what can


def test_numbers_beyond_all_numbers_are_refused() -> None:
    with pytest.raises(BadValue, match="finite"):
        parse_gate("nDCG@10 >= base - 1e999")


def test_an_unknown_measure_is_named_with_its_gate() -> None:
    with pytest.raises(UnknownName, match=r"gate 'nDGC@10 >= base': unknown measure 'nDGC@10'.*Did you mean 'nDCG@10'"):
        parse_gate("nDGC@10 >= base")


@pytest.mark.parametrize(
    ("condition", "shift", "passed"),
    [
        (">= base - 0.005", -0.005, True),  # 0.495 against 0.5 - 0.005, whatever rounding does
        (">= base - 0.005", -0.0051, False),
        ("> base - 0.005", -0.005, False),
        ("> base", 0.001, True),
        (">= base", 0.0, True),
        ("> base", 0.0, False),
        ("<= base + 0.01", 0.01, True),
        ("<= base", 0.001, False),
        ("< base", -0.001, True),
        ("== base", 0.0, True),
        ("== base", 1e-6, False),
        (">= base * 0.98", -0.01, True),
        (">= base * 0.98", -0.011, False),
        (">= 0.5", 0.0, True),
        (">= 0.51", 0.0, False),
    ],
)
def test_what_passes(condition, shift, passed) -> None:
    result = parse_gate(f"nDCG@10 {condition}").check(BASE, BASE + shift, system="s")
    assert result.passed is passed
    assert (result.system, result.p_value) == ("s", None)
    assert result.found == pytest.approx(0.5 + shift)


def test_noninferiority_needs_evidence() -> None:
    random = np.random.default_rng(5)
    base = random.random(400)
    gate = parse_gate("nDCG@10 noninferior base - 0.01")
    close, noisy = base - 0.001 + 0.02 * random.standard_normal(400), base + 0.5 * random.standard_normal(400)
    assert gate.check(base, close).passed
    assert not gate.check(base, noisy - noisy.mean() + base.mean()).passed  # the same mean, but a loss of 0.01 is not ruled out
    assert not gate.check(base, base - 0.02).passed
    result = gate.check(base, close)
    assert result.p_value == tost(close, base, margin=0.01).noninferior_p
    assert result.bound == pytest.approx(base.mean() - 0.01)
    assert result.to_json() == {
        "gate": "nDCG@10 noninferior base - 0.01", "system": "", "passed": True, "found": result.found, "bound": result.bound,
        "p": result.p_value, "level": 0.05,
    }  # fmt: skip


@given(st.floats(0, 2).map(lambda number: round(number, 6)), st.sampled_from([">=", ">", "<=", "<", "=="]), st.sampled_from("+-"))
def test_a_bound_is_what_python_makes_of_it(number, operator, sign) -> None:
    result = parse_gate(f"P@5 {operator} base {sign} {number}").check(BASE, BASE)
    assert result.bound == pytest.approx(eval(f"0.5 {sign} {number}"), abs=1e-12)
    assert result.passed is bool(eval(f"round(0.5, 8) {operator} round({result.bound}, 8)"))


@given(st.text(alphabet="nDCG@10 base-+*<>=.e5", max_size=25))
def test_any_text_is_a_gate_or_a_clear_error(text) -> None:
    try:
        gate = parse_gate(text)
    except (BadValue, UnknownName):
        return
    assert np.isfinite([gate.factor, gate.offset]).all()
