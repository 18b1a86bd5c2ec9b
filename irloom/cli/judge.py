"""`irloom judge POOL --output QRELS`: documents to judge, one after the other, by a person or by a model."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from irloom.cli.endings import INTERRUPTED
from irloom.cli.keys import END, read_key, single_keys
from irloom.cli.screen import print_line, print_text, progress

if TYPE_CHECKING:
    from irloom.data.pool import PoolItem
    from irloom.pipelines.judging import Judging
    from irloom.pipelines.model_judge import ModelJudge


def register(root: typer.Typer) -> None:
    """Adds the command."""
    root.command(epilog="Example: irloom judge pool.jsonl --output alice.qrels --judge alice")(judge)


def judge(
    pool: Annotated[
        list[Path], typer.Argument(metavar="POOL", help="A pool that 'irloom pool' made; with --holes run files, whose holes are judged.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="The file of judgments to write; it is taken up again where it exists.")],
    name: Annotated[
        str | None, typer.Option("--judge", help="Who judges; each judge needs a file of their own.", show_default="anonymous")
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(help="Let a model judge: its folder, hub id or name; with --endpoint its name there.", show_default="you do"),
    ] = None,
    prompt: Annotated[str, typer.Option(help="How a model is asked: umbrela or llmjudge.")] = "umbrela",
    endpoint: Annotated[
        str | None, typer.Option(metavar="URL", help="An OpenAI-compatible server that has the model.", show_default="this machine")
    ] = None,
    samples: Annotated[int, typer.Option(min=1, help="Answers a document; the commonest grade counts.")] = 1,
    max_words: Annotated[
        int | None, typer.Option(min=1, help="Words of a document that a model reads at most.", show_default="all")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Another argument of the model, the value as YAML spells it; once or more."),
    ] = None,
    holes: Annotated[bool, typer.Option("--holes", help="Judge what the run files have first and --qrels does not judge.")] = False,
    qrels: Annotated[str | None, typer.Option("--qrels", help="With --holes: the judgments, or a dataset.")] = None,
    dataset: Annotated[str | None, typer.Option("--dataset", "-d", help="With --holes: whose texts are read.")] = None,
    depth: Annotated[int, typer.Option(min=1, help="With --holes: how many documents of each ranking.")] = 10,
) -> None:
    """Judge the documents of a pool, a key for each: 0 to 3, s to skip, b to go back, q to quit. Each judgment is kept at once."""
    from irloom.core.errors import BadValue
    from irloom.data.pool import read_pool
    from irloom.pipelines.open_judge import open_judge
    from irloom.pipelines.pooling import pool_holes
    from irloom.pipelines.reranking import read_settings

    if not holes and (len(pool) > 1 or qrels is not None or dataset is not None):
        raise BadValue("POOL", " ".join(map(str, pool)), "one pool; run files, --qrels and --dataset go with --holes")
    if holes and qrels is None:
        raise BadValue("--qrels", None, "the judgments whose holes are to be judged")
    if model is None and (endpoint is not None or samples > 1 or max_words is not None or settings):
        raise BadValue("--model", None, "a model, which --endpoint, --samples, --max-words and --set are for")
    if model is not None and name is not None:
        raise BadValue("--judge", name, "nothing beside --model: a model's labels bear its own name")
    with progress() as shown:
        items = pool_holes(pool, qrels=str(qrels), dataset=dataset, depth=depth, progress=shown) if holes else read_pool(pool[0])
    if not items:
        print_line("There are no holes: the judgments hold all that the runs have first.")
        return
    if model is None:
        _judge_by_keys(items, output, name or "anonymous")
        return
    own = read_settings(settings or ())
    _judge_by_model(items, output, open_judge(model, prompt=prompt, endpoint=endpoint, samples=samples, max_words=max_words, settings=own))


def _judge_by_model(items: "Sequence[PoolItem]", output: Path, judge: "ModelJudge") -> None:
    from irloom.pipelines.model_judging import ModelJudging, told

    with ModelJudging(items, output, judge=judge) as judging:
        try:
            with progress() as shown:
                judging.run(progress=shown)
        except BaseException:
            if judging.result.labels:
                sys.stderr.write(f"irloom: {judging.result.labels:,} labels are kept in {output}; the same command goes on from there\n")
            raise
        for line in told(judging.result, output):
            print_line(line)
        if judging.result.alarm:
            sys.stderr.write(f"irloom: {judging.result.alarm}\n")
        if judging.result.left:
            raise typer.Exit(1)


def _judge_by_keys(items: "Sequence[PoolItem]", output: Path, name: str) -> None:
    from irloom.pipelines.judging import Judging

    with Judging(items, output, judge=name) as judging, single_keys():
        interrupted = False
        try:
            while _ask(judging):
                pass
        except KeyboardInterrupt:
            interrupted = True
        print_line("")
        print_line(f"{len(judging.grades):,} judgments in {output}, {judging.left:,} documents of the pool left.")
    if interrupted:
        raise typer.Exit(INTERRUPTED)


def _ask(judging: "Judging") -> bool:
    """Shows the current document and does what the next key says; whether to go on."""
    item = judging.current
    if item is None:
        if judging.left:
            print_line(f"The end of the pool; {judging.left:,} were skipped and are asked next time. b goes back, any other key ends.")
        else:
            print_line("Everything is judged. b goes back, any other key ends.")
        return read_key() == "b" and judging.back()
    _show(judging, item)
    while True:
        key = read_key()
        if key in (END, "q"):
            return False
        if key in "0123":
            judging.give(int(key))
            return True
        if key == "s":
            judging.skip()
            return True
        if key == "b":
            return judging.back()
        print_line(f"{key!r} is no key here: 0 to 3, s, b or q.")


def _show(judging: "Judging", item: "PoolItem") -> None:
    from irloom.pipelines.judging import GRADES

    place, total = judging.place
    given = judging.grades.get((item.query_id, item.doc_id))
    print_line("")
    print_line(f"---- {place:,} of {total:,}, {judging.left:,} left" + (f"; judged {given} before" if given is not None else ""))
    print_text(f"QUERY {item.query_id}: {item.query or '(no text; make the pool with --dataset)'}")
    print_line("")
    print_text(f"DOCUMENT {item.doc_id}" + (f": {item.title}" if item.title else ""))
    print_text(item.text or "(no text; make the pool with --dataset)")
    print_line("")
    print_line("  ".join(f"{grade} {meaning}" for grade, meaning in GRADES.items()) + "  |  s skip  b back  q quit")
