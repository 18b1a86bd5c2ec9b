"""The files of a report: report.json, report.html, per_query.jsonl, table.md, table.tex."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from irloom.core.errors import UnknownName
from irloom.core.files import replacing
from irloom.core.run import Run
from irloom.core.types import Qrels, Query
from irloom.eval.diagnosis import Diagnosis
from irloom.eval.latex import latex
from irloom.eval.pages.browser import Fetch, Material
from irloom.eval.pages.markup import printable
from irloom.eval.pages.page import page
from irloom.eval.per_query import query_lines, query_table
from irloom.eval.report import Report
from irloom.eval.reranked import Reranked
from irloom.eval.table import markdown

FORMATS: Mapping[str, str] = {
    "json": "report.json",
    "html": "report.html",
    "jsonl": "per_query.jsonl",
    "markdown": "table.md",
    "latex": "table.tex",
    "parquet": "per_query.parquet",
}
"""The files, by the name of their format."""

DEFAULT_FORMATS = tuple(name for name in FORMATS if name != "parquet")


def write_reports(
    folder: str | Path,
    report: Report,
    *,
    queries: Mapping[str, Query],
    qrels: Qrels,
    runs: Mapping[str, Run],
    fetch: Fetch | None,
    diagnoses: Mapping[str, Diagnosis],
) -> None:
    """Writes every file of a report but the Parquet file; each appears whole or not at all.

    Args:
        folder: made where it is missing.
        report: what the files show.
        queries: by id, for their texts.
        qrels: the judgments that the report was made with.
        runs: by system, for the hits in the page.
        fetch: gives documents for the page, such as a collection's `fetch`; None where there is no text.
        diagnoses: by system; those that are there go into report.json and the page.
    """
    write_formats(Path(folder), with_diagnoses(report, diagnoses), Material(queries, qrels, runs, fetch), formats=DEFAULT_FORMATS)


def with_diagnoses(report: Report, diagnoses: Mapping[str, Diagnosis]) -> Report:
    """The report with each system's diagnosis, as `to_json` then has them."""
    systems = {
        name: replace(system, diagnosis=diagnoses[name].to_json()) if name in diagnoses else system
        for name, system in report.systems.items()
    }
    return replace(report, systems=systems)


def with_rerankers(report: Report, rerankers: Mapping[str, Sequence[Reranked]]) -> Report:
    """The report with what the rerankers of each system did."""
    systems = {name: replace(system, rerankers=tuple(rerankers.get(name, ()))) for name, system in report.systems.items()}
    return replace(report, systems=systems)


def write_formats(folder: Path, report: Report, material: Material, *, formats: Sequence[str]) -> list[Path]:
    """Writes the files of some formats, out of `FORMATS`, once all are made; gives their paths.

    Raises:
        UnknownName: there is no such format.
        MissingExtra: "parquet" without pyarrow.
    """
    contents = {folder / FORMATS[_known(name)]: content(name, report, material) for name in formats}
    for path, data in contents.items():
        with replacing(path) as file:
            file.write(data)
    return list(contents)


def content(name: str, report: Report, material: Material) -> bytes:
    """The bytes of the file of one format.

    Raises:
        UnknownName: there is no such format.
        MissingExtra: "parquet" without pyarrow.
    """
    match _known(name):
        case "json":
            return json.dumps(report.to_json(), indent=1).encode()
        case "html":
            return page(report, material).encode()
        case "jsonl":
            return "".join(json.dumps(line) + "\n" for line in query_lines(report, material)).encode()
        case "markdown":
            return printable(markdown(report)).encode()
        case "latex":
            return printable(latex(report)).encode()
        case _:
            return query_table(report, material)


def _known(name: str) -> str:
    if name not in FORMATS:
        raise UnknownName("format", name, FORMATS)
    return name
