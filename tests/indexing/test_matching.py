"""Masks against one document at a time, over everything that a field can hold."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from irloom.core.files import no_progress
from irloom.core.filter import And, Bound, Condition, Exists, In, Not, Or, Range, StartsWith
from irloom.core.types import Document, Filter, MetaValue
from irloom.indexing.column_writer import segment_columns
from irloom.indexing.matching import Fields, matching
from irloom.indexing.text_store import TextStore, write_documents
from tests.indexing.filter_truth import holds

BIG = 1 << 53
TEXTS = st.text(st.sampled_from("ab\U0001f600ÿ\ud800\uffff\0"), max_size=3)
INTS = st.sampled_from([0, 1, 2, -1, BIG, BIG + 1, -BIG - 1, (1 << 63) - 1, -(1 << 63)]) | st.integers(-3, 3)
FLOATS = st.sampled_from([0.0, -0.0, 0.5, 1.0, 1.5, float(BIG), 2.0**63, -(2.0**63), 1e300, 5e-324]) | st.floats(
    allow_nan=True, allow_infinity=True
)
NUMBERS = INTS | FLOATS.filter(lambda value: abs(value) < float("inf"))
VALUES: st.SearchStrategy[MetaValue] = TEXTS | INTS | FLOATS | st.booleans() | st.lists(TEXTS, max_size=3).map(tuple)
METAS = st.dictionaries(st.sampled_from(["x", "y", "title"]), VALUES, max_size=3)
DOCUMENTS = st.lists(st.tuples(TEXTS, st.sampled_from(["", "p", "q"]), METAS), min_size=1, max_size=8).map(
    lambda rows: [Document(f"{'ab'[n % 2]}{n}", "text", title, parent=parent, meta=meta) for n, (title, parent, meta) in enumerate(rows)]
)
FIELDS = st.sampled_from(["x", "y", "meta.title", "title", "parent", "id"])
LITERALS = TEXTS | NUMBERS | st.booleans()


def ranges(values: st.SearchStrategy[str] | st.SearchStrategy[int | float]) -> st.SearchStrategy[Condition]:
    ends = st.none() | st.builds(Bound, values, st.booleans())
    return st.builds(Range, FIELDS, ends, ends).filter(lambda found: found.low is not None or found.high is not None)


LEAVES = (
    st.builds(In, FIELDS, st.lists(LITERALS | st.sampled_from(["a0", "b1"]), max_size=3).map(tuple))
    | st.builds(StartsWith, FIELDS, TEXTS)
    | st.builds(Exists, FIELDS)
    | ranges(TEXTS)
    | st.builds(Range, st.sampled_from(["x", "y", "meta.title"]), st.builds(Bound, NUMBERS, st.booleans()), st.none())
    | st.builds(Range, st.sampled_from(["x", "y", "meta.title"]), st.none(), st.builds(Bound, NUMBERS, st.booleans()))
    | st.builds(
        Range, st.sampled_from(["x", "y", "meta.title"]), st.builds(Bound, NUMBERS, st.booleans()), st.builds(Bound, NUMBERS, st.booleans())
    )
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(And, st.lists(inner, min_size=2, max_size=3).map(tuple))
        | st.builds(Or, st.lists(inner, min_size=2, max_size=3).map(tuple))
    ),
    max_leaves=5,
)


def fields_of(folder: Path, documents: list[Document]) -> Fields:
    (folder / "work").mkdir()
    (folder / "0").mkdir()
    write_documents(folder / "0", documents, no_progress, work=folder / "work")
    text = TextStore(folder / "0")
    return Fields(segment_columns(folder / "0", text), text)


@given(DOCUMENTS, st.lists(CONDITIONS, min_size=1, max_size=6))
@settings(max_examples=50)
def test_masks_say_what_documents_say(documents: list[Document], conditions: list[Condition]) -> None:
    with tempfile.TemporaryDirectory() as name:
        fields = fields_of(Path(name), documents)
        for condition in conditions:
            assert matching(condition, fields).tolist() == [holds(condition, document) for document in documents], str(condition)


LIBRARY = [
    Document("docs/a.md", "t", "Alpha", meta={"lang": "en", "year": 2019, "tags": ("ml", "ir"), "rating": 4.5, "open": True}),
    Document("docs/b.md", "t", "Beta", meta={"lang": "de", "year": 2021, "tags": ("ir",), "rating": 3}),
    Document("src/c.py", "t", "", meta={"lang": "en", "year": 2022, "date": "2022-05-01", "open": False}),
    Document("src/d.py", "t", "Alphabet", parent="docs/a.md", meta={"tags": (), "date": "2021-12-31"}),
]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Fields:
    return fields_of(tmp_path_factory.mktemp("library"), LIBRARY)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('lang == "en"', "ac"),
        ('lang != "en"', "bd"),  # a document without the field has no language that is English
        ('lang exists and lang != "en"', "b"),
        ('lang in ("en", "de")', "abc"),
        ('lang not in ("en", "de")', "d"),
        ("2020 <= year < 2022", "b"),
        ("year > 2018.5 and not year >= 2022", "ab"),
        ("not year >= 2022", "abd"),
        ('"ir" in tags', "ab"),
        ('tags != "ml"', "bcd"),
        ("tags exists", "ab"),  # an empty list holds nothing
        ("rating >= 3", "ab"),
        ("rating == 3.0", "b"),
        ("open == true", "a"),
        ("open != true", "bcd"),
        ('date >= "2022"', "c"),
        ('"2021" <= date < "2022"', "d"),
        ('id startswith "docs/"', "ab"),
        ('id == "src/c.py" or id == "none"', "c"),
        ('id > "docs/b.md"', "cd"),
        ('"docs/a.md" <= id < "src/c.py"', "ab"),
        ('title startswith "Alpha"', "ad"),
        ('title == "Alpha"', "a"),
        ("title exists", "abd"),
        ('title > "Alpha"', "bd"),
        ('parent == "docs/a.md"', "d"),
        ("lang in ()", ""),
        ("lang not in ()", "abcd"),
        ('lang startswith ""', "abc"),
    ],
)
def test_worked_values(library: Fields, text: str, found: str) -> None:
    mask = matching(Filter(text).condition, library)
    assert "".join("abcd"[place] for place in np.flatnonzero(mask)) == found
