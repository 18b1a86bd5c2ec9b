"""FAISS for small segments too, on one thread; tests are skipped where it is not installed."""

import pytest

from irloom.indexing.ann import choice, index, segment, training

faiss = pytest.importorskip("faiss", reason="the extra faiss is not installed")

SMALL = 300


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    faiss.omp_set_num_threads(1)
    monkeypatch.setattr(choice, "FEW", SMALL)
    monkeypatch.setattr(segment, "SMALL", SMALL)
    monkeypatch.setattr(index, "SMALL", 20)
    monkeypatch.setattr(training, "SAMPLE", 600)
