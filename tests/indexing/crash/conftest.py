"""Room on a disk in memory, where there is one, since an fsync there costs nothing; and the warm processes."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from irloom.indexing.ann import segment
from tests.indexing.crash.deeds import prepare
from tests.indexing.crash.kinds import SMALL
from tests.indexing.crash.warm import Pool

_MEMORY = Path("/dev/shm")


@pytest.fixture(autouse=True)
def _small_segments_are_indexed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segment, "SMALL", SMALL)


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
def pool() -> Iterator[Pool]:
    """Processes that have done everything once."""
    with Pool(prepare) as processes:
        yield processes
