import pytest

from irloom.core.errors import BadValue, DataError
from irloom.core.run import Run
from irloom.integrations.polars import qrels_from_polars, qrels_to_polars, run_from_polars, run_to_polars
from irloom.integrations.rows import Layout
from tests.integrations.conftest import rows

pl = pytest.importorskip("polars", reason="polars is not installed")


@pytest.mark.parametrize("layout", ["ir_measures", "pyterrier"])
def test_there_and_back(run: Run, qrels: dict[str, dict[str, int]], layout: Layout) -> None:
    """But for the query without hits, which a table cannot hold."""
    expected = {query_id: ranking for query_id, ranking in rows(run).items() if ranking}
    frame = run_to_polars(run, layout=layout)
    assert rows(run_from_polars(frame)) == expected
    assert rows(run_from_polars(frame.sort(frame.columns[0], "score", descending=[True, False]))) == expected
    assert qrels_from_polars(qrels_to_polars(qrels, layout=layout)) == qrels


def test_an_empty_frame() -> None:
    assert len(run_from_polars(run_to_polars(Run.from_dict({})))) == 0
    assert qrels_from_polars(qrels_to_polars({})) == {}


def test_ids_and_scores_of_other_kinds() -> None:
    frame = pl.DataFrame({"qid": ["1", "1"], "docno": ["a", "b"], "score": [1, 2]})
    for kind in (pl.Int64, pl.UInt8, pl.Categorical, pl.String):
        assert rows(run_from_polars(frame.with_columns(pl.col("qid").cast(kind)))) == {"1": [("b", 2.0), ("a", 1.0)]}
    with pytest.raises(DataError, match=r"query id of the DataFrame: 1\.0 is float"):
        run_from_polars(frame.with_columns(pl.col("qid").cast(pl.Float64)))
    with pytest.raises(DataError, match="is NaN"):
        run_from_polars(frame.with_columns(pl.Series("score", [1.0, None])))
    with pytest.raises(BadValue, match="a polars DataFrame"):
        run_from_polars(frame.lazy())
