"""Approximate search of 100,000 vectors of 384 numbers: irloom against FAISS alone, lancedb and usearch, at equal recall.

    python benchmarks/ann.py [--documents 100000] [--engines irloom-hnsw,usearch-hnsw,...] [--peers PYTHON] [--plot FILE.svg]

The vectors are seeded: topics with noise around them, their numbers of falling variance as those of text encoders; a query is a mixture of
two vectors that are not in the index. Each engine is built in one process, and loaded and searched in another, on one thread; each figure
is the median of five rounds. What irloom adds to FAISS is measured in one process, in turn, over the same graph and the same lists.
lancedb and usearch live in `.venv-bench-ann` (`make bench-venvs`).
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from ann_engines import open_irloom
from curves import write_curves
from numpy.typing import NDArray
from results import table, write_section

HERE = Path(__file__).parent
ENGINES = (
    "irloom-hnsw", "faiss-hnsw", "usearch-hnsw", "lancedb-hnsw-sq", "irloom-ivf", "faiss-ivf", "irloom-ivf-pq-fs", "lancedb-ivf-pq",
)  # fmt: skip
DIM, QUERIES, TOPICS, NOISE = 384, 500, 1000, 1.5  # a tenth of the lists must be visited for 0.95, as with texts' vectors
ROUNDS = 15
RECALL = 0.95


def vectors_of(count: int, seed: int) -> NDArray[np.float32]:
    """float32 (count, DIM) of length 1."""
    falling = ((np.arange(DIM) + 1.0) ** -0.5).astype(np.float32)
    topics = np.random.default_rng(0).standard_normal((TOPICS, DIM), np.float32)
    rng = np.random.default_rng(seed)
    rows = (topics[rng.integers(TOPICS, size=count)] + np.float32(NOISE) * rng.standard_normal((count, DIM), np.float32)) * falling
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def write_data(folder: Path, documents: int) -> None:
    """vectors.npy, queries.npy and truth.npy, the ten nearest of each query."""
    vectors, mixed = vectors_of(documents, 1), vectors_of(2 * QUERIES, 2)
    queries = mixed[0::2] + np.float32(0.5) * mixed[1::2]
    queries = np.ascontiguousarray(queries / np.linalg.norm(queries, axis=1, keepdims=True), np.float32)
    truth = np.argsort(-(queries @ vectors.T), axis=1)[:, :10]
    for name, array in (("vectors", vectors), ("queries", queries), ("truth", truth)):
        np.save(folder / f"{name}.npy", array)


def run_engine(engine: str, folder: Path, python: Path) -> dict[str, Any]:
    """What `ann_engines.py` prints of building and of searching, or {"skipped": reason}."""
    if not python.exists():
        return {"skipped": f"{python.parent.parent.name} is not there; run 'make bench-venvs'"}
    found: dict[str, Any] = {}
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS", "LANCE_CPU_THREADS", "TOKIO_WORKER_THREADS"), "1")
    for verb, environment in (("build", {}), ("search", one)):
        command = [str(python), str(HERE / "ann_engines.py"), verb, engine, str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment}, check=False)
        if done.returncode:
            return {"skipped": (done.stderr.strip().splitlines() or ["no message"])[-1]}
        found |= json.loads(done.stdout.splitlines()[-1])
    return found


def overhead(folder: Path, kind: str) -> dict[str, float]:
    """What irloom adds to FAISS at the calibrated effort, as a share by a hundred and in milliseconds for one query; the rounds in turn."""
    import faiss

    from irloom.indexing.ann.settings import Setting

    faiss.omp_set_num_threads(1)
    index, queries, vectors = open_irloom(folder, kind), np.load(folder / "queries.npy"), np.load(folder / "vectors.npy")
    effort = index.records[0].setting(10).effort
    own = folder / f"irloom-{kind}"
    if kind == "hnsw":
        alone = faiss.read_index(str(own / "segment" / "ann.faiss"))
        storage = faiss.IndexFlatIP(DIM)
        storage.add(vectors)
        alone.storage, alone.own_fields = storage, False
        parameters = faiss.SearchParametersHNSW(efSearch=effort)
    else:
        alone = faiss.read_index(str(own / "trained" / "trained.faiss"))
        alone.add(vectors)
        parameters = faiss.SearchParametersIVF(nprobe=effort)
    works: Mapping[str, Callable[[Any], Any]] = {
        "faiss": lambda some: alone.search(some, 10, params=parameters)[1],
        "irloom": lambda some: index.search(some, k=10, setting=Setting(effort)).positions,
    }
    shares = [len(set(a.tolist()) & set(b.tolist())) / 10 for a, b in zip(*(work(queries) for work in works.values()), strict=True)]
    seconds: dict[tuple[str, int], list[float]] = {(name, batch): [] for name in works for batch in (1, 100)}
    for round_ in range(ROUNDS):
        for name, work in works.items() if round_ % 2 else reversed(works.items()):
            started = time.perf_counter()
            work(queries[:100])
            seconds[name, 100].append(time.perf_counter() - started)
            started = time.perf_counter()
            for query in range(50):
                work(queries[query : query + 1])
            seconds[name, 1].append((time.perf_counter() - started) / 50)
    median = {key: statistics.median(found) for key, found in seconds.items()}
    return {
        "effort": effort,
        "same": statistics.mean(shares),
        "faiss_one_ms": median["faiss", 1] * 1e3,
        "one_ms": (median["irloom", 1] - median["faiss", 1]) * 1e3,
        "faiss_hundred_ms": median["faiss", 100] * 1e3,
        "hundred": median["irloom", 100] / median["faiss", 100] - 1,
    }


def at_recall(curve: list[dict[str, Any]], which: str) -> str:
    """Queries a second at the first setting that reaches RECALL."""
    reached = next((point for point in curve if point["recall"] >= RECALL), None)
    return f"{1e3 / reached[which]:,.0f} ({reached['recall']:.3f})" if reached else f"not reached ({max(p['recall'] for p in curve):.3f})"


def report(engines: Mapping[str, dict[str, Any]], added: Mapping[str, dict[str, float]], documents: int) -> str:
    """The tables in Markdown."""
    titles = ["engine", f"queries/s, recall >= {RECALL}", "by a hundred", "build s", "MB on disk", "load s", "MB when searching"]
    rows, skipped = [], []
    for name, found in engines.items():
        if "skipped" in found:
            skipped.append(f"{name}: {found['skipped']}")
            continue
        rates = [at_recall(found["curve"], which) for which in ("one", "many")]
        sizes = [f"{found['build']:.0f}", f"{found['disk_mb']:.0f}", f"{found['load']:.2f}", f"{found['peak_mb']:.0f}"]
        rows.append([f"{name} ({found['version']})", *rates, *sizes])
    texts = [f"{documents:,} vectors of {DIM} numbers, k = 10, one thread; the recall reached in brackets.", table(titles, rows)]
    if added:
        heads = ["over FAISS alone", "effort", "same hits", "FAISS, one query", "irloom adds", "FAISS, a hundred", "irloom adds"]
        lines = [
            [
                kind,
                f"{found['effort']:.0f}",
                f"{found['same']:.1%}",
                f"{found['faiss_one_ms']:.3f} ms",
                f"{found['one_ms']:.3f} ms",
                f"{found['faiss_hundred_ms']:.1f} ms",
                f"{found['hundred']:+.1%}",
            ]
            for kind, found in added.items()
        ]
        texts.append(table(heads, lines))
    return "\n\n".join([*texts, *(f"Left out: {line}" for line in skipped)])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--peers", type=Path, default=HERE.parent / ".venv-bench-ann" / "bin" / "python")
    parser.add_argument("--plot", type=Path, default=HERE.parent / "docs" / "images" / "ann.svg")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_data(folder, arguments.documents)
        engines = {}
        for engine in arguments.engines.split(","):
            own = engine.partition("-")[0] in ("irloom", "faiss")
            engines[engine] = run_engine(engine, folder, Path(sys.executable) if own else arguments.peers)
            print(engine, engines[engine], file=sys.stderr)
        kinds = [kind for kind in ("hnsw", "ivf") if "curve" in engines.get(f"irloom-{kind}", {})]
        added = {kind: overhead(folder, kind) for kind in kinds}
    title = f"{arguments.documents:,} vectors of {DIM} numbers, one query at a time on one thread"
    lines = {
        name: [(point["recall"], 1e3 / point["one"]) for point in found["curve"]] for name, found in engines.items() if "curve" in found
    }
    write_curves(arguments.plot, title, lines)
    write_section("Approximate search (FAISS)", report(engines, added, arguments.documents))


if __name__ == "__main__":
    main()
