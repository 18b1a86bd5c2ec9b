import os
import signal
import threading

import pytest

from irloom.core.errors import EndpointError, ModelError
from irloom.models.concurrent_calls import PATIENCE, call_each


def test_results_stand_in_the_order_of_jobs() -> None:
    together = threading.Barrier(4, timeout=60)
    ended = [threading.Event() for _ in range(8)]

    def work(job: int, stop: threading.Event) -> int:
        together.wait()  # four at once, or the test fails
        assert job % 4 == 3 or ended[job + 1].wait(60)  # the last of four ends first
        ended[job].set()
        return job * job

    assert call_each(work, range(8), workers=4) == [job * job for job in range(8)]
    assert call_each(work, [], workers=4) == []


def test_a_failure_stands_in_its_place() -> None:
    def work(job: int, stop: threading.Event) -> int:
        if job % 2:
            raise EndpointError("http://x", "refuses", status=400)
        return job

    found = call_each(work, range(20), workers=3)
    assert found[::2] == list(range(0, 20, 2))
    assert all(isinstance(one, EndpointError) for one in found[1::2])


@pytest.mark.parametrize(("status", "calls"), [(None, PATIENCE), (503, PATIENCE), (401, 1), (404, 1), (400, 10), (413, 10), (422, 10)])
def test_a_server_that_is_gone_is_not_asked_on(status: int | None, calls: int) -> None:
    asked = []

    def work(job: int, stop: threading.Event) -> int:
        asked.append(job)
        raise EndpointError("http://x", "fails", status=status)

    found = call_each(work, range(10), workers=1)
    assert len(asked) == calls
    assert [str(one) for one in found] == ["http://x fails"] * 10


def test_a_success_in_between_starts_the_count_again() -> None:
    def work(job: int, stop: threading.Event) -> int:
        if job % 3:
            raise ModelError("no")
        return job

    found = call_each(work, range(30), workers=1)
    assert [one for one in found if not isinstance(one, ModelError)] == list(range(0, 30, 3))


def test_any_other_error_ends_all() -> None:
    begun = []

    def work(job: int, stop: threading.Event) -> int:
        begun.append(job)
        if job == 3:
            raise KeyError("a bug")
        return job

    with pytest.raises(KeyError, match="a bug"):
        call_each(work, range(1000), workers=1)
    assert begun == [0, 1, 2, 3]


def test_an_interrupt_ends_at_once_though_a_server_does_not_answer() -> None:
    together, answer = threading.Barrier(4, action=lambda: os.kill(os.getpid(), signal.SIGINT)), threading.Event()
    begun, ended = [], []

    def work(job: int, stop: threading.Event) -> int:
        begun.append(threading.current_thread())
        together.wait(60)
        answer.wait(60)
        ended.append(job)
        return job

    with pytest.raises(KeyboardInterrupt):
        call_each(work, range(100), workers=4)
    assert ended == []
    answer.set()
    for thread in begun:
        thread.join()
    assert len(begun) == len(ended) == 4
