from dataclasses import replace

import numpy as np

from irloom.eval.bootstrap import Interval
from irloom.eval.report import MeasureResult, Report, SystemResult
from irloom.eval.table import caption, header, markdown, table_rows

VALUES = np.array([0.5, 0.7])
BASE = SystemResult({"nDCG@10": MeasureResult(Interval(0.6, 0.5, 0.7), None, VALUES)}, 1.234)
OTHER = SystemResult({"nDCG@10": MeasureResult(Interval(0.65, 0.55, 0.75), Interval(0.05, -0.01, 0.11), VALUES)}, None, ("a note",))


def test_rows_under_their_titles() -> None:
    report = Report({"bm25": BASE, "a|b": OTHER}, ("q1", "q2"), dataset="toy", baseline="bm25")
    assert header(report) == ["system", "nDCG@10", "nDCG@10 against bm25", "ms per query"]
    assert table_rows(report) == [
        ["bm25", "0.600 [0.500, 0.700]", "", "1.23"],
        ["a|b", "0.650 [0.550, 0.750]", "+0.050 [-0.010, +0.110]", ""],
    ]
    assert caption(report).startswith("toy, 2 queries; in brackets the 95% bootstrap interval")


def test_columns_that_say_nothing_are_left_out() -> None:
    report = Report({"a": SystemResult(BASE.measures)}, ("q1", "q2"))
    assert header(report) == ["system", "nDCG@10"]
    assert table_rows(report) == [["a", "0.600 [0.500, 0.700]"]]


def test_markdown() -> None:
    lines = markdown(Report({"bm25": BASE, "a|b": OTHER}, ("q1", "q2"), baseline="bm25")).splitlines()
    assert lines[0] == "| system | nDCG@10 | nDCG@10 against bm25 | ms per query |"
    assert lines[1] == "|---|--:|--:|--:|"
    assert lines[3] == "| a\\|b | **0.650** [0.550, 0.750] | +0.050 [-0.010, +0.110] |  |"
    assert lines[-1] == "- a\\|b: a note"


def test_letters_and_the_best_mean_in_markdown() -> None:
    beaten = replace(BASE, letter="a")
    better = SystemResult({"nDCG@10": replace(OTHER.measures["nDCG@10"], beats="a")}, letter="b")
    text = markdown(Report({"bm25": beaten, "dense": better}, ("q1", "q2")))
    assert "| bm25 *a* | 0.600 [0.500, 0.700] |" in text
    assert "| dense *b* | **0.650**<sup>a</sup> [0.550, 0.750] |" in text
    assert "Raised letters name the systems that are beaten significantly (paired t-test, Holm over all pairs, 0.05)." in text


def test_markdown_of_hostile_names() -> None:
    lines = markdown(Report({"<b>`*\n|": SystemResult(BASE.measures, notes=("two\nlines",))}, ("q1", "q2"))).splitlines()
    assert lines[2].startswith("| \\<b\\>\\`\\*  \\| |".replace("  ", " "))
    assert lines[-1].endswith(": two lines")
