"""Judgments as commands name them: a file of qrels, or a dataset with its protocol."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from irloom.core.errors import BadValue
from irloom.core.run import Run
from irloom.core.types import Qrels
from irloom.data.dataset import Dataset, Protocol
from irloom.data.intent_qrels import read_intent_qrels
from irloom.data.named import load_dataset
from irloom.data.qrels import read_qrels
from irloom.data.trec import read_run
from irloom.eval.measures.base import Measure
from irloom.eval.measures.intent_aware import IntentAware
from irloom.eval.measures.parse import parse_measure
from irloom.eval.self_hits import without_self_hits
from irloom.pipelines.label_provenance import model_labels


@dataclass(frozen=True, slots=True)
class Judgments:
    """Judgments, and how runs are held against them.

    Attributes:
        qrels: grades by query, then document.
        name: of the file or the dataset.
        protocol: the dataset's; the default one for a file.
        dataset: that they are of, or None where a file was named.
        models: how many of a file's judgments are a model's, by the model.
    """

    qrels: Qrels
    name: str
    protocol: Protocol
    dataset: Dataset | None
    models: Mapping[str, int] = field(default_factory=dict)

    def read_run(self, path: str | Path) -> Run:
        """A run file, without self hits where the protocol says so.

        Raises:
            DataError: it cannot be read.
        """
        run = read_run(path)
        return without_self_hits(run) if self.protocol.remove_self_hits else run


def open_judgments(qrels: str, *, split: str | None = None, measures: Sequence[str | Measure] = ()) -> Judgments:
    """Reads a file of judgments, or those of a dataset.

    Args:
        qrels: a file, or a dataset's name or folder.
        split: of the dataset; None for its protocol's.
        measures: what is to be measured; where one is by intent, a file's second column names the intent that a document is judged for.

    Raises:
        BadValue: a split is given with a file.
        UnknownName: the dataset, the split or a measure is unknown.
        DataError: the judgments cannot be read.
    """
    parsed = [parse_measure(measure) if isinstance(measure, str) else measure for measure in measures]
    path = Path(qrels)
    if path.is_file():
        if split is not None:
            raise BadValue("split", split, f"no split: {qrels} is a file of judgments, not a dataset")
        by_intent = any(isinstance(measure, IntentAware) for measure in parsed)
        held = read_intent_qrels(path) if by_intent else read_qrels(path)
        return Judgments(held, path.name, Protocol(), None, model_labels(path, held))
    dataset = load_dataset(qrels)
    return Judgments(dataset.qrels(split), dataset.name, dataset.protocol, dataset)
