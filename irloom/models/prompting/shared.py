"""Token rows that begin alike: what they share is read once, whatever it is, and each row's own end on top of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from irloom.models.decoders.prefix import Prefix
from irloom.models.prompting.prefix_store import Prefill, PrefixStore, common

Ids = NDArray[np.int64]
Read: TypeAlias = Callable[[Sequence[Ids], Prefix | None], NDArray[np.float32]]
"""Ends of rows on a prefix to one float32 row of numbers each."""

LEAST_SAVED = 64
"""Tokens that a prefix must save to be worth a pass of its own."""
MOST_LEVELS = 8
"""Prefixes on prefixes."""


@dataclass(frozen=True, slots=True)
class Node:
    """Rows that go on from one prefix: `start` to `end` is what they share, `tails` rows that end alone, `children` those that share more.

    Attributes:
        start: where the shared tokens begin in each row.
        end: where they end.
        tails: places of rows.
        children: further nodes.
    """

    start: int
    end: int
    tails: list[int] = field(default_factory=list)
    children: list["Node"] = field(default_factory=list)

    @property
    def first(self) -> int:
        """The place of one of its rows."""
        return self.tails[0] if self.tails else self.children[0].first


def shared_tree(rows: Sequence[Ids]) -> Node:
    """The prefixes that are worth reading once, for rows in lexicographic order.

    >>> tree = shared_tree([np.array([*range(100), end]) for end in (1, 2)])
    >>> tree.start, tree.end, tree.tails
    (0, 100, [0, 1])
    """
    return _node(rows, range(len(rows)), 0, MOST_LEVELS)


def _node(rows: Sequence[Ids], places: Sequence[int], start: int, levels: int) -> Node:
    end = start + common(rows[places[0]][start:], rows[places[-1]][start:])
    if (len(places) - 1) * (end - start) < LEAST_SAVED:
        end = start
    node = Node(start, end)
    _fill(node, rows, places, end, levels)
    return node


def _fill(node: Node, rows: Sequence[Ids], places: Sequence[int], alike: int, levels: int) -> None:
    """Puts rows below a node that they go on from, parted where they differ.

    Args:
        node: gets tails and children.
        rows: in lexicographic order.
        places: which of them.
        alike: how far they are alike: to the node's end, or behind it by too little to be worth a child.
        levels: how many nodes may stand on each other.
    """
    for _, group in groupby(places, key=lambda place: int(rows[place][alike]) if len(rows[place]) > alike else -1):
        members = list(group)
        end = alike + common(rows[members[0]][alike:], rows[members[-1]][alike:])
        if levels > 1 and (len(members) - 1) * (end - node.end) >= LEAST_SAVED:
            node.children.append(_node(rows, members, node.end, levels - 1))
        elif levels > 1 and len(members) > 1:
            _fill(node, rows, members, end, levels)  # what they share is not worth a pass; what some of them share behind it may be
        else:
            node.tails.extend(members)


def read_shared(rows: Sequence[Ids], prefill: Prefill, read: Read, *, width: int, kept: PrefixStore | None = None) -> NDArray[np.float32]:
    """Numbers of each row, equal rows read once.

    Args:
        rows: int64 token ids.
        prefill: tokens to a prefix.
        read: what is read behind each row.
        width: numbers of a row.
        kept: prefixes of earlier calls, to go on from.

    Returns:
        float32 (n, width).
    """
    keys = [row.astype(">i8").tobytes() for row in rows]  # bytes of big-endian numbers sort as the numbers do
    order = sorted(range(len(rows)), key=keys.__getitem__)
    firsts = [place for before, place in zip([None, *order], order, strict=False) if before is None or keys[before] != keys[place]]
    if not firsts:
        return np.empty((0, width), np.float32)
    distinct = [rows[place] for place in firsts]
    begin = prefill if kept is None else partial(kept.reach, prefill=prefill)
    found = np.empty((len(distinct), width), np.float32)
    if kept is not None and len(distinct) == 1 and len(distinct[0]) > 1:
        (row,) = distinct  # kept for those that come, all but its end
        found[:] = read([row[-1:]], begin(row[:-1]))
    else:
        _read_node(distinct, shared_tree(distinct), None, begin, read, found)
    where = {keys[place]: number for number, place in enumerate(firsts)}
    return found[[where[key] for key in keys]]


def _read_node(rows: Sequence[Ids], node: Node, before: Prefix | None, prefill: Prefill, read: Read, out: NDArray[np.float32]) -> None:
    shared = rows[node.first][node.start : node.end]
    prefix = before
    if len(shared):
        prefix = prefill(shared) if before is None else before.extended(shared)
    if node.tails:
        out[node.tails] = read([rows[place][node.end :] for place in node.tails], prefix)
    if prefix is None:  # what a store keeps is reached one after the other
        for child in node.children:
            _read_node(rows, child, None, prefill, read, out)
        return
    from irloom.models.networks.threads import for_each  # imports torch, which whoever made the prefix has done

    for_each(lambda child: _read_node(rows, child, prefix, prefill, read, out), node.children, device=prefix.device)
