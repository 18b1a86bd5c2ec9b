"""A report as a LaTeX table for `booktabs`."""

from irloom.eval.report import ALPHA, MeasureResult, Report

_ESCAPES = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "$": r"\$",
        "&": r"\&",
        "#": r"\#",
        "%": r"\%",
        "_": r"\_",
        "^": r"\textasciicircum{}",
        "~": r"\textasciitilde{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        '"': r"\textquotedbl{}",
        **dict.fromkeys(map(chr, [*range(0x20), *range(0x7F, 0xA0)]), " "),
    }
)


def latex(report: Report) -> str:
    r"""The table in LaTeX; needs `\usepackage{booktabs}` and, for `"`, the T1 encoding; ends in a line break.

    The best mean of each measure is bold; raised letters name the systems that are beaten significantly.
    """
    measures = report.measures
    lettered = any(system.letter for system in report.systems.values())
    titles = ["System", *map(escape_latex, measures)]
    lines = [r"\begin{table}", r"\centering", rf"\caption{{{_caption(report, lettered=lettered)}}}"]
    lines += [rf"\begin{{tabular}}{{l{'r' * len(measures)}}}", r"\toprule", f"{' & '.join(titles)} \\\\", r"\midrule"]
    for name, system in report.systems.items():
        letter = rf"\textit{{{system.letter}}}~" if system.letter else ""
        cells = [_cell(result, bold=name in report.best(measure)) for measure, result in system.measures.items()]
        lines.append(f"{letter}{escape_latex(name)} & {' & '.join(cells)} \\\\")
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", r"\end{table}", ""])


def escape_latex(text: str) -> str:
    r"""The text with LaTeX's own characters escaped, and blanks for control characters.

    >>> print(escape_latex("50% of a_b"))
    50\% of a\_b
    """
    return text.translate(_ESCAPES)


def _cell(result: MeasureResult, *, bold: bool) -> str:
    mean = rf"\textbf{{{result.interval.mean:.3f}}}" if bold else f"{result.interval.mean:.3f}"
    beats = rf"\textsuperscript{{{result.beats}}}" if result.beats else ""
    return rf"{mean}{beats} {{\scriptsize [{result.interval.low:.3f}, {result.interval.high:.3f}]}}"


def _caption(report: Report, *, lettered: bool) -> str:
    dataset = f"{escape_latex(report.dataset)}, " if report.dataset else ""
    text = rf"{dataset}{len(report.query_ids)} queries; in brackets the {100 * report.level:g}\% bootstrap interval of the mean."
    if lettered:
        text += f" Raised letters: systems beaten significantly (paired t-test, Holm, {ALPHA:g})."
    return text
