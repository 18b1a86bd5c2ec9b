"""`irloom migrate COLLECTION --encoder MODEL`: a dense part moves to another model."""

from typing import TYPE_CHECKING, Annotated

import typer

from irloom.cli.compare import print_changes, print_gates
from irloom.cli.endings import FAILED
from irloom.cli.growth import CollectionPath
from irloom.cli.screen import print_json, print_line, print_table, progress

if TYPE_CHECKING:
    from irloom.pipelines.migrating import Migration
    from irloom.pipelines.shadow_evaluation import ShadowEvaluation


def register(root: typer.Typer) -> None:
    """Adds the command."""
    root.command(epilog="Example: irloom migrate collections/scifact --encoder BAAI/bge-small-en-v1.5 --qrels scifact")(migrate)


def migrate(
    collection: CollectionPath,
    encoder: Annotated[str | None, typer.Option(help="The new model: a folder, a hub id, or a short name such as minilm.")] = None,
    part: Annotated[str | None, typer.Option(help="The dense part that moves.", show_default="the only one")] = None,
    queries: Annotated[
        str | None, typer.Option("--queries", "-q", help="Queries to ask both, such as logged ones: JSONL, TSV, or a dataset.")
    ] = None,
    qrels: Annotated[str | None, typer.Option("--qrels", help="Judgments of them: a file, or a dataset, whose queries are asked.")] = None,
    split: Annotated[str | None, typer.Option(help="The dataset's split.", show_default="the dataset's own")] = None,
    measure: Annotated[list[str] | None, typer.Option("--measure", "-m", help="Such as nDCG@10, R@100, RR@10, AP.")] = None,
    gate: Annotated[
        list[str] | None, typer.Option("--gate", "-g", help="What the new model must keep, such as 'nDCG@10 >= base - 0.005'.")
    ] = None,
    k: Annotated[int, typer.Option("-k", "--k", min=1, help="How deep the rankings are held against each other.")] = 10,
    swap: Annotated[bool, typer.Option("--swap", help="Put the new vectors in place, in one commit, unless a gate fails.")] = False,
    abandon: Annotated[bool, typer.Option("--abandon", help="Remove the new vectors instead.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Build a dense part anew with another model beside the old one, judge it, and put it in place."""
    from irloom.core.errors import BadValue
    from irloom.pipelines import migrating
    from irloom.pipelines.shadow_evaluation import read_question

    if abandon:
        if encoder is not None or swap:
            raise BadValue("--abandon", True, "nothing beside it but the part")
        print_line(f"removed part {migrating.abandon(collection, part=part)} of {collection}")
        return
    if encoder is None:
        raise BadValue("--encoder", None, "the model that the part moves to")
    question = read_question(queries=queries, qrels=qrels, split=split, measures=measure or (), gates=gate or (), k=k)
    with progress() as shown:
        done = migrating.migrate(collection, encoder=encoder, part=part, question=question, swap=swap, progress=shown)
    if as_json:
        print_json(done.to_json())
    else:
        _report(done)
    if not done.passed:
        raise typer.Exit(FAILED)


def _report(done: "Migration") -> None:
    if done.made:
        print_line(f"made part {done.shadow} over {done.documents:,} documents in {done.path}")
    else:
        print_line(f"part {done.shadow} is in {done.path} already; nothing was built")
    if done.evaluation is not None:
        _print_evaluation(done.evaluation)
    if done.swapped:
        print_line(f"swapped: part {done.part} has the new vectors; the old ones are gone")
    elif not done.passed:
        print_line(f"nothing was swapped: a gate failed; part {done.part} is as it was, and --abandon removes {done.shadow}")
    else:
        print_line(f"part {done.part} is as it was; the same command with --swap puts {done.shadow} in its place")


def _print_evaluation(evaluation: "ShadowEvaluation") -> None:
    rows = [[_TITLES[name], f"{found.mean:.4f}", f"[{found.low:.4f}, {found.high:.4f}]"] for name, found in evaluation.likeness.items()]
    print_table([f"old against new at {evaluation.k}, {evaluation.queries:,} queries", "mean", "95%"], rows, right=range(1, 3))
    if evaluation.changes:
        print_changes(evaluation.changes, test="t")
        print_gates(evaluation.gates)


_TITLES = {"overlap": "overlap", "rbo": "rank-biased overlap", "tau": "Kendall's tau of what both found"}
