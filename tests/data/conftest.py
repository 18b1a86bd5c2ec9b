"""A server of files on loopback."""

from collections.abc import Iterator

import pytest

from tests.serving import Served, serving


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """The server; no proxy stands before it, and the network is not forbidden."""
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.delenv("IRLOOM_OFFLINE", raising=False)
    monkeypatch.delenv("IRLOOM_MIRRORS", raising=False)
    with serving() as found:
        yield found
