"""What every test gets: no network, a cache of its own, one thread for BLAS, and data where it is there."""

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("irloom", deadline=None)  # how long an example takes says more of the machine than of the code
settings.load_profile("irloom")

os.environ.setdefault("OMP_NUM_THREADS", "1")  # arrays this small gain nothing from more threads, which wait for each other
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

_LOCAL = ("127.0.0.1", "::1", "localhost")


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Collections that tests build lie in a folder that goes with the session."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IRLOOM_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(autouse=True, scope="session")
def _interrupts() -> None:
    """A shell that puts the tests in the background has SIGINT ignored; tests of Ctrl-C, and the processes that they start, take it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    """Connections to other machines are refused; loopback serves tests of endpoints."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and isinstance(address, tuple) and address[0] not in _LOCAL:
            raise AssertionError(f"a test reached for the network: {address}")
        connect(self, address)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield


@pytest.fixture(scope="session")
def data_root() -> Path:
    """The folder of the named datasets; the test is skipped where IRLOOM_DATA names none."""
    root = os.environ.get("IRLOOM_DATA", "")
    if not root or not Path(root).is_dir():
        pytest.skip("IRLOOM_DATA names no folder of datasets")
    return Path(root)
