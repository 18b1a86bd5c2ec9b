"""What the benchmarks of networks share: the machine's matrix-multiply rate, a network's multiplications, a fair clock."""

import json
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch

LAYERS, WIDTH, INNER = 6, 384, 1536
"""Shape of all-MiniLM-L6-v2, which both benchmarks use."""


def fp32_rate() -> float:
    """GFLOP/s of torch's float32 matrix product with the threads that are set: the best size's median of five."""
    rates = []
    for size in (512, 1024, 2048):
        left, right = torch.randn(size, size), torch.randn(size, size)
        torch.mm(left, right)
        rates.append(2 * size**3 / statistics.median(seconds(lambda left=left, right=right: torch.mm(left, right)) for _ in range(5)) / 1e9)
    return max(rates)


def network_gflop(lengths: Sequence[int]) -> float:
    """Multiplications and additions of the network over sequences of these lengths, in GFLOP; padding does not count."""
    tokens = np.asarray(lengths, dtype=np.float64)
    dense = 2 * (4 * WIDTH * WIDTH + 2 * WIDTH * INNER) * tokens
    attention = 4 * WIDTH * tokens * tokens
    return float(LAYERS * (dense + attention).sum() / 1e9)


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def in_turn(works: Mapping[str, Callable[[], object]], repeats: int) -> dict[str, list[float]]:
    """Wall times of each work, taken in turn, so that a busy moment of the machine meets all of them."""
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(repeats):
        for name, work in works.items():
            times[name].append(seconds(work))
    return times


def versions() -> str:
    """The versions that a figure depends on."""
    return ", ".join(f"{name} {version(name)}" for name in ("torch", "transformers", "sentence-transformers"))


def save(name: str, values: Mapping[str, Any]) -> None:
    """Writes the raw figures to results/NAME.json beside this file."""
    folder = Path(__file__).parent / "results"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")
