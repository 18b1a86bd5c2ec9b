"""What each stage of a system gives: for recall ceilings and for diagnosis."""

from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter

from irloom.core.run import Run
from irloom.core.stage import Pipeline, Retriever
from irloom.core.types import Query
from irloom.eval.diagnosis import StageRun
from irloom.pipelines.shared import Shared


def stage_runs(retriever: Retriever, queries: Sequence[Query], *, k: int) -> tuple[StageRun, ...]:
    """The stages' runs, first to last: of a pipeline its steps, of a fusion its components and then itself, else one.

    Pipelines and fusions inside of others are taken apart too. Where systems share their runs, none is made a second time.

    Args:
        retriever: the system.
        queries: what is asked.
        k: how many documents the last stage returns.

    Returns:
        Each stage's name, run and own seconds, with the places of the stages that it reads, and what the next one reads of it.
    """
    found: list[StageRun] = []
    _add(found, retriever, queries, k)
    return tuple(found)


def _add(found: list[StageRun], retriever: Retriever, queries: Sequence[Query], k: int) -> float:
    """Adds a retriever's stages and returns the seconds of all of them."""
    stage = retriever.inner if isinstance(retriever, Shared) else retriever
    if isinstance(stage, Pipeline):
        return _add_pipeline(found, retriever, stage, queries, k)
    of = getattr(stage, "of", ())
    depth = getattr(stage, "depth", k)
    spent, places = 0.0, []
    for component in of:
        spent += _add(found, component, queries, depth)
        found[-1] = replace(found[-1], read=depth)
        places.append(len(found) - 1)
    run, seconds = _made(retriever, queries, k)
    found.append(StageRun(_name(retriever), run, max(0.0, seconds - spent), tuple(places)))
    return max(seconds, spent)


def _add_pipeline(found: list[StageRun], retriever: Retriever, pipeline: Pipeline, queries: Sequence[Query], k: int) -> float:
    wanted = [k]
    for reranker in reversed(pipeline.rerankers):
        wanted.append(max(wanted[-1], reranker.depth) if k else 0)
    wanted.reverse()
    spent = _add(found, pipeline.retriever, queries, wanted[0])
    for reranker, asked in zip(pipeline.rerankers, wanted[1:], strict=True):
        before = found[-1] = replace(found[-1], read=reranker.depth)
        if isinstance(retriever, Shared) and reranker is pipeline.rerankers[-1]:
            run, seconds = _made(retriever, queries, k)
            own = max(0.0, seconds - spent)
        else:
            start = perf_counter()
            run = reranker.rerank(queries, before.run, k=asked)
            own = perf_counter() - start
        found.append(StageRun(reranker.label.removesuffix("Reranker").lower(), run, own, (len(found) - 1,), reranks=True))
        spent += own
    return spent


def _made(retriever: Retriever, queries: Sequence[Query], k: int) -> tuple[Run, float]:
    if isinstance(retriever, Shared):
        made = retriever.runs.make(retriever.inner, queries, k=k)
        return made.run, made.seconds
    start = perf_counter()
    run = retriever.retrieve(queries, k=k)
    return run, perf_counter() - start


def _name(retriever: Retriever) -> str:
    return (retriever.name if isinstance(retriever, Shared) else "") or retriever.label.lower()
