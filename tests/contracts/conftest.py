"""One small collection for all stages."""

import pytest

from irloom.indexing.collection import Collection
from tests.contracts.stages import write


@pytest.fixture(scope="session")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    return write(tmp_path_factory.mktemp("contracts") / "c")
