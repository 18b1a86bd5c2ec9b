"""Run files to a pool that is judged: what `irloom pool` does, and `irloom judge --holes`."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from irloom.core.errors import BadValue, DataError
from irloom.core.files import Progress, no_progress
from irloom.core.run import Run
from irloom.data.dataset import Dataset
from irloom.data.named import load_dataset
from irloom.data.pool import PoolItem
from irloom.data.trec import read_run
from irloom.eval.pooling import Pooled, pool_runs
from irloom.eval.self_hits import without_self_hits
from irloom.pipelines.comparing import run_name
from irloom.pipelines.dataset_corpus import DatasetCorpus
from irloom.pipelines.judgments import open_judgments


def pool_files(
    runs: Sequence[str | Path],
    *,
    depth: int = 10,
    seed: int = 0,
    dataset: str | None = None,
    qrels: Sequence[str | Path] = (),
    progress: Progress = no_progress,
) -> list[PoolItem]:
    """Pools run files.

    Args:
        runs: TREC run files, each named by its file's stem.
        depth: how many documents of each ranking.
        seed: of the order within a query.
        dataset: whose texts are put beside the ids, and whose protocol may take self hits out; None for ids alone.
        qrels: files of judgments, or datasets; what they hold is left out.
        progress: called as documents are read.

    Raises:
        BadValue: two runs share a name, or `depth` is below 1.
        UnknownName: there is no such dataset.
        DataError: a file cannot be read, or the dataset lacks a query or a document of a run.
    """
    source = load_dataset(dataset) if dataset is not None else None
    read = _read(runs, source)
    judged: dict[str, dict[str, int]] = {}
    for place in qrels:
        for query_id, row in open_judgments(str(place)).qrels.items():
            judged.setdefault(query_id, {}).update(row)
    return _with_texts(pool_runs(read, depth=depth, seed=seed, judged=judged), source, progress)


def pool_judged(
    qrels: str | Path, *, split: str | None = None, seed: int = 0, dataset: str | None = None, progress: Progress = no_progress
) -> list[PoolItem]:
    """Pools what is judged already, for another judge to judge again; the grades are not in the pool.

    Args:
        qrels: a file of judgments, or a dataset.
        split: of the dataset; None for its protocol's.
        seed: of the order within a query.
        dataset: whose texts are put beside the ids; None for ids alone.
        progress: called as documents are read.

    Raises:
        UnknownName: there is no such dataset or split.
        DataError: the file cannot be read, or the dataset lacks a query or a document of it.
    """
    given = open_judgments(str(qrels), split=split).qrels
    run = Run.from_dict({query_id: dict.fromkeys(row, 1.0) for query_id, row in given.items()})
    pool = pool_runs({"judged": run}, depth=max((len(row) for row in given.values()), default=1), seed=seed)
    silent = [replace(one, sources={}) for one in pool]  # a rank would tell nothing
    return _with_texts(silent, load_dataset(dataset) if dataset is not None else None, progress)


def pool_holes(
    runs: Sequence[str | Path],
    *,
    qrels: str | Path,
    split: str | None = None,
    dataset: str | None = None,
    depth: int = 10,
    seed: int = 0,
    progress: Progress = no_progress,
) -> list[PoolItem]:
    """Pools the holes of judgments: the first documents of run files that have no judgment, of the queries that are judged.

    Args:
        runs: TREC run files, each named by its file's stem.
        qrels: a file of judgments, or a dataset.
        split: of the dataset; None for its protocol's.
        dataset: whose texts are put beside the ids; None for that of the judgments, where they are a dataset's.
        depth: how many documents of each ranking.
        seed: of the order within a query.
        progress: called as documents are read.

    Raises:
        BadValue: two runs share a name, or `depth` is below 1.
        UnknownName: there is no such dataset or split.
        DataError: a file cannot be read, or the dataset lacks a query or a document of a run.
    """
    judgments = open_judgments(str(qrels), split=split)
    texts = dataset if dataset is not None or judgments.dataset is None else str(qrels)
    source = load_dataset(texts) if texts is not None else None
    pool = pool_runs(_read(runs, source), depth=depth, seed=seed, judged=judgments.qrels)
    return _with_texts([one for one in pool if one.query_id in judgments.qrels], source, progress)


def _read(runs: Sequence[str | Path], source: Dataset | None) -> dict[str, Run]:
    """Run files by their stems, without self hits where the protocol says so."""
    read: dict[str, Run] = {}
    for path in runs:
        if run_name(path) in read:
            raise BadValue("runs", str(path), f"files of different names; {run_name(path)!r} is there twice")
        run = read_run(path)
        if not len(run):
            raise DataError(f"{path} holds no ranking; is it the run that was meant?")
        read[run_name(path)] = without_self_hits(run) if source is not None and source.protocol.remove_self_hits else run
    return read


def _with_texts(pool: Sequence[Pooled], source: Dataset | None, progress: Progress) -> list[PoolItem]:
    """The pool with the texts of a dataset; ids alone where there is none."""
    if source is None:
        return [PoolItem(one.query_id, one.doc_id, sources=one.sources) for one in pool]
    if not pool:
        return []
    queries = {query.id: query.text for query in source.all_queries()}
    unknown = [one.query_id for one in pool if one.query_id not in queries]
    if unknown:
        raise DataError(f"query {unknown[0]!r} of the runs is not among those of {source.name!r}; name the dataset that they were made for")
    corpus = DatasetCorpus(source, sorted({one.doc_id for one in pool}), progress=progress)
    documents = corpus.fetch([one.doc_id for one in pool])
    return [
        PoolItem(one.query_id, one.doc_id, queries[one.query_id], document.title, document.text, one.sources)
        for one, document in zip(pool, documents, strict=True)
    ]
