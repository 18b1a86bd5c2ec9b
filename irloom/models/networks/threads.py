"""Batches side by side on the CPU: each thread computes whole batches alone, so none waits for another inside an operation.

Splitting every operation among the threads instead costs a barrier an operation, at which all wait for the slowest.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import torch

T = TypeVar("T")

CPU_BATCH_TOKENS = 2048
ACCELERATOR_BATCH_TOKENS = 65_536
_LEAST_BATCH_TOKENS = 512
_SHARES = 4


def batch_budget(asked: int | None, *, device: str, tokens: int) -> int:
    """Tokens in a batch: what was asked for, else what the device likes, and enough batches for all threads.

    Args:
        asked: the user's choice.
        device: a torch device.
        tokens: how many tokens there are in all.
    """
    if asked is not None:
        return asked
    if device != "cpu":
        return ACCELERATOR_BATCH_TOKENS
    share = tokens // (_SHARES * torch.get_num_threads())
    return min(CPU_BATCH_TOKENS, max(_LEAST_BATCH_TOKENS, share))


def for_each(work: Callable[[T], None], batches: Sequence[T], *, device: str) -> None:
    """Calls `work` once a batch, in inference mode; on the CPU with as many threads as torch has, where there are enough batches.

    Args:
        work: writes its own results; calls may overlap.
        batches: largest first, so that the threads end together.
        device: a torch device.
    """

    def alone(batch: T) -> None:
        with torch.inference_mode():
            work(batch)

    threads = torch.get_num_threads()
    if device != "cpu" or threads == 1 or len(batches) < 2 * threads:
        for batch in batches:
            alone(batch)
        return
    try:
        with ThreadPoolExecutor(threads, "irloom", initializer=torch.set_num_threads, initargs=(1,)) as pool:
            for done in [pool.submit(alone, batch) for batch in batches]:
                done.result()
    finally:
        torch.set_num_threads(threads)  # a thread's own setting is also what later threads start with
