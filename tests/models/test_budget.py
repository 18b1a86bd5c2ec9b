import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from irloom.core.errors import BadValue, SpendLimit
from irloom.models.budget import Budget


def test_without_a_limit_it_counts() -> None:
    budget = Budget()
    for _ in range(3):
        with budget.request() as bill:
            bill.tokens, bill.usd = 7, 0.5
    assert (budget.spent.tokens, budget.spent.usd) == (21, 1.5)


def test_nothing_begins_at_the_limit() -> None:
    budget = Budget(tokens=10)
    for _ in range(2):
        with budget.request() as bill:
            bill.tokens = 6
    with pytest.raises(SpendLimit, match=r"the spend limit of 10 tokens is reached \(12 spent\)"), budget.request():
        pass
    money = Budget(usd=0.5)
    with money.request() as bill:
        bill.usd = 0.5
    with pytest.raises(SpendLimit, match=r"0\.5 US dollars is reached \(0\.5 spent\)"), money.request():
        pass


@pytest.mark.parametrize("workers", [1, 8])
def test_the_limit_is_passed_by_less_than_one_request(workers: int) -> None:
    budget = Budget(tokens=100)
    under_way = 0
    lock, at_once = threading.Lock(), threading.Event()

    def ask(_: int) -> bool:
        nonlocal under_way
        try:
            with budget.request() as bill:
                with lock:
                    under_way += 1
                    if under_way > 1:
                        at_once.set()
                if workers > 1 and budget.spent.tokens:  # the first goes alone
                    assert at_once.wait(60)
                bill.tokens = 9
                with lock:
                    under_way -= 1
        except SpendLimit:
            return False
        return True

    with ThreadPoolExecutor(workers) as pool:
        done = list(pool.map(ask, range(40)))
    assert sum(done) == 12  # 11 requests cost 99, which is below the limit
    assert budget.spent.tokens == 108
    assert at_once.is_set() == (workers > 1)


def test_a_request_that_fails_costs_nothing_and_holds_nobody_up() -> None:
    budget = Budget(usd=1.0)
    for _ in range(3):
        with pytest.raises(OSError, match="broken"), budget.request():
            raise OSError("broken")
    with budget.request() as bill:
        bill.usd = 0.25
    assert budget.spent.usd == 0.25


@pytest.mark.parametrize("limit", [{"tokens": 0}, {"usd": -1.0}, {"usd": float("nan")}])
def test_limits_are_above_nothing(limit: dict[str, float]) -> None:
    with pytest.raises(BadValue, match="spend_limit"):
        Budget(**limit)
