"""The loop by itself, on a model of one embedding."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch

from irloom.core.errors import BadValue, IrloomError, ModelError
from irloom.training.loop import Loop, Optimiser, Part
from irloom.training.objective import Measured


class Point(torch.nn.Module):
    """A table of one row, and a weight."""

    def __init__(self) -> None:
        super().__init__()
        self.table, self.weight = torch.nn.Embedding(1, 2), torch.nn.Parameter(torch.ones(2))
        torch.nn.init.zeros_(self.table.weight)

    def get_input_embeddings(self) -> torch.nn.Module:
        return self.table


def parts_of(model: Point, *, nan_at: frozenset[int] = frozenset()) -> Callable[[int], Sequence[Part]]:
    def part(step: int, number: int) -> Part:
        def compute() -> Measured:
            loss = ((model.weight - number) ** 2).sum() + (model.table.weight - 1).pow(2).sum()
            loss = loss * float("nan") if step in nan_at else loss
            return Measured(loss, {"distance": float(loss.detach())})

        return compute

    return lambda step: [part(step, number) for number in (2, 4)]


def test_parts_are_averaged(tmp_path: Path) -> None:
    """The parts pull to 2 and 4, so their mean to 3; the table, at a tenth of the rate, lags behind."""
    model = Point()
    done = Loop(model, Optimiser(rate=0.1, warm_up=1, decay=0, every=40), folder=tmp_path, key="k").run(80, parts_of(model))
    assert done.step == 80
    assert torch.allclose(model.weight, torch.full((2,), 3.0), atol=0.2)
    assert 0.2 < float(model.table.weight.detach().mean()) <= 1.05


def test_losses_that_are_not_finite_change_nothing(tmp_path: Path) -> None:
    model = Point()
    done = Loop(model, Optimiser(rate=0.1, warm_up=1, every=50), folder=tmp_path, key="k").run(1, parts_of(model, nan_at=frozenset({0, 1})))
    assert done.skipped == 1
    assert torch.equal(model.weight.detach(), torch.ones(2))


def test_some_steps_are_skipped(tmp_path: Path) -> None:
    model = Point()
    loop = Loop(model, Optimiser(rate=0.1, warm_up=1, every=10), folder=tmp_path, key="k")
    assert loop.run(30, parts_of(model, nan_at=frozenset({3, 4, 12}))).skipped == 3
    assert torch.isfinite(model.weight).all()
    assert float(model.weight.detach().mean()) > 1.5


def test_nothing_but_nan_is_an_error(tmp_path: Path) -> None:
    model = Point()
    with pytest.raises(ModelError, match="no loss was finite in 10 steps"):
        Loop(model, Optimiser(every=10), folder=tmp_path, key="k").run(20, parts_of(model, nan_at=frozenset(range(20))))


def test_a_checkpoint_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "checkpoint.safetensors").write_bytes(b"nonsense")
    with pytest.raises(IrloomError, match="remove it"):
        Loop(Point(), Optimiser(), folder=tmp_path, key="k")


def test_the_rate_rises_and_falls() -> None:
    settings = Optimiser(warm_up=10, final=0.1)
    factors = [settings.factor(step, 100) for step in range(101)]
    assert factors[0] == pytest.approx(0.1)
    assert max(factors) < 1
    assert factors.index(max(factors)) == 9
    assert factors[100] == pytest.approx(0.1)


@pytest.mark.parametrize("change", [{"rate": -1.0}, {"clip": float("inf")}, {"every": 0}, {"threads": 0}, {"warm_up": -1}])
def test_bad_values(change: dict[str, float]) -> None:
    with pytest.raises(BadValue):
        Optimiser(**change)  # type: ignore[arg-type]


def test_a_full_disk_names_the_checkpoint_and_leaves_the_last_one(tmp_path: Path) -> None:
    model = Point()
    loop = Loop(model, Optimiser(every=1), folder=tmp_path, key="k")
    loop.run(1, parts_of(model))
    before = (tmp_path / "checkpoint.safetensors").read_bytes()
    (tmp_path / "checkpoint.new").symlink_to("/dev/full")
    with pytest.raises(OSError, match=r"No space left on device.*checkpoint\.new"):
        loop.run(2, parts_of(model))
    assert (tmp_path / "checkpoint.safetensors").read_bytes() == before
