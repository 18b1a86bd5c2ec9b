"""Run files of a system's stages to a diagnosis: what `irloom diagnose` does."""

import json
import math
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from irloom.core.errors import BadLine, BadValue, DataError
from irloom.core.files import Progress, no_progress
from irloom.core.run import Run
from irloom.core.types import Document, Qrels
from irloom.data.dataset import Dataset
from irloom.data.lines import write_lines
from irloom.data.named import load_dataset
from irloom.eval.diagnosis import DEFAULT_CUT, Diagnosis, StageRun, diagnose
from irloom.eval.diagnosis_lines import diagnosis_lines
from irloom.eval.judged import no_shared_query
from irloom.eval.measures.parse import parse_measure
from irloom.eval.suspects import SuspectRule
from irloom.pipelines.comparing import run_name
from irloom.pipelines.dataset_corpus import documents_named
from irloom.pipelines.judgments import Judgments, open_judgments
from irloom.text.minhash import NearDuplicate, near_duplicates

SIMILARITY = 0.8
"""The Jaccard similarity of word trigrams from which documents are near-duplicates."""


@dataclass(frozen=True, slots=True)
class Diagnosed:
    """A diagnosis and what is needed to read it.

    Attributes:
        diagnosis: of the system.
        texts: of the queries, by id; empty where no dataset was named.
        looked_for_duplicates: whether documents were compared.
    """

    diagnosis: Diagnosis
    texts: Mapping[str, str]
    looked_for_duplicates: bool


def diagnose_files(
    runs: Sequence[str | Path],
    *,
    qrels: str,
    split: str | None = None,
    dataset: str | None = None,
    measure: str = "nDCG@10",
    fusion: bool = False,
    read: int | None = None,
    peers: Sequence[str | Path] = (),
    similarity: float = SIMILARITY,
    top: int = 1,
    systems: int = 2,
    progress: Progress = no_progress,
) -> Diagnosed:
    """Diagnoses the last of several run files.

    Args:
        runs: the stages' runs in their order, each named by its file's stem; the last is the system's.
        qrels: a file of judgments, or a dataset's name or folder.
        split: of the dataset; None for its protocol's.
        dataset: whose texts are compared and shown, where `qrels` is a file; None for none then.
        measure: as ir_measures spells it.
        fusion: whether the last run is a fusion of the others, which stand side by side; else each stage takes the run before it.
        read: how many documents of each ranking the next stage reads; None for all.
        peers: run files of other systems, which help to find likely false negatives.
        similarity: from which documents are near-duplicates, above 0, at most 1; 0 not to compare documents.
        top: how deep systems must agree on a likely false negative.
        systems: how many must.
        progress: called as documents are read.

    Raises:
        BadValue: an argument is out of its range.
        UnknownName: a measure, a split or the dataset is unknown.
        DataError: a file cannot be read, a run shares no query with the judgments, or the dataset lacks one of theirs.
    """
    if not 0 <= similarity <= 1:
        raise BadValue("similarity", similarity, "a Jaccard similarity between 0 and 1; 0 compares no documents")
    parsed = parse_measure(measure)
    judgments = open_judgments(qrels, split=split, measures=[parsed])
    cut = parsed.cut or DEFAULT_CUT
    rule = SuspectRule(within=cut, top=top, systems=systems)
    stages = _stages(runs, judgments, fusion=fusion, read=read)
    others = [_checked(path, judgments) for path in peers]
    source = load_dataset(dataset) if dataset is not None else judgments.dataset
    texts = _query_texts(source)
    if dataset is not None and texts:
        _check_texts([query_id for query_id in stages[-1].run if query_id in judgments.qrels], texts, dataset)
    grade = judgments.protocol.min_grade
    duplicates = None
    if source is not None and similarity:
        fetch = _reader(source, progress)
        duplicates = near_duplicates_shown(
            [stages[-1].run], judgments.qrels, fetch, cut=cut, min_grade=parsed.rel or grade, threshold=similarity
        )
    diagnosis = diagnose(stages, judgments.qrels, measure=parsed, min_grade=grade, duplicates=duplicates, peers=others, rule=rule)
    return Diagnosed(diagnosis, texts, duplicates is not None)


def _check_texts(query_ids: Sequence[str], texts: Mapping[str, str], dataset: str) -> None:
    """Refuses a dataset that lacks the queries: it is not the one that the runs were made for."""
    unknown = [query_id for query_id in query_ids if query_id not in texts]
    if unknown:
        raise DataError(f"query {unknown[0]!r} of the runs is not among those of {dataset!r}; name the dataset that they were made for")


def write_queries(diagnosed: Diagnosed, path: str | Path) -> None:
    """Writes a line of JSON per query, shaped as `diagnosis_lines` says; the file appears whole or not at all."""
    lines = diagnosis_lines(diagnosed.diagnosis, diagnosed.texts)
    write_lines(Path(path), (json.dumps(line, ensure_ascii=False) + "\n" for line in lines))


def near_duplicates_shown(
    runs: Sequence[Run],
    qrels: Qrels,
    fetch: Callable[[Sequence[str]], Iterable[Document]],
    *,
    cut: int = DEFAULT_CUT,
    min_grade: int = 1,
    threshold: float = SIMILARITY,
) -> list[NearDuplicate]:
    """The near-duplicates among the first documents of the judged queries and the documents that are relevant to any.

    Args:
        runs: of the systems to diagnose.
        qrels: grades by query, then document.
        fetch: gives documents by id; it may leave out those that it lacks.
        cut: how many documents of each ranking are looked at.
        min_grade: the lowest grade that is relevant.
        threshold: the Jaccard similarity of word trigrams, above 0, at most 1.
    """
    wanted = dict.fromkeys(doc_id for row in qrels.values() for doc_id, grade in row.items() if grade >= min_grade)
    for run in runs:
        shown = run.cut(cut).rows([query_id for query_id in qrels if query_id in run])
        wanted.update(dict.fromkeys(shown.doc_ids[doc] for doc in shown.docs.tolist()))
    return near_duplicates({document.id: document.full_text for document in fetch(list(wanted))}, threshold=threshold)


def _stages(runs: Sequence[str | Path], judgments: Judgments, *, fusion: bool, read: int | None) -> list[StageRun]:
    if not runs:
        raise BadValue("runs", [], "at least one run file")
    if fusion and len(runs) < 3:
        raise BadValue("runs", [str(path) for path in runs], "the runs that were fused and, last, the fusion; three files at least")
    if read is not None and read < 1:
        raise BadValue("read", read, "1 or more")
    last = len(runs) - 1
    stages = []
    for place, path in enumerate(runs):
        inputs = (tuple(range(last)) if place == last else ()) if fusion else None
        stages.append(StageRun(run_name(path), _checked(path, judgments), math.nan, inputs, None if place == last else read))
    return stages


def _checked(path: str | Path, judgments: Judgments) -> Run:
    run = judgments.read_run(path)
    if not any(query_id in judgments.qrels for query_id in run):
        raise DataError(f"{path}: {no_shared_query(run, judgments.qrels)}")
    return run


def _query_texts(dataset: Dataset | None) -> dict[str, str]:
    """By id; a warning and none where there are none, as of a folder that is only a corpus."""
    if dataset is None:
        return {}
    try:
        return {query.id: query.text for query in dataset.all_queries()}
    except BadLine:
        raise
    except DataError as error:
        warnings.warn(f"{error}; queries are shown by their ids alone", UserWarning, stacklevel=3)
        return {}


def _reader(dataset: Dataset, progress: Progress) -> Callable[[Sequence[str]], list[Document]]:
    """Reads those documents that the dataset has, in one pass."""
    return lambda doc_ids: list(documents_named(dataset, doc_ids, progress=progress).values())
