"""Filters as text: what is read, what it prints as, and what an error says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from irloom.core.errors import BadFilter
from irloom.core.filter import And, Bound, Condition, Exists, In, Not, Or, Range, StartsWith, field_of
from irloom.core.filter_text import parse_filter
from irloom.core.types import Filter

READ = {
    "lang=='en'": In("lang", ("en",)),
    '"en" == lang': In("lang", ("en",)),
    'lang != "en"': Not(In("lang", ("en",))),
    "lang in ['en', \"de\",]": In("lang", ("en", "de")),
    "lang not in ('en')": Not(In("lang", ("en",))),
    "lang in ()": In("lang", ()),
    '"ml" in tags': In("tags", ("ml",)),
    '"ml" not in tags': Not(In("tags", ("ml",))),
    "year >= 2020": Range("year", Bound(2020, True), None),
    "2020 > year": Range("year", None, Bound(2020, False)),
    "2019 <= year < 2022": Range("year", Bound(2019, True), Bound(2022, False)),
    "2022>year>=2019": Range("year", Bound(2019, True), Bound(2022, False)),
    "-1.5e2 < x <= 3": Range("x", Bound(-150.0, False), Bound(3, True)),
    "ok == true": In("ok", (True,)),
    "path startswith 'a/'": StartsWith("path", "a/"),
    "not year exists": Not(Exists("year")),
    "a==1 and b==2 or c==3": Or((And((In("a", (1,)), In("b", (2,)))), In("c", (3,)))),
    "a==1 and (b==2 and c==3)": And((In("a", (1,)), In("b", (2,)), In("c", (3,)))),
    "not a==1 and b==2": And((Not(In("a", (1,))), In("b", (2,)))),
    "not (a==1 and b==2)": Not(And((In("a", (1,)), In("b", (2,))))),
    "`pub date` == 'x``y' ": In("pub date", ("x``y",)),
    "`in` exists": Exists("in"),
    "`a``b` exists": Exists("a`b"),
    "dc.date-x_1 exists": Exists("dc.date-x_1"),
    "größe == 1": In("größe", (1,)),
    "meta.lang exists": Exists("lang"),
    "meta.title exists": Exists("meta.title"),
    "title exists": Exists("title"),
    r"a == 'it\'s \u00e9\n\\ \ud83d\ude00'": In("a", ("it's é\n\\ \U0001f600",)),
}


@pytest.mark.parametrize(("text", "condition"), READ.items())
def test_what_a_text_says(text: str, condition: Condition) -> None:
    assert parse_filter(text) == condition
    assert parse_filter(str(condition)) == condition


WRONG = {
    "": (1, "a condition"),
    "lang = 'en'": (6, "'=='"),
    "lang <> 'en'": (6, "'!='"),
    "lang == en": (9, "text in quotes"),
    "lang": (5, "=="),
    "lang ==": (8, "text in quotes"),
    "lang is 'en'": (6, "=="),
    "year >= 2020-01-01": (9, "dates among it, stands in quotes"),
    "1 < a > 3": (7, "the end"),
    "a > 1 > 3": (7, "a chain has its field in the middle"),
    "1 < a < 'x'": (9, "two numbers or two texts"),
    "flag > true": (8, "true and false have no order"),
    "true < flag": (1, "true and false have no order"),
    "a == 1 AND b == 1": (8, "'and'"),
    "a == 1 && b == 1": (8, "'and'"),
    "a == True": (6, "'true'"),
    "a == null": (6, "not FIELD exists"),
    "(a == 1": (8, "')'"),
    "a == 1)": (7, "the end"),
    "a in 1": (6, "values in parentheses"),
    "a in (1 2)": (9, "','"),
    "a in (1]": (8, "','"),
    "a startswith 3": (14, "text in quotes"),
    "a == 'x": (6, "a second '"),
    "`x == 1": (1, "a second `"),
    "a == 'x\\q'": (8, "an escape"),
    "5 == 5": (6, "the name of a field"),
    "and == 1": (1, "a condition"),
    "a == 1e999": (6, "not too large"),
    "a == " + "9" * 5000: (6, "not too large"),
    "(" * 200: (101, "at most 100"),
    "not " * 200: (401, "at most 100"),
    "a not == 1": (7, "'in'"),
    "a == 1; drop": (7, "the end"),
}


@pytest.mark.parametrize("text", WRONG)
def test_an_error_says_where_and_what(text: str) -> None:
    place, expected = WRONG[text]
    with pytest.raises(BadFilter) as found:
        Filter(text)
    assert found.value.place == place
    assert expected in str(found.value)


NAMES = st.text(min_size=1, max_size=8).map(field_of) | st.sampled_from(["id", "title", "parent", "lang", "not"])
TEXTS = st.text(st.characters(), max_size=8)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)


def bounds(values: st.SearchStrategy[str] | st.SearchStrategy[int | float]) -> st.SearchStrategy[tuple[Bound, Bound]]:
    return st.tuples(*[st.builds(Bound, values, st.booleans())] * 2)


def joined(kind: type[And | Or]) -> object:
    """Conditions joined as the parser joins them: of equal kind they become one."""

    def join(parts: list[Condition]) -> Condition:
        return kind(tuple(inner for part in parts for inner in (part.parts if isinstance(part, kind) else (part,))))

    return join


LEAVES = (
    st.builds(In, NAMES, st.lists(TEXTS | NUMBERS | st.booleans(), max_size=3).map(tuple))
    | st.builds(StartsWith, NAMES, TEXTS)
    | st.builds(Exists, NAMES)
    | st.builds(
        lambda name, pair, which: Range(name, pair[0] if which != 1 else None, pair[1] if which != 0 else None),
        NAMES,
        bounds(TEXTS) | bounds(NUMBERS),
        st.integers(0, 2),
    )
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: (
        st.builds(Not, inner)
        | st.lists(inner, min_size=2, max_size=4).map(joined(And))
        | st.lists(inner, min_size=2, max_size=4).map(joined(Or))
    ),
    max_leaves=12,
)


@given(CONDITIONS)
def test_the_text_form_is_read_back(condition: Condition) -> None:
    text = str(condition)
    assert repr(parse_filter(text)) == repr(condition)  # 1, 1.0 and true are equal to Python, and not the same here
    assert Filter(text).expression == text


PIECES = st.sampled_from([*"ab'\"`\\()[],=<>!. -109\n", " and ", " in ", " not ", " exists", "==", "'x'"])


@given(st.lists(PIECES, max_size=20).map("".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = Filter(text)
    except BadFilter as error:
        place = error.place
    else:
        place = 1
        assert Filter(found.expression) == found
    assert 1 <= place <= len(text) + 1
