"""The losses on the worked list: scores of A to D, the target order B > A > D > C, and graded labels."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from irloom.training.losses.lambdarank import lambdarank
from irloom.training.losses.listnet import listnet
from irloom.training.losses.ranknet import ranknet, weighted_ranknet

SCORES = (2.0, 0.5, 1.0, -1.0)
RANKS = (2, 1, 4, 3)
LABELS = (1, 0, 0, 2)
CASES = {
    "ranknet": (ranknet, RANKS, 0.894280),
    "weighted": (weighted_ranknet, RANKS, 0.196347),
    "listnet": (listnet, LABELS, 2.532555),
    "lambdarank": (lambdarank, LABELS, 0.422701),
}


@pytest.mark.parametrize("name", CASES)
def test_worked_values(name: str) -> None:
    loss, target, expected = CASES[name]
    assert loss(torch.tensor(SCORES), torch.tensor(target)).item() == pytest.approx(expected, abs=1e-5)


def test_weighted_times_ten() -> None:
    """FIRST's lambda; not 0.911223, which a division by the sum of weights would give."""
    assert 10 * weighted_ranknet(torch.tensor(SCORES), torch.tensor(RANKS)).item() == pytest.approx(1.963468, abs=1e-5)


def test_one_list_at_a_time() -> None:
    """Two lists of four: each has ranks of its own, so their mean is not the loss of one list of eight."""
    first, second = torch.tensor(SCORES), torch.tensor(SCORES[::-1])
    ranks = torch.tensor(RANKS)
    alone = (weighted_ranknet(first, ranks) + weighted_ranknet(second, ranks)) / 2
    assert alone.item() != pytest.approx(weighted_ranknet(torch.cat([first, second]), torch.cat([ranks, ranks + 4])).item(), abs=1e-2)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("count", [0, 1])
def test_short_lists_are_zero(name: str, count: int) -> None:
    """No pair: 0 with a gradient of 0, not NaN."""
    scores = torch.ones(count, requires_grad=True)
    value = CASES[name][0](scores, torch.ones(count, dtype=torch.long))
    value.backward()
    assert value.item() == 0
    assert scores.grad is not None
    assert not scores.grad.any()


@pytest.mark.parametrize("name", ["ranknet", "weighted", "lambdarank"])
def test_equal_targets_are_zero(name: str) -> None:
    scores = torch.tensor(SCORES, requires_grad=True)
    value = CASES[name][0](scores, torch.ones(4, dtype=torch.long))
    value.backward()
    assert value.item() == 0
    assert scores.grad is not None
    assert not scores.grad.any()


@pytest.mark.parametrize("name", CASES)
def test_gradients(name: str) -> None:
    """Against differences of h = 1e-4; a constant shift has none."""
    loss, target, _ = CASES[name]
    scores = torch.tensor(SCORES, dtype=torch.float64, requires_grad=True)
    labels = torch.tensor(target)
    (found,) = torch.autograd.grad(loss(scores, labels), scores)
    assert found.sum().item() == pytest.approx(0, abs=1e-9)
    for place in range(4):
        step = torch.zeros(4, dtype=torch.float64)
        step[place] = 1e-4
        with torch.no_grad():
            slope = (loss(scores + step, labels) - loss(scores - step, labels)) / 2e-4
        assert found[place].item() == pytest.approx(slope.item(), rel=1e-3, abs=1e-6)


@given(st.permutations(range(4)))
def test_permuting_documents_changes_nothing(order: list[int]) -> None:
    for loss, target, _ in CASES.values():
        scores, labels = torch.tensor(SCORES), torch.tensor(target)
        assert loss(scores[order], labels[order]).item() == pytest.approx(loss(scores, labels).item(), abs=1e-5)


def test_scale() -> None:
    """Larger gaps help where the order is right, and hurt where it is wrong; no score is too large."""
    right, wrong = torch.tensor([3.0, 2.0, 1.0]), torch.tensor([1.0, 2.0, 3.0])
    ranks = torch.tensor([1, 2, 3])
    assert ranknet(10 * right, ranks) < ranknet(right, ranks)
    assert ranknet(10 * wrong, ranks) > ranknet(wrong, ranks)
    assert torch.isfinite(ranknet(1e6 * wrong, ranks))
