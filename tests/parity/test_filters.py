"""Filters and facets against polars on the same values."""

import random

import numpy as np
import pytest

from irloom.core.types import Document, Filter
from irloom.indexing.facets import count_facet
from irloom.indexing.filtering import filters_of
from irloom.pipelines.searcher import Searcher, index_texts

pl = pytest.importorskip("polars", reason="polars is not installed")
pytestmark = pytest.mark.parity

ROWS = 400


@pytest.fixture(scope="module")
def columns() -> dict[str, list[object]]:
    rng = random.Random(5)
    return {
        "lang": [rng.choice(["en", "de", "fr", None]) for _ in range(ROWS)],
        "year": [rng.choice([None, *range(2000, 2010)]) for _ in range(ROWS)],
        "score": [rng.choice([None, rng.uniform(-1, 1)]) for _ in range(ROWS)],
        "open": [rng.choice([None, True, False]) for _ in range(ROWS)],
        "tags": [rng.choice([None, rng.sample(["a", "b", "c"], 2)]) for _ in range(ROWS)],
    }


@pytest.fixture(scope="module")
def searcher(columns: dict[str, list[object]]) -> Searcher:
    def meta(row: int) -> dict[str, object]:
        values = {name: column[row] for name, column in columns.items() if column[row] is not None}
        return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}

    return index_texts(Document(f"{row}", "text", meta=meta(row)) for row in range(ROWS))  # type: ignore[arg-type]


def col(name: str) -> "pl.Expr":
    return pl.col(name)


CONDITIONS = {
    'lang == "en"': lambda: col("lang") == "en",
    'lang != "en"': lambda: (col("lang") == "en").fill_null(value=False).not_(),
    'lang in ("en", "fr")': lambda: col("lang").is_in(["en", "fr"]),
    'lang > "en"': lambda: col("lang") > "en",
    'lang startswith "f"': lambda: col("lang").str.starts_with("f"),
    "2003 <= year < 2007": lambda: (col("year") >= 2003) & (col("year") < 2007),
    "year > 2003.5": lambda: col("year") > 2003.5,
    "score >= 0.25": lambda: col("score") >= 0.25,
    "open == true": lambda: col("open"),
    "not open exists": lambda: col("open").is_null(),
    'tags == "a"': lambda: col("tags").list.contains("a"),
    'year >= 2005 and (lang == "de" or score < 0)': lambda: (
        (col("year") >= 2005) & ((col("lang") == "de").fill_null(value=False) | (col("score") < 0).fill_null(value=False))
    ),
}


@pytest.mark.parametrize("text", CONDITIONS)
def test_the_same_documents(searcher: Searcher, columns: dict[str, list[object]], text: str) -> None:
    expected = pl.DataFrame(columns).select(CONDITIONS[text]().fill_null(value=False).alias("mask"))["mask"].to_numpy()
    assert np.array_equal(filters_of(searcher.collection).mask(Filter(text)), expected)


def test_the_same_counts(searcher: Searcher, columns: dict[str, list[object]]) -> None:
    frame = pl.DataFrame(columns)
    for field in ("lang", "year", "open", "tags"):
        series = frame[field].explode() if field == "tags" else frame[field]
        counted = {value: count for value, count in series.value_counts().iter_rows() if value is not None}
        found = count_facet(searcher.collection, field, top=None)
        assert dict(found.counts) == counted
        assert found.documents == ROWS - frame[field].null_count()
