"""From the stages of a system to what its rerankers did, each held against the first stage and against the run that it was given."""

from collections.abc import Sequence
from dataclasses import replace

from irloom.core.notes import NOTES
from irloom.core.types import Qrels
from irloom.eval.bootstrap import Method
from irloom.eval.diagnosis import StageRun
from irloom.eval.measures.base import Measure
from irloom.eval.reranked import Reranked, against, reranked


def rerankers_of(
    stages: Sequence[StageRun],
    qrels: Qrels,
    measures: Sequence[str | Measure],
    *,
    judgments: str,
    min_grade: int = 1,
    method: Method = "percentile",
) -> list[Reranked]:
    """What each reranker among the stages did; a retriever that notes what it did is there too, held against nothing.

    Args:
        stages: of one system, in their order.
        qrels: grades by query, then document.
        measures: by which runs are compared.
        judgments: what the judgments are, such as "scifact test".
        min_grade: the lowest grade that is relevant to a binary measure that names none itself.
        method: how intervals are read off the bootstrap.
    """
    found = []
    for place, stage in enumerate(stages):
        if not stage.reranks and not any(name in NOTES for name in stage.run.notes):
            continue
        did = reranked(stage.name, stage.run, seconds=stage.seconds)
        if stage.reranks:
            given = _given(stages, place)
            first = given
            while stages[first].reranks:
                first = _given(stages, first)
            compared = [
                one
                for other in dict.fromkeys((first, given))
                for one in against(stages[other].name, stages[other].run, stage.run, qrels, measures, min_grade=min_grade, method=method)
            ]
            judged = sum(query_id in stage.run for query_id in qrels)
            did = replace(did, judgments=judgments, judged=judged, against=tuple(compared))
        found.append(did)
    return found


def _given(stages: Sequence[StageRun], place: int) -> int:
    """The place of the stage whose run a reranker takes."""
    inputs = stages[place].inputs
    return inputs[0] if inputs else place - 1
