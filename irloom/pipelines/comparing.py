"""Run files and judgments to a report: what `irloom evaluate` does."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from irloom.core.errors import BadValue, DataError
from irloom.core.run import Run
from irloom.eval.bootstrap import Method
from irloom.eval.evaluate import evaluate
from irloom.eval.judged import no_shared_query
from irloom.eval.report import Report, make_report
from irloom.pipelines.judgments import Judgments, open_judgments
from irloom.pipelines.label_provenance import told

DEFAULT_MEASURES = ("nDCG@10", "R@100")


def evaluate_runs(
    runs: Sequence[str | Path],
    *,
    qrels: str,
    split: str | None = None,
    measures: Sequence[str] = DEFAULT_MEASURES,
    baseline: str | None = None,
    method: Method = "percentile",
) -> Report:
    """Evaluates run files side by side; each is a system named by its file's stem.

    Args:
        runs: TREC run files.
        qrels: a file of judgments, or a dataset's name or folder.
        split: of the dataset; None for its protocol's.
        measures: as ir_measures spells them.
        baseline: the stem of the run that the others are compared with, or None.
        method: how intervals are read off the bootstrap, "percentile" or "bca".

    Raises:
        BadValue: two files share a stem, or a split is given with a file.
        UnknownName: a measure, a split or the dataset is unknown.
        DataError: a file cannot be read, or a run shares no query with the judgments.
    """
    judgments = open_judgments(qrels, split=split, measures=measures)
    return report_of(read_runs(runs, judgments), judgments, measures=measures, baseline=baseline, method=method)


def read_runs(runs: Iterable[str | Path], judgments: Judgments) -> Iterator[tuple[str, Run]]:
    """Each run file by its stem, one at a time.

    Raises:
        BadValue: two files share a stem.
        DataError: a file cannot be read, or a run shares no query with the judgments.
    """
    stems: set[str] = set()
    for path in runs:
        stem = run_name(path)
        if stem in stems:
            raise BadValue("runs", str(path), f"files of different names, since each is a system of its own; {stem!r} is there twice")
        stems.add(stem)
        run = judgments.read_run(path)
        if not any(query_id in judgments.qrels for query_id in run):
            raise DataError(f"{path}: {no_shared_query(run, judgments.qrels)}")
        yield stem, run


def report_of(
    runs: Iterable[tuple[str, Run]],
    judgments: Judgments,
    *,
    measures: Sequence[str],
    baseline: str | None,
    method: Method,
) -> Report:
    """The report of runs by name, held against judgments; see `evaluate_runs`."""
    least = judgments.protocol.min_grade
    evaluations = {name: evaluate(run, judgments.qrels, measures, min_grade=least) for name, run in runs}
    total = sum(map(len, judgments.qrels.values()))
    facts = {"labels of models": told(judgments.models, total)} if judgments.models else {}
    return make_report(evaluations, dataset=judgments.name, baseline=baseline, min_grade=least, method=method, facts=facts)


def run_name(path: str | Path) -> str:
    """The stem of a run file: its name without `.gz` and without the last suffix."""
    name = Path(path).name.removesuffix(".gz")
    return Path(name).stem
