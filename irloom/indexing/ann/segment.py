"""The index of one segment: built beside its vectors, with what segments share learnt where it is not there yet."""

from collections.abc import Sequence
from pathlib import Path

from irloom.core.errors import ShapeMismatch
from irloom.core.files import Progress, fsync_folder, make_folder, place_folder, remove_tree, sha256_of, short_hash, write_bytes
from irloom.indexing.ann.bits import Bits, build_bits
from irloom.indexing.ann.calibration import calibrate
from irloom.indexing.ann.choice import SMALL, choose
from irloom.indexing.ann.family import Family
from irloom.indexing.ann.graph import Graph, build_graph
from irloom.indexing.ann.lists import Lists, build_lists
from irloom.indexing.ann.recipe import NAME as RECIPE
from irloom.indexing.ann.recipe import Recipe
from irloom.indexing.ann.rows import Rows
from irloom.indexing.ann.training import train
from irloom.indexing.ann.wish import AnnWish
from irloom.indexing.vectors import NORMS

OUTGROWN = 4
"""How many times as many documents as were there when it was learnt make a merge learn it again."""


def write_segment(folder: Path, *, wish: AnnWish, trained: Path, work: Path, progress: Progress) -> None:
    """Indexes the vectors that lie in `folder`; a segment of few documents gets no index and is scanned.

    Args:
        folder: of the part in the segment, with its vectors.
        wish: what was asked of the part.
        trained: what the segments share, and where it is learnt into if it is empty.
        work: where a build that was killed finds what it had.
        progress: called as it goes.

    Raises:
        MissingExtra: FAISS is not installed.
        Corrupt: a file is damaged.
    """
    rows = Rows(folder)
    if wish.kind == "flat" or len(rows) < SMALL:
        return
    if not (trained / RECIPE).exists() and not _learn(rows, wish, trained, work):
        return
    recipe = Recipe.read(trained)
    if recipe.dim != rows.dim:
        raise ShapeMismatch("the vectors", expected=f"(n, {recipe.dim}), as those of the other segments", found=(len(rows), rows.dim))
    key = "ann-" + short_hash(sha256_of(folder / NORMS), (trained / RECIPE).read_text(), str(len(rows)))
    build = {"graph": build_graph, "lists": build_lists, "bits": build_bits}[recipe.kind.family]
    build(recipe, rows, folder, trained=trained, work=work, key=key, progress=progress)
    calibrate(recipe, open_family(recipe, trained, [folder], [len(rows)]), rows).write(folder)


def outgrown(trained: Path, documents: int) -> bool:
    """Whether that many documents are too many for what was learnt from the first, so that a merge learns it again.

    Raises:
        Corrupt: what was learnt is damaged.
    """
    return documents >= OUTGROWN * Recipe.read(trained).documents


def open_family(recipe: Recipe, trained: Path, folders: Sequence[Path], documents: Sequence[int]) -> Family:
    """The indexes of some segments.

    Raises:
        Corrupt: a file is missing or damaged.
        MissingExtra: FAISS is not installed.
    """
    if recipe.kind.family == "graph":
        return Graph(recipe, trained, folders)
    return Lists(recipe, trained, folders, documents) if recipe.kind.family == "lists" else Bits(recipe, trained, folders, documents)


def _learn(rows: Rows, wish: AnnWish, trained: Path, work: Path) -> bool:
    """Learns what segments share by way of `work`, where a build that is killed afterwards finds it; False where the rule says to scan."""
    name = choose(len(rows), rows.dim, wish)
    if name == "flat":
        return False
    recipe = Recipe.of(name, dim=rows.dim, documents=len(rows), recall=wish.recall)
    made = work / f"learnt-{short_hash(sha256_of(rows.path.with_name(NORMS)), repr(recipe))}"
    if not made.exists():
        beside = made.with_name(f"{made.name}.tmp")
        if beside.exists():
            remove_tree(beside)
        make_folder(beside)
        train(recipe, rows, beside)
        fsync_folder(beside)
        place_folder(beside, made)
    for path in sorted(made.iterdir()):
        write_bytes(trained / path.name, path.read_bytes())
    return True
