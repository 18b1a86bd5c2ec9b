"""Queries in a file to a run file: what `irloom retrieve` does."""

from pathlib import Path

from irloom.core.errors import BadValue, DataError
from irloom.core.files import Progress, no_progress
from irloom.core.run import Run
from irloom.core.types import Filter, Query
from irloom.data.corpus import read_queries
from irloom.data.named import load_dataset
from irloom.pipelines.notices import check_queries
from irloom.pipelines.target import open_target
from irloom.retrievers.filtered import within

_BATCH = 256
"""Queries at a time, so that progress shows."""


def retrieve_file(
    target: str | Path,
    *,
    queries: str,
    k: int,
    part: str | None = None,
    split: str | None = None,
    where: str | None = None,
    progress: Progress = no_progress,
) -> Run:
    """Retrieves for all queries of a file or a dataset.

    Args:
        target: a collection or the YAML of a pipeline.
        queries: a JSONL or TSV file, or a dataset's name or folder.
        k: how many documents a query.
        part: the part to search, where the collection has several.
        split: of the dataset; None for its protocol's.
        where: only documents that this filter allows, beside the queries' own filters.
        progress: called as it goes.

    Raises:
        CollectionError: the target cannot be opened.
        ConfigError: the YAML cannot be used, the collection has several parts and none was named, or a split is named for a file.
        DataError: the queries cannot be read, or there is none.
    """
    asked = within(asked_queries(queries, split), Filter(where) if where is not None else None)
    check_queries(asked, where=queries)
    retriever = open_target(target, part=part).retriever
    retriever.warm_up()
    runs: list[Run] = []
    for start in range(0, len(asked), _BATCH):
        runs.append(retriever.retrieve(asked[start : start + _BATCH], k=k))
        progress("queries", min(start + _BATCH, len(asked)), len(asked))
    return Run.concat(runs)


def asked_queries(place: str, split: str | None) -> list[Query]:
    """The queries of a file, or of a dataset by its name or folder.

    Raises:
        BadValue: a split is named for a file.
        UnknownName: the dataset or the split is unknown.
        DataError: the queries cannot be read, or there is none.
    """
    if not Path(place).is_file():
        return load_dataset(place).queries(split)
    if split is not None:
        raise BadValue("split", split, f"no split: {place} is a file of queries, not a dataset")
    queries = read_queries(place)
    if not queries:
        raise DataError(f"{place} holds no query; each line needs an id and a text")
    return queries
