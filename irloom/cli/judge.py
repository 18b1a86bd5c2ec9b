"""`irloom judge POOL --output QRELS`: documents to judge, one after the other."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from irloom.cli.endings import INTERRUPTED
from irloom.cli.keys import END, read_key, single_keys
from irloom.cli.screen import print_line, print_text

if TYPE_CHECKING:
    from irloom.data.pool import PoolItem
    from irloom.pipelines.judging import Judging


def register(root: typer.Typer) -> None:
    """Adds the command."""
    root.command(epilog="Example: irloom judge pool.jsonl --output alice.qrels --judge alice")(judge)


def judge(
    pool: Annotated[Path, typer.Argument(help="A pool that 'irloom pool' made.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The file of judgments to write; it is taken up again where it exists.")],
    name: Annotated[str, typer.Option("--judge", help="Who judges; each judge needs a file of their own.")] = "anonymous",
) -> None:
    """Judge the documents of a pool, a key for each: 0 to 3, s to skip, b to go back, q to quit. Each judgment is kept at once."""
    from irloom.pipelines.judging import open_judging

    with open_judging(pool, output=output, judge=name) as judging, single_keys():
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
