"""`irloom diagnose RUN... --qrels FILE_OR_DATASET`: why a system lost, query by query."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from irloom.cli.screen import print_json, print_line, print_table, progress

if TYPE_CHECKING:
    from irloom.eval.diagnosis import Diagnosis, QueryDiagnosis
    from irloom.pipelines.diagnosing import Diagnosed

_SHOWN_TEXT = 90


def register(root: typer.Typer) -> None:
    """Adds the command."""
    root.command(epilog="Example: irloom diagnose bm25.trec reranked.trec --qrels scifact --read 100")(diagnose)


def diagnose(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="The stages' run files in their order; the last is the system's.")],
    qrels: Annotated[str, typer.Option("--qrels", help="A file of judgments, or a dataset.")],
    split: Annotated[str | None, typer.Option(help="The dataset's split.", show_default="the dataset's own")] = None,
    dataset: Annotated[str | None, typer.Option("--dataset", "-d", help="Where texts are, if --qrels is a file.")] = None,
    measure: Annotated[str, typer.Option("--measure", "-m", help="What counts; its cut is the cut of the diagnosis.")] = "nDCG@10",
    fusion: Annotated[bool, typer.Option("--fusion", help="The last run is a fusion of the others.")] = False,
    read: Annotated[
        int | None, typer.Option(min=1, help="How many documents of a ranking the next stage reads.", show_default="all")
    ] = None,
    peer: Annotated[list[Path] | None, typer.Option(help="Another system's run; helps to find likely false negatives.")] = None,
    similarity: Annotated[float, typer.Option(min=0, max=1, help="From which documents are near-duplicates; 0 not to compare them.")] = 0.8,
    top: Annotated[int, typer.Option(min=1, help="How deep systems agree on a likely false negative.")] = 1,
    systems: Annotated[int, typer.Option(min=2, help="How many systems must.")] = 2,
    show: Annotated[int, typer.Option(min=0, help="How many of the worst and of the best queries are shown.")] = 5,
    per_query: Annotated[
        Path | None, typer.Option(help="JSONL to write: each query with its documents' ranks and fates.", show_default="none")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Say why a system lost: ceilings of its stages, causes by query, the worst and the best queries."""
    from irloom.core.files import check_target
    from irloom.pipelines.diagnosing import diagnose_files, write_queries

    if per_query is not None:
        check_target(per_query)
    with progress() as shown:
        done = diagnose_files(
            runs,
            qrels=qrels,
            split=split,
            dataset=dataset,
            measure=measure,
            fusion=fusion,
            read=read,
            peers=peer or (),
            similarity=similarity,
            top=top,
            systems=systems,
            progress=shown,
        )
    if per_query is not None:
        write_queries(done, per_query)
    if as_json:
        print_json(done.diagnosis.to_json())
    else:
        _print(done, show)


def _print(done: "Diagnosed", show: int) -> None:
    from irloom.eval.diagnosis import CAUSES

    diagnosis = done.diagnosis
    _print_ceilings(diagnosis)
    total = len(diagnosis.queries)
    counted = [cause for cause in CAUSES if cause != "near_duplicates" or done.looked_for_duplicates]
    rows = [[cause, f"{diagnosis.counts[cause]}", f"{diagnosis.counts[cause] / total:.0%}", CAUSES[cause]] for cause in counted]
    print_table(["cause", "queries", "of all", "what it means"], rows, right=(1, 2))
    fates = ", ".join(f"{count} {fate}" for fate, count in diagnosis.documents.items())
    print_line(f"{sum(diagnosis.documents.values())} relevant documents: {fates}; {diagnosis.judged:.1%} of those shown are judged.")
    if not done.looked_for_duplicates:
        print_line("Documents were not compared, so near-duplicates are not counted; --dataset names where their texts are.")
    if show:
        _print_queries(f"worst by {diagnosis.measure}", diagnosis.worst(show), done)
        _print_queries(f"best by {diagnosis.measure}", diagnosis.best(show), done)


def _print_ceilings(diagnosis: "Diagnosis") -> None:
    rows = [[stage.stage, str(stage.depth), f"{stage.recall:.3f}", f"{stage.best:.3f}"] for stage in diagnosis.ceilings]
    print_table(["stage", "depth", "recall there", f"{diagnosis.measure} at best after it"], rows, right=(1, 2, 3))


def _print_queries(title: str, queries: "Sequence[QueryDiagnosis]", done: "Diagnosed") -> None:
    names = [stage.stage for stage in done.diagnosis.ceilings]
    rows = []
    for query in queries:
        text = done.texts.get(query.query_id, "")
        cut = text if len(text) <= _SHOWN_TEXT else text[: _SHOWN_TEXT - 3] + "..."
        rows.append([query.query_id, f"{query.value:.3f}", ", ".join(query.causes), _path(query, names), cut])
    print_table([title, "value", "causes", "first relevant document, rank by stage", "text"], rows, right=(1,))


def _path(query: "QueryDiagnosis", names: Sequence[str]) -> str:
    """The ranks of the relevant document that came nearest to the top."""
    if not query.relevant:
        return ""
    nearest = min(query.relevant, key=lambda document: min((rank for rank in document.ranks if rank is not None), default=2**31))
    ranks = (f"{name} {'-' if rank is None else rank}" for name, rank in zip(names, nearest.ranks, strict=True))
    return f"{nearest.doc_id}: {', '.join(ranks)}"
