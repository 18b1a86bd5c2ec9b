"""How many threads."""

import pytest

from irloom.core.errors import BadValue
from irloom.indexing.processors import processors, thread_count


def test_what_was_asked_for_or_all() -> None:
    assert thread_count(3) == 3
    assert thread_count(None) == processors() >= 1
    with pytest.raises(BadValue, match="threads is 0; expected 1 or more"):
        thread_count(0)
