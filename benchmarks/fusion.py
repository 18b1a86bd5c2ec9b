"""RRF and CombSUM of three runs of 6,980 queries x 1,000 documents, beside ranx, which compiles before it is timed and may use every core.

The runs are in memory in each library's own form. MS MARCO's size: ids of 8.8 million passages; each two runs share half of a ranking.
ranx's form of the runs takes 12 GB of memory; `python benchmarks/fusion.py 350` tries it with fewer queries.
"""

import statistics
import sys
import warnings
from collections.abc import Callable
from importlib.metadata import version
from time import perf_counter

import numpy as np
import ranx
from results import table, write_section

from irloom.core.run import Run
from irloom.fusion.fuse import fuse

QUERIES, DEPTH, RUNS, PASSAGES, REPEATS = 6980, 1000, 3, 8_841_823, 5


def made_runs(queries: int) -> list[Run]:
    """Each run takes half of the documents of a pool of its own for each query; pools are the same for all runs."""
    rng = np.random.default_rng(1)
    first, step = rng.integers(PASSAGES, size=(2, queries, 1))
    step[np.gcd(step, PASSAGES) != 1] = 1
    pool = (first + step * np.arange(2 * DEPTH)) % PASSAGES
    runs = []
    for _ in range(RUNS):
        docs = np.take_along_axis(pool, rng.random(pool.shape, np.float32).argsort(axis=1)[:, :DEPTH], axis=1)
        scores = -np.sort(-rng.random((queries, DEPTH), np.float32), axis=1)
        numbers, places = np.unique(docs, return_inverse=True)
        query_ids = [str(1_000_000 + 7 * query) for query in range(queries)]
        runs.append(Run(query_ids, np.arange(queries + 1) * DEPTH, places.ravel(), scores.ravel(), list(map(str, numbers.tolist()))))
    return runs


def as_ranx(run: Run) -> ranx.Run:
    return ranx.Run({query_id: dict(ranking) for query_id, ranking in run.items()})


def in_turn(works: dict[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """The median seconds of each work."""
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(repeats):
        for name, work in works.items():
            start = perf_counter()
            work()
            times[name].append(perf_counter() - start)
            print(f"{name}: {times[name][-1]:.2f} s", file=sys.stderr)
    return {name: statistics.median(taken) for name, taken in times.items()}


def main(queries: int = QUERIES, repeats: int = REPEATS) -> None:
    """Measures and writes the section; of fewer queries it only prints."""
    warnings.simplefilter("ignore")
    few = made_runs(10)
    compiled = [as_ranx(run) for run in few]
    for method in ("rrf", "sum"):
        theirs = ranx.fuse(compiled, "min-max" if method == "sum" else None, method)
        ours = fuse(few, "rrf" if method == "rrf" else "combsum")
        for query_id, ranking in ours.items():
            assert all(abs(theirs.run[query_id][doc_id] - score) < 1e-6 for doc_id, score in ranking)
    runs = made_runs(queries)
    theirs = [as_ranx(run) for run in runs]
    medians = in_turn(
        {
            "irloom, RRF": lambda: fuse(runs, "rrf"),
            "ranx, RRF": lambda: ranx.fuse(theirs, None, "rrf"),
            "irloom, CombSUM of min-max": lambda: fuse(runs, "combsum"),
            "ranx, CombSUM of min-max": lambda: ranx.fuse(theirs, "min-max", "sum"),
        },
        repeats,
    )
    rows = [(name, f"{taken:.2f}", f"{taken / medians['irloom, ' + name.partition(', ')[2]]:.1f}") for name, taken in medians.items()]
    text = (
        f"Seconds to fuse {RUNS} runs of {queries:,} queries x {DEPTH:,} documents that are in memory; medians of {repeats}, in turn. "
        f"ranx {version('ranx')}, after it compiled; it may use every core.\n\n"
    )
    if queries == QUERIES:
        write_section("Fusion", text + table(["what", "s", "to ours"], rows))
    else:
        print(text + table(["what", "s", "to ours"], rows))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
