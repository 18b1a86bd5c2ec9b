import pytest

from irloom.core.errors import BadValue, DataError
from irloom.core.run import Run
from irloom.integrations.pandas import qrels_from_pandas, qrels_to_pandas, run_from_pandas, run_to_pandas
from irloom.integrations.rows import Layout
from tests.integrations.conftest import rows

pd = pytest.importorskip("pandas", reason="pandas is not installed")


@pytest.mark.parametrize("layout", ["ir_measures", "pyterrier"])
def test_there_and_back(run: Run, qrels: dict[str, dict[str, int]], layout: Layout) -> None:
    """But for the query without hits, which a table cannot hold."""
    expected = {query_id: ranking for query_id, ranking in rows(run).items() if ranking}
    frame = run_to_pandas(run, layout=layout)
    assert rows(run_from_pandas(frame)) == expected
    assert rows(run_from_pandas(frame.sample(frac=1, random_state=1).sort_values(frame.columns[0], ascending=False))) == expected
    assert qrels_from_pandas(qrels_to_pandas(qrels, layout=layout)) == qrels


def test_an_empty_frame(run: Run) -> None:
    assert len(run_from_pandas(run_to_pandas(Run.from_dict({})))) == 0
    assert qrels_from_pandas(qrels_to_pandas({})) == {}


def test_dtypes_that_pandas_makes_of_ids() -> None:
    frame = pd.DataFrame({"qid": ["1", "1"], "docno": ["a", "b"], "score": [1, 2]})
    for qid in ("int64", "Int64", "category", "string", "object"):
        assert rows(run_from_pandas(frame.astype({"qid": qid}))) == {"1": [("b", 2.0), ("a", 1.0)]}
    with pytest.raises(DataError, match=r"query id of the DataFrame: 1\.0 is float"):
        run_from_pandas(frame.astype({"qid": "int64"}).astype({"qid": "float64"}))
    with pytest.raises(DataError, match="is NaN"):
        run_from_pandas(frame.assign(score=[1.0, None]))


def test_what_is_no_frame() -> None:
    with pytest.raises(BadValue, match="a pandas DataFrame"):
        run_from_pandas({"qid": ["q"]})
    twice = pd.DataFrame([["q", "q", "d", 1.0]], columns=["qid", "qid", "docno", "score"])
    with pytest.raises(DataError, match="needs one column query_id or qid"):
        run_from_pandas(twice)
