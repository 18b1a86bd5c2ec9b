from dataclasses import replace

import numpy as np

from irloom.eval.bootstrap import Interval
from irloom.eval.latex import escape_latex, latex
from irloom.eval.report import MeasureResult, Report, SystemResult

VALUES = np.array([0.5, 0.7])
BASE = SystemResult({"nDCG@10": MeasureResult(Interval(0.6, 0.5, 0.7), None, VALUES)}, letter="a")
OTHER = SystemResult({"nDCG@10": MeasureResult(Interval(0.65, 0.55, 0.75), None, VALUES, beats="a")}, letter="b")


def test_a_table_for_booktabs() -> None:
    text = latex(Report({"bm25": BASE, "50%_off": OTHER}, ("q1", "q2"), dataset="a&b"))
    caption = r"a\&b, 2 queries; in brackets the 95\% bootstrap interval of the mean."
    letters = "Raised letters: systems beaten significantly (paired t-test, Holm, 0.05)."
    expected = r"""\begin{table}
\centering
\caption{CAPTION}
\begin{tabular}{lr}
\toprule
System & nDCG@10 \\
\midrule
\textit{a}~bm25 & 0.600 {\scriptsize [0.500, 0.700]} \\
\textit{b}~50\%\_off & \textbf{0.650}\textsuperscript{a} {\scriptsize [0.550, 0.750]} \\
\bottomrule
\end{tabular}
\end{table}
"""
    assert text == expected.replace("CAPTION", f"{caption} {letters}")


def test_without_letters() -> None:
    text = latex(Report({"bm25": replace(BASE, letter="")}, ("q1", "q2")))
    assert "letters" not in text
    assert "\nbm25 & 0.600 {" in text  # one system: nothing is bold


def test_escapes() -> None:
    assert escape_latex(r"\a{b}$c&d#e%f_g^h~i<j>k|l" + "\n\x00") == (
        r"\textbackslash{}a\{b\}\$c\&d\#e\%f\_g\textasciicircum{}h\textasciitilde{}i\textless{}j\textgreater{}k\textbar{}l" + "  "
    )
