"""Conditions and filters as values."""

import pickle

import pytest

from irloom.core.errors import BadValue
from irloom.core.filter import And, Bound, Exists, In, Not, Or, Range, StartsWith, canonical_field, field_of
from irloom.core.types import Filter


def test_conditions_print_as_text() -> None:
    year, lang = Range("year", Bound(2019, True), Bound(2022, False)), In("lang", ("en", "de"))
    assert str(Or((And((year, Not(lang))), Not(And((Exists("a b"), StartsWith("c", 'x"'))))))) == (
        '2019 <= year < 2022 and lang not in ("en", "de") or not (`a b` exists and c startswith "x\\"")'
    )
    assert str(And((Or((lang, year)), Not(Not(In("in", (True, 1.5))))))) == (
        '(lang in ("en", "de") or 2019 <= year < 2022) and not `in` not in (true, 1.5)'
    )


def test_names_of_fields() -> None:
    assert [field_of(name) for name in ("lang", "id", "meta.lang", "meta.")] == ["lang", "meta.id", "meta.meta.lang", "meta.meta."]
    assert [canonical_field(name) for name in ("meta.lang", "id", "meta.id", "meta.meta.lang")] == [
        "lang",
        "id",
        "meta.id",
        "meta.meta.lang",
    ]


def test_equal_filters_are_equal() -> None:
    one, other = Filter("(lang=='en') and ((2<=n<3))"), Filter('lang == "en" and 2 <= n and n<3')
    assert one != other  # one spelling is not a proof
    assert one == Filter(one.expression) == Filter(' lang ==  "en" and 3>n>=2')
    assert hash(one) == hash(Filter(one.expression))
    assert pickle.loads(pickle.dumps(one)) == one
    assert repr(one) == "Filter(expression='lang == \"en\" and 2 <= n < 3')"


def test_both_of_two_filters() -> None:
    assert (Filter("a == 1 or b == 2") & Filter("c == 3")).expression == "(a == 1 or b == 2) and c == 3"
    assert Filter("a == 1") & Filter("a==1") == Filter("a == 1")


def test_only_text() -> None:
    with pytest.raises(BadValue, match="expected text"):
        Filter(3)  # type: ignore[arg-type]
