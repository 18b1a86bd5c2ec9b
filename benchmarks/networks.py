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


BATCH_SIZES = (4, 8, 16, 32, 64, 128)
"""Among which the peer's best batch size is sought."""


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


def against_best_batch(
    ours: Callable[[], object],
    peer: Callable[[Sequence[Any], int], object],
    items: Sequence[Any],
    lengths: Sequence[int],
    *,
    sample: int,
    repeats: int,
) -> dict[str, Any]:
    """Our work on all items against the peer's at the batch size that is its fastest on a sample; both are warm.

    Args:
        ours: does all items.
        peer: does some items at a batch size.
        items: what is done.
        lengths: tokens of each item.
        sample: how many items the batch size is sought on.
        repeats: how often each does all items.
    """
    spread = [items[place] for place in np.linspace(0, len(items) - 1, min(sample, len(items))).astype(int)]
    sizes = {size: statistics.median(times) for size, times in in_turn({s: lambda s=s: peer(spread, s) for s in BATCH_SIZES}, 3).items()}
    best = min(sizes, key=sizes.__getitem__)
    before = fp32_rate()
    times = in_turn({"irloom": ours, "peer": lambda: peer(items, best)}, repeats)
    rate = max(before, fp32_rate())
    medians = {name: statistics.median(found) for name, found in times.items()}
    work = network_gflop(lengths)
    return {
        "items": len(items),
        "tokens": sum(lengths),
        "fp32_gflops": rate,
        "peer_sample_seconds": sizes,
        "peer_best_batch_size": best,
        "seconds": times,
        "per_second": {name: len(items) / median for name, median in medians.items()},
        "share_of_fp32_rate": {name: work / median / rate for name, median in medians.items()},
        "ratio": medians["peer"] / medians["irloom"],
    }


def result_rows(one: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """A row for irloom and one for sentence-transformers: name, items per second, ratio, share of the fp32 rate."""
    labels = {"irloom": "irloom", "peer": f"sentence-transformers, batch {one['peer_best_batch_size']}"}
    ratios = {"irloom": f"{one['ratio']:.2f}", "peer": "1.00"}
    return [
        (label, f"{one['per_second'][name]:.1f}", ratios[name], f"{100 * one['share_of_fp32_rate'][name]:.0f} %")
        for name, label in labels.items()
    ]


def versions() -> str:
    """The versions that a figure depends on."""
    return ", ".join(f"{name} {version(name)}" for name in ("torch", "transformers", "sentence-transformers"))


def save(name: str, values: Mapping[str, Any]) -> None:
    """Writes the raw figures to results/NAME.json beside this file."""
    folder = Path(__file__).parent / "results"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")
