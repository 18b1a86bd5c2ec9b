import pytest

from irloom.core.errors import DataError
from irloom.core.run import Run
from irloom.eval.evaluate import evaluate
from irloom.integrations.ir_measures import qrels_from_ir_measures, qrels_to_ir_measures, run_from_ir_measures, run_to_ir_measures
from tests.integrations.conftest import rows

ir_measures = pytest.importorskip("ir_measures", reason="ir_measures is not installed")


def test_there_and_back(qrels: dict[str, dict[str, int]]) -> None:
    run = Run.from_dict({"q10": {"d1": 2.5, "d2": 2.5, "d10": -1.0}, "9": {"7": 0.1}})
    assert rows(run_from_ir_measures(run_to_ir_measures(run))) == rows(run)
    assert rows(run_from_ir_measures(iter(run_to_ir_measures(run)[::-1]))) == {query_id: rows(run)[query_id] for query_id in ("9", "q10")}
    assert qrels_from_ir_measures(qrels_to_ir_measures(qrels)) == qrels


def test_ir_measures_reads_what_is_made(qrels: dict[str, dict[str, int]]) -> None:
    run = Run.from_dict({"q10": {"d1": 2.0, "d2": 3.0}, "9": {"7": 0.1}})
    theirs = ir_measures.calc_aggregate([ir_measures.RR], qrels_to_ir_measures(qrels), run_to_ir_measures(run))
    assert theirs[ir_measures.RR] == pytest.approx(evaluate(run, qrels, ["RR"]).mean("RR"))


def test_records_that_cannot_be_read() -> None:
    with pytest.raises(DataError, match="lacks the field 'score'; each record needs query_id, doc_id and score"):
        run_from_ir_measures([ir_measures.Qrel("q", "d", 1)])
    with pytest.raises(DataError, match="lacks the field 'query_id'"):
        qrels_from_ir_measures([("q", "d", 1)])
    with pytest.raises(DataError, match="document id of the scored documents: the number 12 and the text '12'"):
        run_from_ir_measures([ir_measures.ScoredDoc("q", "12", 1.0), ir_measures.ScoredDoc("q", 12, 1.0)])
    assert len(run_from_ir_measures([])) == 0
