"""FAISS, and how many threads it uses."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from irloom.core.optional import require


def faiss() -> ModuleType:
    """The module.

    Raises:
        MissingExtra: it is not installed.
    """
    return require("faiss", extra="faiss", purpose="an approximate index")


@contextmanager
def threads(count: int) -> Iterator[ModuleType]:
    """FAISS with that many threads for what this thread asks of it; afterwards it has as many as before."""
    library = faiss()
    before = library.omp_get_max_threads()
    if before == count:
        yield library
        return
    library.omp_set_num_threads(count)
    try:
        yield library
    finally:
        library.omp_set_num_threads(before)
