"""Room on a disk in memory, where there is one, since an fsync there costs nothing; and the warm process."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.indexing.crash.deeds import prepare
from tests.indexing.crash.warm import Warm

_MEMORY = Path("/dev/shm")


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Path]:
    """An empty folder."""
    if not os.access(_MEMORY, os.W_OK):
        yield tmp_path
        return
    folder = Path(tempfile.mkdtemp(prefix="irloom-crash-", dir=_MEMORY))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def warm() -> Iterator[Warm]:
    """A process that has done everything once."""
    with Warm(prepare) as process:
        yield process
