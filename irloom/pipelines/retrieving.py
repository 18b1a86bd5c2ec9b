"""Queries in a file to a run file: what `irloom retrieve` does."""

from pathlib import Path

from irloom.core.files import Progress, no_progress
from irloom.core.run import Run
from irloom.data.corpus import read_queries
from irloom.data.named import load_dataset
from irloom.pipelines.target import open_target

_BATCH = 256
"""Queries at a time, so that progress shows."""


def retrieve_file(
    target: str | Path, *, queries: str, k: int, part: str | None = None, split: str | None = None, progress: Progress = no_progress
) -> Run:
    """Retrieves for all queries of a file or a dataset.

    Args:
        target: a collection or the YAML of a pipeline.
        queries: a JSONL or TSV file, or a dataset's name or folder.
        k: how many documents a query.
        part: the part to search, where the collection has several.
        split: of the dataset; None for its protocol's.
        progress: called as it goes.

    Raises:
        CollectionError: the target cannot be opened.
        ConfigError: the YAML cannot be used, or the collection has several parts and none was named.
        DataError: the queries cannot be read.
    """
    asked = read_queries(queries) if Path(queries).is_file() else load_dataset(queries).queries(split)
    retriever = open_target(target, part=part).retriever
    retriever.warm_up()
    runs: list[Run] = []
    for start in range(0, len(asked), _BATCH):
        runs.append(retriever.retrieve(asked[start : start + _BATCH], k=k))
        progress("queries", min(start + _BATCH, len(asked)), len(asked))
    return Run.concat(runs)
