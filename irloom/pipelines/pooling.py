"""Run files to a pool that people judge: what `irloom pool` does."""

from collections.abc import Sequence
from pathlib import Path

from irloom.core.errors import BadValue, DataError
from irloom.core.files import Progress, no_progress
from irloom.data.named import load_dataset
from irloom.data.pool import PoolItem
from irloom.data.trec import read_run
from irloom.eval.pooling import pool_runs
from irloom.eval.self_hits import without_self_hits
from irloom.pipelines.comparing import run_name
from irloom.pipelines.judgments import open_judgments
from irloom.pipelines.reranking import DatasetCorpus


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
    read = {}
    source = load_dataset(dataset) if dataset is not None else None
    for path in runs:
        if run_name(path) in read:
            raise BadValue("runs", str(path), f"files of different names; {run_name(path)!r} is there twice")
        run = read_run(path)
        if not len(run):
            raise DataError(f"{path} holds no ranking; is it the run that was meant?")
        read[run_name(path)] = without_self_hits(run) if source is not None and source.protocol.remove_self_hits else run
    judged: dict[str, dict[str, int]] = {}
    for place in qrels:
        for query_id, row in open_judgments(str(place)).qrels.items():
            judged.setdefault(query_id, {}).update(row)
    pool = pool_runs(read, depth=depth, seed=seed, judged=judged)
    if source is None:
        return [PoolItem(one.query_id, one.doc_id, sources=one.sources) for one in pool]
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
