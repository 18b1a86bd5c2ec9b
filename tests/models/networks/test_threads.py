import threading
from collections.abc import Iterator

import pytest

torch = pytest.importorskip("torch")
threads = pytest.importorskip("irloom.models.networks.threads")


@pytest.fixture
def two_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("count", [0, 1, 3, 4, 50])
def test_each_batch_once_in_inference_mode(two_threads: None, count: int) -> None:
    seen: list[tuple[int, bool, int]] = []
    threads.for_each(
        lambda batch: seen.append((batch, torch.is_inference_mode_enabled(), torch.get_num_threads())), range(count), device="cpu"
    )
    assert sorted(batch for batch, _, _ in seen) == list(range(count))
    assert all(inference for _, inference, _ in seen)
    assert {own for _, _, own in seen} == (set() if count == 0 else {2} if count < 4 else {1})


def test_the_setting_is_as_before(two_threads: None) -> None:
    threads.for_each(lambda batch: None, range(20), device="cpu")
    assert torch.get_num_threads() == 2
    later: list[int] = []
    thread = threading.Thread(target=lambda: later.append(torch.get_num_threads()))
    thread.start()
    thread.join()
    assert later == [2]


def test_an_error_reaches_the_caller(two_threads: None) -> None:
    def work(batch: int) -> None:
        if batch == 7:
            raise ValueError("seven")

    with pytest.raises(ValueError, match="seven"):
        threads.for_each(work, range(20), device="cpu")
    assert torch.get_num_threads() == 2


def test_budgets(two_threads: None) -> None:
    assert threads.batch_budget(77, device="cpu", tokens=10) == 77
    assert threads.batch_budget(None, device="cuda", tokens=10) == 65_536
    assert [threads.batch_budget(None, device="cpu", tokens=tokens) for tokens in (10, 8000, 10**6)] == [512, 1000, 2048]
