"""The files of a report again, from a folder that an experiment left: `report.json` and the run files."""

import json
import warnings
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from irloom.core.errors import DataError
from irloom.core.files import check_target
from irloom.core.types import Document
from irloom.data.dataset import Dataset
from irloom.data.named import load_dataset
from irloom.data.trec import read_run, write_run
from irloom.eval.bootstrap import Method
from irloom.eval.pages.browser import Fetch, Material
from irloom.eval.report import Report
from irloom.eval.report_files import write_formats, write_reports
from irloom.eval.report_reading import read_report
from irloom.indexing.collection import Collection
from irloom.pipelines.collection_place import collection_place, present
from irloom.pipelines.comparing import DEFAULT_MEASURES, read_runs, report_of
from irloom.pipelines.judgments import open_judgments

_NEED_DATA = {"html", "jsonl", "parquet"}


def rewrite_reports(folder: str | Path, *, formats: Sequence[str], dataset: str | None = None) -> list[Path]:
    """Writes the files of some formats again; numbers are those of `report.json`, none is computed anew.

    The texts of queries come from the dataset, those of documents from its collection in the cache, or else from its corpus.

    Args:
        folder: with `report.json` and `runs/SYSTEM.trec`; for several datasets their folders' parent.
        formats: out of `irloom.eval.report_files.FORMATS`.
        dataset: a name or a path, where the one that `report.json` names is not found any more.

    Returns:
        The files.

    Raises:
        DataError: there is no report with values per query, or the dataset is not there.
        UnknownName: a format or the dataset is unknown.
    """
    folder = Path(folder)
    places = [folder, *(path.parent for path in sorted(folder.glob("*/report.json")))] if _holds_several(folder) else [folder]
    return [path for place in places[len(places) > 1 :] for path in _rewrite(place, formats, dataset)]


def report_runs(
    runs: Sequence[str | Path],
    *,
    output: str | Path,
    qrels: str,
    split: str | None = None,
    measures: Sequence[str] = DEFAULT_MEASURES,
    baseline: str | None = None,
    method: Method = "percentile",
) -> Report:
    """Evaluates run files as `evaluate_runs` does, and leaves the files of a report as an experiment does, the runs with them.

    Queries and documents have their texts where the judgments are those of a dataset.

    Args:
        runs: TREC run files; each is a system named by its file's stem.
        output: the folder, made where it is missing.
        qrels: a file of judgments, or a dataset's name or folder.
        split: of the dataset; None for its protocol's.
        measures: as ir_measures spells them.
        baseline: the stem of the run that the others are compared with, or None.
        method: how intervals are read off the bootstrap, "percentile" or "bca".
    """
    folder = Path(output)
    check_target(folder / "report.json")
    judgments = open_judgments(qrels, split=split, measures=measures)
    kept, dataset = dict(read_runs(runs, judgments)), judgments.dataset
    report = report_of(kept.items(), judgments, measures=measures, baseline=baseline, method=method)
    queries = {query.id: query for query in dataset.all_queries()} if dataset is not None else {}
    for name, run in kept.items():
        write_run(run, folder / "runs" / f"{name}.trec", tag="_".join(name.split()) or "run")
    with ExitStack() as stack:
        fetch = _fetch(dataset, stack) if dataset is not None else None
        write_reports(folder, report, queries=queries, qrels=judgments.qrels, runs=kept, fetch=fetch, diagnoses={})
    return report


def _holds_several(folder: Path) -> bool:
    path = folder / "report.json"
    try:
        return path.is_file() and "datasets" in json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return False


def _rewrite(folder: Path, formats: Sequence[str], dataset: str | None) -> list[Path]:
    report = read_report(folder / "report.json")
    if not _NEED_DATA.intersection(formats):
        return write_formats(folder, report, Material({}, {}, {}), formats=formats)
    try:
        found = load_dataset(dataset or report.dataset)
    except DataError as error:
        if dataset is not None:
            raise
        problem = f"{folder / 'report.json'} names {report.dataset!r}, which is no dataset to take texts and judgments from"
        raise DataError(f"{problem} ({error}); name one with --dataset, or take --format markdown or latex") from None
    with ExitStack() as stack:
        return write_formats(folder, report, _material(folder, report, found, stack), formats=formats)


def _material(folder: Path, report: Report, dataset: Dataset, stack: ExitStack) -> Material:
    queries, qrels = {query.id: query for query in dataset.queries()}, dataset.qrels()
    unknown = [query_id for query_id in report.query_ids if query_id not in qrels]
    if unknown or not queries.keys() & set(report.query_ids):
        found = f"has no judgment of query {unknown[0]!r}" if unknown else "has none of the queries"
        raise DataError(f"dataset {dataset.name!r} {found} of {folder / 'report.json'}; name the right one with --dataset")
    files = {name: folder / "runs" / f"{name}.trec" for name in report.systems}
    gone = [str(path) for path in files.values() if not path.exists()]
    if gone:
        warnings.warn(f"{', '.join(gone)}: not there, so the page has no hits of that", UserWarning, stacklevel=4)
    runs = {name: read_run(path) for name, path in files.items() if path.exists()}
    return Material(queries, qrels, runs, _fetch(dataset, stack))


def _fetch(dataset: Dataset, stack: ExitStack) -> Fetch:
    place = collection_place(dataset)
    if place.exists():
        return present(stack.enter_context(Collection.open(place)))
    documents = _Lazily(dataset)
    return documents.fetch


class _Lazily:
    """The documents of a corpus that has no collection, read when the first is asked for."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._documents: dict[str, Document] = {}

    def fetch(self, doc_ids: Sequence[str]) -> list[Document]:
        """Those of the documents that there are."""
        self._documents = self._documents or {document.id: document for document in self._dataset.documents()}
        return [self._documents[doc_id] for doc_id in doc_ids if doc_id in self._documents]
