"""The rule that chooses a kind."""

import logging

import pytest

from irloom.indexing.ann import choice
from irloom.indexing.ann.choice import choose, machine_memory
from irloom.indexing.ann.wish import AnnWish

GB = 10**9


@pytest.fixture(autouse=True)
def _as_shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "FEW", 20_000)


@pytest.mark.parametrize(
    ("documents", "memory", "recall", "expected"),
    [
        (19_999, 100 * GB, 0.95, "flat"),
        (20_000, 100 * GB, 0.95, "hnsw"),
        (1_000_000, 1_808_000_000, 0.95, "hnsw"),  # 4 * 384 for the vector, 272 for its links
        (1_000_000, 1_807_999_999, 0.95, "hnsw-sq8"),
        (1_000_000, 655_999_999, 0.95, "ivf-pq-fs"),
        (1_000_000, 655_999_999, 0.995, "ivf"),
        (1_000_000, 103_999_999, 0.95, "ivf"),
        (4_000_001, 100 * GB, 0.95, "ivf-pq-fs"),  # a graph would take hours
    ],
)
def test_rule(documents: int, memory: int, recall: float, expected: str) -> None:
    assert choose(documents, 384, AnnWish(recall=recall, memory=memory)) == expected


def test_a_kind_that_is_named_is_taken() -> None:
    assert choose(10, 384, AnnWish("ivf-pq")) == "ivf-pq"


def test_the_choice_is_told(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        choose(1_000_000, 384, AnnWish(memory=2 * GB))
        choose(100, 384, AnnWish())
    assert "auto takes hnsw for 1000000 vectors of 384 numbers: 1.8 GB need of 2.0 GB memory, recall 0.95 wanted" in caplog.text
    assert "auto takes flat for 100 vectors of 384 numbers: 0 MB need" in caplog.text
    assert machine_memory() > GB
