"""A report's values query by query, for other tools: a line of JSON each, or a Parquet file."""

from collections.abc import Iterator

from irloom.core.optional import require
from irloom.core.types import Json
from irloom.eval.pages.browser import Material
from irloom.eval.report import Report


def query_lines(report: Report, material: Material) -> Iterator[dict[str, Json]]:
    """A mapping per query: `id`, `text`, and `systems` with system -> measure -> value."""
    columns = {
        name: {measure: result.values.tolist() for measure, result in system.measures.items()} for name, system in report.systems.items()
    }
    for place, query_id in enumerate(report.query_ids):
        values: dict[str, Json] = {name: {measure: row[place] for measure, row in measures.items()} for name, measures in columns.items()}
        yield {"id": query_id, "text": material.text(query_id), "systems": values}


def query_table(report: Report, material: Material) -> bytes:
    """A Parquet file with the columns query_id, text, system, measure, value; a row for each value.

    Raises:
        MissingExtra: pyarrow is not installed.
    """
    arrow = require("pyarrow", extra="data", purpose="per_query.parquet")
    parquet = require("pyarrow.parquet", extra="data", purpose="per_query.parquet")
    pairs = [(name, measure) for name, system in report.systems.items() for measure in system.measures]
    queries = len(report.query_ids)
    texts = [material.text(query_id) for query_id in report.query_ids]
    columns = {
        "query_id": [*report.query_ids] * len(pairs),
        "text": texts * len(pairs),
        "system": [name for name, _ in pairs for _ in range(queries)],
        "measure": [measure for _, measure in pairs for _ in range(queries)],
        "value": [value for name, measure in pairs for value in report.systems[name].measures[measure].values.tolist()],
    }
    sink = arrow.BufferOutputStream()
    parquet.write_table(arrow.table(columns), sink)
    return bytes(sink.getvalue())
