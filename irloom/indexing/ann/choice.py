"""The rule that chooses a kind from the number of vectors, the memory and the recall wanted."""

import logging
import os

from irloom.indexing.ann.kinds import KINDS
from irloom.indexing.ann.wish import AnnWish

logger = logging.getLogger(__name__)

SMALL = 10_000
"""Segments of fewer documents are scanned: that takes about a millisecond, and finds everything."""
FEW = 20_000
"""The same for "auto"."""
MANY = 4_000_000
"""Vectors above which a graph takes hours to build."""


def choose(documents: int, dim: int, wish: AnnWish) -> str:
    """The name of a kind, or "flat".

    - fewer than FEW documents: "flat", an exact scan;
    - "hnsw" where vectors and links fit in the memory, and MANY are not exceeded: the fastest at equal recall;
    - "hnsw-sq8" where its codes and links fit;
    - "ivf-pq-fs" where its codes fit and the recall wanted is 0.99 at most;
    - "ivf", whose lists stay on disk, else.

    Args:
        documents: how many vectors there are.
        dim: their width.
        wish: kind, recall and memory.
    """
    if wish.kind != "auto":
        return wish.kind
    memory = wish.memory if wish.memory is not None else machine_memory() // 2
    name = _fitting(documents, dim, memory, wish.recall)
    need = documents * KINDS[name].bytes_of(dim) if name in KINDS else documents * dim * 4
    logger.info(
        "faiss: auto takes %s for %d vectors of %d numbers: %s need of %s memory, recall %.2f wanted",
        name,
        documents,
        dim,
        _size(need),
        _size(memory),
        wish.recall,
    )
    return name


def _fitting(documents: int, dim: int, memory: int, recall: float) -> str:
    if documents < FEW:
        return "flat"
    fitting = [name for name in ("hnsw", "hnsw-sq8", "ivf-pq-fs") if documents * KINDS[name].bytes_of(dim) <= memory]
    if documents > MANY:
        fitting = [name for name in fitting if not name.startswith("hnsw")]
    if recall > 0.99:
        fitting = [name for name in fitting if name != "ivf-pq-fs"]
    return fitting[0] if fitting else "ivf"


def machine_memory() -> int:
    """Bytes of memory that the machine has."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
