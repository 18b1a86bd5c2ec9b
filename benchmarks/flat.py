"""Exact search of 384-wide vectors against the memory's own speed, faiss' IndexFlatIP and numpy: one query, ten, a hundred.

    python benchmarks/flat.py [--documents 1000000] [--threads N]

The vectors are seeded noise of length 1, in a file that is mapped and in the system's cache, as a collection's are; the peers hold them in
memory. "Memory" reads the same bytes once by as many threads and adds them up: no search can be faster where few queries share a pass.
Engines take turns; each figure is the median of five rounds. Loading and peak memory are each engine's, in a process of its own.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import faiss
import numba
import numpy as np
from numpy.typing import NDArray
from results import table, write_section

from irloom.core.batches import DenseBatch
from irloom.core.files import map_array, open_for_write, write_array, write_bytes, write_header
from irloom.indexing.flat import FlatIndex
from irloom.indexing.id_table import IdTable, write_ids
from irloom.indexing.parts import PartSegment, PartView
from irloom.indexing.ranking import joined_ranks
from irloom.indexing.snapshot_ids import SnapshotIds
from irloom.indexing.strings import pack
from irloom.indexing.vectors import lengths_of

DIM, REPEATS, SEGMENTS = 384, 5, 20
BATCHES = (1, 10, 100)
DEPTHS = (10, 1000)
BLOCK = 50_000
Works = Mapping[str, Callable[[], object]]


@numba.njit(nogil=True, fastmath=True)
def total(numbers: NDArray[np.float32]) -> np.float32:
    """The sum of float32 (n,): it reads each number once."""
    found = np.float32(0)
    for place in range(len(numbers)):  # over places, which the compiler takes many at a time
        found += numbers[place]
    return found


def unit(rng: np.random.Generator, count: int) -> NDArray[np.float32]:
    made = rng.standard_normal((count, DIM), np.float32)
    return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), np.float32)


def write_part(folder: Path, documents: int, segments: int, *, half: bool = False) -> PartView:
    """A dense part over segments of equal size, all of the same vectors whatever their number."""
    cuts, ids = [documents * number // segments for number in range(segments + 1)], []
    places = []
    for start, end in pairwise(cuts):
        place = folder / str(start)
        place.mkdir(parents=True)
        with open_for_write(place / "vectors.npy") as file:
            write_header(file, (end - start, DIM), np.float16 if half else np.float32)
            for first in range(start - start % BLOCK, end, BLOCK):
                rows = unit(np.random.default_rng(first), BLOCK)[max(start - first, 0) : end - first]
                file.write_array(rows.astype(np.float16) if half else rows)
        write_array(place / "norms.npy", lengths_of(map_array(place / "vectors.npy")))
        data, offsets = pack([f"{number:08d}" for number in range(start, end)])
        write_bytes(place / "ids.bytes", data.tobytes())
        write_ids(place, offsets)
        ids.append(IdTable(place))
        places.append(PartSegment(place, start, end - start, None))
    return PartView("dense", "dense", "noise", "noise", {}, tuple(places), SnapshotIds(ids, rank=joined_ranks(ids)))


def in_turn(works: Works) -> dict[str, float]:
    """The median milliseconds of each work, after one round that is not counted."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(REPEATS + 1):
        for name, work in works.items():
            start = time.perf_counter()
            work()
            taken[name].append((time.perf_counter() - start) * 1e3)
    return {name: statistics.median(times[1:]) for name, times in taken.items()}


def reader(arrays: Sequence[DenseBatch], threads: int) -> Callable[[], object]:
    pool = ThreadPoolExecutor(threads)
    flat = [array.reshape(-1).view(np.float32) for array in arrays]
    pieces = [numbers[len(numbers) * i // threads : len(numbers) * (i + 1) // threads] for numbers in flat for i in range(threads)]
    return lambda: list(pool.map(total, pieces))


def by_numpy(vectors: NDArray[np.float32], queries: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    scores = queries @ vectors.T
    best = np.argpartition(scores, len(vectors) - k, axis=1)[:, -k:]
    return np.take_along_axis(best, np.argsort(-np.take_along_axis(scores, best, axis=1), axis=1), axis=1)


def compare(folder: Path, documents: int, threads: int) -> tuple[list[list[str]], list[list[str]]]:
    """The rows of the table of engines, and of the table of segments, deleted documents and filters."""
    part, cut = write_part(folder / "one", documents, 1), write_part(folder / "cut", documents, SEGMENTS)
    halves = write_part(folder / "half", documents, 1, half=True)
    ours, many, half = (FlatIndex.open(each, threads=threads) for each in (part, cut, halves))
    vectors = np.array(ours.rows.segments[0], np.float32)
    theirs = faiss.IndexFlatIP(DIM)
    theirs.add(vectors)
    faiss.omp_set_num_threads(threads)
    faiss.write_index(theirs, str(folder / "flat.faiss"))
    queries = unit(np.random.default_rng(2**31), max(BATCHES))
    rows, growth = [], []
    for k in DEPTHS:
        for batch in BATCHES:
            asked = queries[:batch]
            assert np.array_equal(theirs.search(asked[:1], 10)[1], ours.search(asked[:1], k=10).positions)
            medians = in_turn(
                {
                    "memory": reader(ours.rows.segments, threads),
                    "irloom": partial(ours.search, asked, k=k),
                    "float16": partial(half.search, asked, k=k),
                    "faiss": partial(theirs.search, asked, k),
                    "numpy": partial(by_numpy, vectors, asked, k),
                }
            )
            ratio = f"{medians['irloom'] / medians['memory']:.2f}"
            rows.append([f"k {k}, batch of {batch}", *(f"{taken:.1f}" for taken in medians.values()), ratio])
    for share in (1.0, 0.5, 0.1, 0.01, 0.001):
        mask = np.random.default_rng(5).random(documents) < share
        medians = in_turn({name: partial(index.search, queries[:1], k=10, allowed=mask) for name, index in (("one", ours), ("cut", many))})
        growth.append([f"{share:.1%} of the documents", *(f"{taken:.2f}" for taken in medians.values())])
    return rows, growth


def alone(engine: str, folder: Path, threads: int) -> dict[str, Any]:
    """Loads one engine in this process and asks it: milliseconds to load and to answer first, and the peak memory in MB."""
    query = unit(np.random.default_rng(2**31), 1)
    segment = PartSegment(folder / "one" / "0", 0, len(map_array(folder / "one" / "0" / "norms.npy")), None)
    start = time.perf_counter()
    if engine == "irloom":
        table_of_ids = SnapshotIds([IdTable(segment.folder)])
        index = FlatIndex.open(PartView("dense", "dense", "noise", "noise", {}, (segment,), table_of_ids), threads=threads)
        loaded = time.perf_counter()
        index.search(query, k=10)
    else:
        theirs = faiss.read_index(str(folder / "flat.faiss"))
        loaded = time.perf_counter()
        theirs.search(query, 10)
    return {"load": (loaded - start) * 1e3, "first": (time.perf_counter() - loaded) * 1e3, **memory()}


def memory() -> dict[str, int]:
    """MB of this process: at the peak, and of that what no file backs."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":" in line)
    return {"peak": int(lines["VmHWM"].split()[0]) // 1000, "own": int(lines["RssAnon"].split()[0]) // 1000}


def in_a_process(engine: str, folder: Path, threads: int) -> list[str]:
    command = [sys.executable, __file__, "--engine", engine, "--folder", str(folder), "--threads", str(threads)]
    found = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[-1])
    files = [folder / "flat.faiss"] if engine == "faiss" else [folder / "one" / "0" / name for name in ("vectors.npy", "norms.npy")]
    size = sum(path.stat().st_size for path in files) / 1e6
    return [engine, f"{size:,.0f}", f"{found['load']:,.0f}", f"{found['first']:,.0f}", f"{found['peak']:,}", f"{found['own']:,}"]


def main() -> None:
    """Measures and writes the section."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--engine", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.engine:
        print(json.dumps(alone(options.engine, options.folder, options.threads)))
        return
    with tempfile.TemporaryDirectory() as name:
        rows, growth = compare(Path(name), options.documents, options.threads)
        loads = [in_a_process(engine, Path(name), options.threads) for engine in ("irloom", "faiss")]
    title = f"{options.documents:,} vectors of {DIM} float32, {options.threads} threads, faiss {faiss.__version__}, numpy {np.__version__}"
    engines = table(["milliseconds", "memory", "irloom", "irloom, float16", "faiss", "numpy", "irloom / memory"], rows)
    filters = table([f"one query, k 10, ms, allowed: {'':s}", "one segment", f"{SEGMENTS} segments"], growth)
    kept = table(["loading", "MB on disk", "load, ms", "first query, ms", "peak MB, mapped files counted", "MB of its own"], loads)
    bound = "From some ten queries on the arithmetic takes longer than the memory."
    text = f"{title}. {bound}\n\n{engines}\n\n{filters}\n\n{kept}\n"
    if options.documents == 1_000_000:
        write_section("Exact vectors", text)
    else:
        print(text)


if __name__ == "__main__":
    main()
