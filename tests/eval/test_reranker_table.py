"""What rerankers did, as rows."""

from dataclasses import replace

import numpy as np

from irloom.eval.bootstrap import Interval
from irloom.eval.report import MeasureResult, Report, SystemResult
from irloom.eval.reranked import Against, Reranked
from irloom.eval.reranker_table import alarms, fallback_lines, reranker_rows
from irloom.eval.table import markdown

VALUES = np.array([0.5, 0.7])
PLAIN = SystemResult({"nDCG@10": MeasureResult(Interval(0.6, 0.5, 0.7), None, VALUES)})
LOST = Against("bm25", "nDCG@10", 0.6, 0.55, Interval(-0.05, -0.07, -0.03))
DID = Reranked("first", 4, 2.0, 4, {"calls": 8, "prompt_tokens": 4000, "seconds": 1.9}, {"windows of 20": 1}, "toy dev", 4, (LOST,))


def report(*rerankers: Reranked) -> Report:
    return Report({"bm25": PLAIN, "bm25 | first": replace(PLAIN, rerankers=rerankers)}, ("q1", "q2"))


def test_totals_and_means() -> None:
    assert reranker_rows(report(DID)) == [
        ["system", "reranker", "queries", "seconds", "calls", "tokens read", "fell back", "nDCG@10 against its first stage"],
        ["bm25 | first", "first", "4", "2.00 (0.5)", "8 (2)", "4,000 (1,000)", "1 queries", "-0.050 [-0.070, -0.030]"],
    ]
    assert alarms(report(DID))[0].startswith("bm25 | first: ALARM: first made the ranking worse")
    assert fallback_lines(report(DID)) == ["bm25 | first, first: windows of 20: 1 of 4 queries"]


def test_columns_of_some_rerankers_are_empty_for_others() -> None:
    quiet = Reranked("maxsim", 4, None, 0, {}, {})
    rows = reranker_rows(report(quiet, replace(DID, fallbacks={}, against=())))
    assert rows[0] == ["system", "reranker", "queries", "seconds", "calls", "tokens read"]
    assert rows[1] == ["bm25 | first", "maxsim", "4", "", "", ""]
    assert alarms(report(quiet)) == []


def test_no_reranker_no_table() -> None:
    assert reranker_rows(report()) == []
    assert "rerankers" not in markdown(report())


def test_markdown_has_table_alarms_and_reasons() -> None:
    lines = markdown(report(DID)).splitlines()
    assert "What the rerankers did; in brackets per query:" in lines
    assert any(line.startswith("| bm25 \\| first | first | 4 | 2.00 (0.5) |") for line in lines)
    assert any(line.startswith("- bm25 \\| first: ALARM: first") for line in lines)
    assert lines[-1] == "- bm25 \\| first, first: windows of 20: 1 of 4 queries"
