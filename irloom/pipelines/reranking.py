"""A run file to a reranked run: what `irloom rerank` does."""

import inspect
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from irloom.core.config import Builder, yaml_value
from irloom.core.errors import BadValue, ConfigError, DataError, UnknownName
from irloom.core.files import Progress, no_progress
from irloom.core.notes import plain_note
from irloom.core.registry import find
from irloom.core.run import Run
from irloom.core.stage import Reranker
from irloom.core.types import Document, Qrels, Query
from irloom.data.dataset import Dataset
from irloom.data.lines import write_lines
from irloom.data.named import load_dataset
from irloom.data.trec import read_run, write_run
from irloom.eval.reranked import Reranked, against, reranked
from irloom.pipelines.cached import document_content, query_content
from irloom.pipelines.comparing import run_name
from irloom.pipelines.dataset_corpus import DatasetCorpus
from irloom.pipelines.kept_rankings import KeptRankings
from irloom.pipelines.provenance import own_version
from irloom.pipelines.rerank_in_batches import rerank_in_batches

_BATCH = 8
"""Queries at a time, so that progress shows."""

_MEASURE = "nDCG@10"
"""By which a reranked run is held against the one it was made of."""

_OPTIONS = {"depth": "--depth", "heads": "--heads", "corpus": "--dataset"}
"""Arguments that have an option of their own."""


@dataclass(frozen=True, slots=True)
class Reranking:
    """A reranked run, and what was done to it."""

    run: Run
    did: Reranked


def rerank_file(
    run_path: str | Path,
    *,
    dataset: str,
    method: str,
    model: str | None = None,
    heads: str | Path | None = None,
    settings: Mapping[str, object] | None = None,
    depth: int = 100,
    k: int | None = None,
    kept: KeptRankings | None = None,
    progress: Progress = no_progress,
) -> Reranking:
    """Reorders the first `depth` documents of each ranking of a run file.

    Args:
        run_path: a TREC run file.
        dataset: the dataset's name or folder, for texts, and for judgments where it has any of the run's queries.
        method: a reranker's registry name, such as "cross_encoder" or "maxsim".
        model: what the method needs: a model's folder, hub id or short name; it becomes the reranker's first argument.
        heads: a file of attention heads, for methods that take one.
        settings: other arguments of the reranker, as YAML would give them.
        depth: how many documents of each ranking are read.
        k: how many are kept; None for all.
        kept: where rankings are kept as they come, and taken from where an earlier call was interrupted.
        progress: called as it goes.

    Raises:
        UnknownName: there is no such reranker, or it has no such argument.
        ConfigError: it needs a model and none is given.
        DataError: the run cannot be read, or the dataset lacks one of its queries or documents.
    """
    arguments = _arguments(method, model, heads, settings or {}, depth)
    run, loaded = read_run(run_path), load_dataset(dataset, progress=progress)
    by_id = {query.id: query for query in loaded.all_queries()}
    unknown = [query_id for query_id in run if query_id not in by_id]
    if unknown:
        raise DataError(f"{run_path}: query {unknown[0]!r} is not among those of {loaded.name!r} ({len(unknown)} of {len(run)} are not)")
    wanted = sorted({doc_id for ranking in run.cut(depth).values() for doc_id in ranking.doc_ids})
    corpus = DatasetCorpus(loaded, wanted, progress=progress)
    reranker = Builder({}, context={"corpus": corpus}, where="rerank").reranker({method: arguments}, where="method")
    queries = [by_id[query_id] for query_id in run]
    found: dict[str, Run] = {}
    if kept is not None:
        found = kept.take(list(_content(reranker, run, queries, corpus.fetch(wanted), k)))
    new = rerank_in_batches(reranker, run, queries, k=k, size=_BATCH, progress=progress, kept=kept, found=found)
    name, qrels = _judgments(loaded, run)
    given = run if k is None else run.cut(k)  # what is cut off is no fault of the order
    compared = against(run_name(run_path), given, new, qrels, [_MEASURE], min_grade=loaded.protocol.min_grade)
    did = replace(reranked(method, new), judgments=name, judged=len(qrels), against=compared)
    return Reranking(new, did)


def write_reranked(reranking: Reranking, path: Path, *, tag: str) -> Path | None:
    """Writes the run, and beside it as `NAME.notes.jsonl` what was noted of each query; gives that file, None where nothing was noted.

    Beside what is no plain file, such as a device, no notes are written.
    """
    run, notes = reranking.run, path.with_name(f"{path.name}.notes.jsonl")
    plain = not path.exists() or path.is_file()
    write_run(run, path, tag=tag)
    if plain:
        notes.unlink(missing_ok=True)  # those of an earlier run of this name, which is gone now
    if not plain or not run.notes:
        return None
    rows = ({"query_id": query_id, **{name: values[row] for name, values in run.notes.items()}} for row, query_id in enumerate(run))
    write_lines(notes, (json.dumps(plain_note(row), ensure_ascii=False) + "\n" for row in rows))
    return notes


def read_settings(texts: Sequence[str]) -> dict[str, object]:
    """Settings as the command line has them, `key=value` each, the value in YAML's spelling.

    Raises:
        BadValue: one has no `=`, its value cannot be read, or a key is there twice.
    """
    settings: dict[str, object] = {}
    for text in texts:
        key, mark, value = text.partition("=")
        key = key.strip()
        if not mark or not key:
            raise BadValue("--set", text, "KEY=VALUE, such as window=20")
        if key in settings:
            raise BadValue("--set", text, f"each key once; {key!r} is there twice")
        settings[key] = yaml_value(value, where=f"--set {key}")
    return settings


def _arguments(method: str, model: str | None, heads: str | Path | None, settings: Mapping[str, object], depth: int) -> dict[str, object]:
    """The arguments of the reranker's constructor, its corpus left out."""
    parameters = {name: one for name, one in inspect.signature(find("reranker", method).load()).parameters.items() if name != "corpus"}
    first = next(iter(parameters), "")
    for key in settings:
        if key in _OPTIONS or (key == first and model is not None):
            raise BadValue("--set", key, f"nothing, since the option {_OPTIONS.get(key, '--model')} gives it")
        if key not in parameters:
            raise UnknownName("key", key, [name for name in parameters if name not in _OPTIONS], where=f"--set of {method!r}")
    if model is None and first and first not in settings and parameters[first].default is inspect.Parameter.empty:
        raise ConfigError(f"the method {method!r} needs a model; name its folder, hub id or short name with --model")
    if heads is None and "heads" in parameters and parameters["heads"].default is inspect.Parameter.empty:
        raise ConfigError(f"the method {method!r} needs attention heads; name the file that 'irloom heads learn' made with --heads")
    if heads is not None and "heads" not in parameters:
        raise BadValue("--heads", str(heads), f"no heads: the method {method!r} takes none")
    for name, one in parameters.items():
        if name not in (first, "heads", *settings) and one.default is inspect.Parameter.empty:
            raise ConfigError(f"the method {method!r} needs {name!r}; give it with --set {name}=VALUE")
    arguments: dict[str, object] = {"depth": depth} if "depth" in parameters else {}
    given: dict[str, Any] = {first: model, "heads": None if heads is None else str(heads)}
    return {**arguments, **{name: value for name, value in given.items() if value is not None}, **settings}


def _content(reranker: Reranker, run: Run, queries: Sequence[Query], documents: Sequence[Document], k: int | None) -> Iterator[str]:
    """All that decides the rankings."""
    yield from (own_version(), reranker.fingerprint, str(k))
    for query in queries:
        ranking = run[query.id]
        yield from (query_content(query).hex(), repr(list(ranking.doc_ids)), ranking.scores.tobytes().hex())
    yield from (document_content(document).hex() for document in documents)


def _judgments(dataset: Dataset, run: Run) -> tuple[str, Qrels]:
    """The first split that judges a query of the run, the protocol's before others: its name, and what it says of the run's queries."""
    for split in sorted(dataset.splits, key=lambda split: split != dataset.protocol.split):
        known = {query_id: row for query_id, row in dataset.qrels(split).items() if query_id in run}
        if known:
            return f"{dataset.name} {split}", known
    return "", {}
