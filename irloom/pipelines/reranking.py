"""A run file to a reranked run: what `irloom rerank` does."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from irloom.core.config import Builder
from irloom.core.errors import ConfigError, DataError, UnknownDocument
from irloom.core.files import Progress, no_progress
from irloom.core.run import Run
from irloom.core.stage import Reranker
from irloom.core.types import Document, Query
from irloom.data.dataset import Dataset
from irloom.data.named import load_dataset
from irloom.data.trec import read_run

_BATCH = 8
"""Queries at a time, so that progress shows."""

_MODEL_OPTIONS = {"maxsim": "encoder", "cross_encoder": "model"}


class DatasetCorpus:
    """The documents of a dataset that a run names, read in one pass; a Corpus.

    Raises:
        UnknownDocument: the dataset lacks one of them.
    """

    def __init__(self, dataset: Dataset, wanted: Sequence[str], *, progress: Progress = no_progress) -> None:
        missing = set(wanted)
        self._documents: dict[str, Document] = {}
        for number, document in enumerate(dataset.documents()):
            if document.id in missing:
                missing.remove(document.id)
                self._documents[document.id] = document
                if not missing:
                    break
            if number % 1000 == 0:
                progress("documents", number, 0)
        if missing:
            raise UnknownDocument(min(missing), where=f"dataset {dataset.name!r}")

    def fetch(self, doc_ids: Sequence[str]) -> list[Document]:
        """The documents of those ids, in that order.

        Raises:
            UnknownDocument: an id is not among those that were read.
        """
        for doc_id in doc_ids:
            if doc_id not in self._documents:
                raise UnknownDocument(doc_id)
        return [self._documents[doc_id] for doc_id in doc_ids]


def rerank_file(
    run_path: str | Path,
    *,
    dataset: str,
    method: str,
    model: str | None = None,
    depth: int = 100,
    k: int | None = None,
    progress: Progress = no_progress,
) -> Run:
    """Reorders the first `depth` documents of each ranking of a run file.

    Args:
        run_path: a TREC run file.
        dataset: the dataset's name or folder, for texts.
        method: a reranker's registry name, such as "cross_encoder" or "maxsim".
        model: what the method needs: a model's folder, hub id or short name.
        depth: how many documents of each ranking are read.
        k: how many are kept; None for all.
        progress: called as it goes.

    Raises:
        UnknownName: there is no such reranker.
        ConfigError: it needs a model and none is given.
        DataError: the run cannot be read, or the dataset lacks one of its queries or documents.
    """
    option = _MODEL_OPTIONS.get(method)
    if model is None and option is not None:
        raise ConfigError(f"the method {method!r} needs a model; name its folder, hub id or short name with --model")
    run, loaded = read_run(run_path), load_dataset(dataset, progress=progress)
    by_id = {query.id: query for query in loaded.all_queries()}
    unknown = [query_id for query_id in run if query_id not in by_id]
    if unknown:
        raise DataError(f"{run_path}: query {unknown[0]!r} is not among those of {loaded.name!r} ({len(unknown)} of {len(run)} are not)")
    heads = sorted({doc_id for ranking in run.cut(depth).values() for doc_id in ranking.doc_ids})
    corpus = DatasetCorpus(loaded, heads, progress=progress)
    arguments: dict[str, object] = {"depth": depth}
    if model is not None:
        arguments[option or "model"] = model
    reranker = Builder({}, context={"corpus": corpus}, where="rerank").reranker({method: arguments}, where="method")
    return rerank_in_batches(reranker, run, [by_id[query_id] for query_id in run], k=k, progress=progress)


def rerank_in_batches(reranker: Reranker, run: Run, queries: Sequence[Query], *, k: int | None, progress: Progress) -> Run:
    """Reranks some queries at a time, so that progress shows."""
    kept = k if k is not None else int(np.diff(run.offsets).max(initial=0))
    runs: list[Run] = []
    for start in range(0, len(queries), _BATCH):
        batch = queries[start : start + _BATCH]
        runs.append(reranker.rerank(batch, run.rows([query.id for query in batch]), k=kept))
        progress("queries", start + len(batch), len(queries))
    return Run.concat(runs)
