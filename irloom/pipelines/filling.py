"""The judgments of people, their holes filled by a model's labels, and beside them whose each one is; what `irloom fill` does."""

from dataclasses import dataclass
from pathlib import Path

from irloom.core.errors import BadValue, DataError
from irloom.core.files import check_target
from irloom.data.qrels import read_qrels, write_qrels
from irloom.pipelines.judgment_log import log_path, read_log
from irloom.pipelines.judgments import open_judgments
from irloom.pipelines.label_provenance import Source, model_labels, provenance_path, sources_of, write_provenance


@dataclass(frozen=True, slots=True)
class Filled:
    """What was put together.

    Attributes:
        human: how many judgments are people's.
        model: how many are the model's.
        judge: the model.
        judged: labels that were left out since people judged the pair.
        elsewhere: labels that were left out since people judged nothing of the query.
        unread: labels that were left out since the model's answer could not be read.
    """

    human: int
    model: int
    judge: str
    judged: int
    elsewhere: int
    unread: int


def fill(human: str, labels: str | Path, output: str | Path, *, split: str | None = None) -> Filled:
    """Writes the judgments of people and, where they judged a query but not a document, a model's label.

    Beside the file, as NAME.provenance.jsonl, stands whose each judgment is; it is written first, so that no label of a model ever
    stands without it. Labels that a model's answer did not give (they stand as 0 in its own file) are left out.

    Args:
        human: a file of judgments, or a dataset.
        labels: a file that `irloom judge --model` wrote, with its log beside it.
        output: the file to write; neither of the two that are read, and one that `fill` wrote where it is there already.
        split: of the dataset; None for its protocol's.

    Raises:
        BadValue: the output is one of the files that are read, holds judgments of another making, or is no plain file.
        DataError: a file cannot be read, the labels have no log, or are not a model's, or the judgments are not people's alone.
    """
    labels, output = Path(labels), Path(output)
    check_target(output)
    if output.exists() and (not output.is_file() or any(Path(place).is_file() and output.samefile(place) for place in (human, labels))):
        raise BadValue("output", str(output), "a plain file that is none of those that are read")
    if output.exists() and output.stat().st_size and not provenance_path(output).exists():  # a dataset's own, or what a person wrote
        raise BadValue("output", str(output), "a new file; this one holds what 'irloom fill' did not write")
    judgments = open_judgments(human, split=split)
    found = sources_of(Path(human)) if Path(human).is_file() else {}
    if model_labels(Path(human), judgments.qrels):
        raise DataError(f"{human} holds a model's labels already; give the file of people's judgments alone")
    own = _labels(labels)
    held: dict[str, dict[str, int]] = {query_id: dict(row) for query_id, row in judgments.qrels.items()}
    sources = [
        found.get((query_id, doc_id), Source(query_id, doc_id, grade, "human", judgments.name))
        for query_id, row in held.items()
        for doc_id, grade in row.items()
    ]
    human_count, judged, elsewhere, unread = len(sources), 0, 0, 0
    for one, is_read in own:
        judged += one.doc_id in judgments.qrels.get(one.query_id, {})
        elsewhere += one.query_id not in judgments.qrels
        if one.query_id not in judgments.qrels or one.doc_id in judgments.qrels[one.query_id]:
            continue
        if not is_read:
            unread += 1
            continue
        held[one.query_id][one.doc_id] = one.grade
        sources.append(one)
    write_provenance(output, sources)
    write_qrels(held, output)
    return Filled(human_count, len(sources) - human_count, own[0][0].judge, judged, elsewhere, unread)


def _labels(path: Path) -> list[tuple[Source, bool]]:
    """A model's labels, and whether each was read off its answer."""
    if provenance_path(path).exists() or not log_path(path).exists():
        raise DataError(f"{path} has no log of a model's labels beside it ({log_path(path).name}); 'irloom judge --model' writes one")
    given = {(one.query_id, one.doc_id): one for one in read_log(path)}
    if any(one.kind != "model" for one in given.values()) or not given:
        raise DataError(f"{path} holds no labels of a model; its log says that people gave them")
    if len({one.judge for one in given.values()}) > 1:
        raise DataError(f"{path} holds the labels of several models, which are never mixed")
    if {(query_id, doc_id) for query_id, row in read_qrels(path).items() for doc_id in row} != set(given):
        raise DataError(f"{path} and its log do not hold the same labels; run the same 'irloom judge' again, which mends that")
    return [
        (Source(one.query_id, one.doc_id, one.grade, "model", one.judge), one.detail.get("read") != "invalid") for one in given.values()
    ]
