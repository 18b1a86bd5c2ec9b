"""One engine of approximate search in a process of its own, for `ann.py`: builds, or loads and searches, and prints what it took as JSON.

    python benchmarks/ann_engines.py build|search ENGINE FOLDER

FOLDER holds vectors.npy, queries.npy and truth.npy. Searching is on one thread; building is on as many as there are processors.
"""

import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

EFFORTS = (10, 16, 24, 32, 48, 64, 96, 128, 192, 256)
PROBES = (1, 2, 4, 8, 12, 16, 24, 32, 48, 64, 96)
ROUNDS = 5
CODES = ("ivf-pq-fs", "ivf-sq8", "ivf-rabitq", "hnsw-sq8")


class Engine(NamedTuple):
    """An engine that is loaded: its version, and for each setting what finds the int64 (n, 10) nearest of float32 (n, dim) queries."""

    version: str
    settings: Iterator[tuple[str, Callable[[Any], Any]]]


def build_irloom(folder: Path, kind: str) -> None:
    from irloom.core.files import no_progress, write_bytes
    from irloom.indexing.ann import AnnWish, write_segment
    from irloom.indexing.dense_files import write_vectors
    from irloom.indexing.id_table import write_ids
    from irloom.indexing.strings import pack

    vectors, own = np.load(folder / "vectors.npy", mmap_mode="r"), folder / f"irloom-{kind}"
    for name in ("segment", "trained", "work"):
        (own / name).mkdir(parents=True)
    write_vectors(own / "segment", iter([np.asarray(vectors)]), shape=vectors.shape, dtype="float32")
    data, offsets = pack([f"{number:08d}" for number in range(len(vectors))])
    write_bytes(own / "ids.bytes", data.tobytes())
    write_ids(own, offsets)
    write_segment(own / "segment", wish=AnnWish(kind), trained=own / "trained", work=own / "work", progress=no_progress)
    open_irloom(folder, kind).search(np.asarray(vectors[:1]), k=10)  # so that the kernels are compiled, once for all processes


def load_irloom(folder: Path, kind: str) -> Engine:
    import irloom
    from irloom.indexing.ann.settings import Setting

    index = open_irloom(folder, kind)
    family = index.recipe.kind.family
    factor = index.records[0].setting(10).factor

    def settings() -> Iterator[tuple[str, Callable[[Any], Any]]]:
        for effort in EFFORTS if family == "graph" else PROBES:
            setting = Setting(effort, factor)
            yield str(effort), lambda queries, setting=setting: index.search(queries, k=10, setting=setting).positions

    return Engine(irloom.__version__, settings())


def open_irloom(folder: Path, kind: str) -> Any:
    from irloom.indexing.ann import open_index
    from irloom.indexing.id_table import IdTable
    from irloom.indexing.parts import PartSegment, PartView
    from irloom.indexing.snapshot_ids import SnapshotIds

    own = folder / f"irloom-{kind}"
    table = IdTable(own)
    segments = (PartSegment(own / "segment", 0, len(table), None),)
    return open_index(PartView("dense", "dense", "s", "f", {}, segments, SnapshotIds([table]), own / "trained"), threads=1)


def build_faiss(folder: Path, kind: str) -> None:
    """HNSW with the links and lists that irloom takes, so that both have the same recall at the same effort."""
    import faiss

    vectors = np.load(folder / "vectors.npy")
    lists = round(4 * len(vectors) ** 0.5)
    index = faiss.index_factory(vectors.shape[1], "HNSW32,Flat" if kind == "hnsw" else f"IVF{lists},Flat", faiss.METRIC_INNER_PRODUCT)
    if kind == "hnsw":
        index.hnsw.efConstruction = 80
    else:
        index.cp.min_points_per_centroid = 1
    index.train(vectors)
    index.add(vectors)
    (folder / f"faiss-{kind}").mkdir()
    faiss.write_index(index, str(folder / f"faiss-{kind}" / "index"))


def load_faiss(folder: Path, kind: str) -> Engine:
    import faiss

    faiss.omp_set_num_threads(1)
    index = faiss.read_index(str(folder / f"faiss-{kind}" / "index"))

    def settings() -> Iterator[tuple[str, Callable[[Any], Any]]]:
        for effort in EFFORTS if kind == "hnsw" else PROBES:
            made = faiss.SearchParametersHNSW(efSearch=effort) if kind == "hnsw" else faiss.SearchParametersIVF(nprobe=effort)
            yield str(effort), lambda queries, made=made: index.search(queries, 10, params=made)[1]

    return Engine(faiss.__version__, settings())


def build_usearch(folder: Path, kind: str) -> None:
    from usearch.index import Index

    vectors = np.load(folder / "vectors.npy")
    index = Index(ndim=vectors.shape[1], metric="ip", dtype="f32", connectivity=32, expansion_add=80)
    index.add(np.arange(len(vectors)), vectors, threads=os.cpu_count() or 1)
    (folder / f"usearch-{kind}").mkdir()
    index.save(str(folder / f"usearch-{kind}" / "index"))


def load_usearch(folder: Path, kind: str) -> Engine:
    import usearch
    from usearch.index import Index

    index = Index.restore(str(folder / f"usearch-{kind}" / "index"))

    def settings() -> Iterator[tuple[str, Callable[[Any], Any]]]:
        for effort in EFFORTS:
            index.expansion_search = effort
            yield str(effort), lambda queries: np.atleast_2d(index.search(queries if len(queries) > 1 else queries[0], 10, threads=1).keys)

    return Engine(usearch.__version__, settings())


def build_lancedb(folder: Path, kind: str) -> None:
    import lancedb
    import pyarrow as pa

    vectors = np.load(folder / "vectors.npy")
    column = pa.FixedSizeListArray.from_arrays(pa.array(vectors.reshape(-1)), vectors.shape[1])
    table = lancedb.connect(str(folder / f"lancedb-{kind}")).create_table("t", pa.table({"id": np.arange(len(vectors)), "vector": column}))
    if kind == "ivf-pq":
        lists = round(len(vectors) ** 0.5)
        table.create_index(metric="dot", index_type="IVF_PQ", num_partitions=lists, num_sub_vectors=vectors.shape[1] // 8)
    else:
        table.create_index(metric="dot", index_type="IVF_HNSW_SQ", num_partitions=1, m=32, ef_construction=80)


def load_lancedb(folder: Path, kind: str) -> Engine:
    import lancedb

    table = lancedb.connect(str(folder / f"lancedb-{kind}")).open_table("t")

    def ask(queries: Any, effort: int) -> Any:
        found = []
        for query in queries:
            asked = table.search(query).select(["id"]).limit(10)
            asked = asked.nprobes(effort).refine_factor(10) if kind == "ivf-pq" else asked.nprobes(1).ef(effort).refine_factor(2)
            found.append(asked.to_arrow()["id"].to_numpy())
        return np.stack(found)

    def settings() -> Iterator[tuple[str, Callable[[Any], Any]]]:
        for effort in PROBES if kind == "ivf-pq" else EFFORTS[2:]:
            yield str(effort), lambda queries, effort=effort: ask(queries, effort)

    return Engine(lancedb.__version__, settings())


ENGINES: dict[str, tuple[Callable[[Path, str], None], Callable[[Path, str], Engine]]] = {
    "irloom": (build_irloom, load_irloom),
    "faiss": (build_faiss, load_faiss),
    "usearch": (build_usearch, load_usearch),
    "lancedb": (build_lancedb, load_lancedb),
}


def search(engine: str, folder: Path) -> dict[str, Any]:
    """Loads, then for each setting the recall, and milliseconds a query one by one and by a hundred."""
    name, _, kind = engine.partition("-")
    queries, truth = np.load(folder / "queries.npy"), np.load(folder / "truth.npy")
    before = peak_mb()
    started = time.perf_counter()
    loaded = ENGINES[name][1](folder, kind)
    curve, load = [], 0.0
    for setting, find in loaded.settings:
        if not curve:
            find(queries[:1])
            load = time.perf_counter() - started
        found = find(queries)
        recall = statistics.mean(len(set(a.tolist()) & set(b.tolist())) / 10 for a, b in zip(found, truth, strict=True))
        one, many = [], []
        for round_ in range(ROUNDS):
            some = queries[20 * round_ : 20 * round_ + 20]
            started = time.perf_counter()
            for query in range(len(some)):
                find(some[query : query + 1])
            one.append((time.perf_counter() - started) / len(some) * 1e3)
            started = time.perf_counter()
            find(queries[:100])
            many.append((time.perf_counter() - started) / 100 * 1e3)
        curve.append({"setting": setting, "recall": recall, "one": statistics.median(one), "many": statistics.median(many)})
        if recall >= 0.999:
            break
    return {"version": loaded.version, "load": load, "curve": curve, "peak_mb": peak_mb() - before}


def peak_mb() -> float:
    """The most memory that this process had, in MB; what it inherited from the one that started it does not count."""
    with open("/proc/self/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) / 1e3


def main() -> None:
    verb, engine, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    if verb == "search":
        print(json.dumps(search(engine, folder)))
        return
    name, _, kind = engine.partition("-")
    started = time.perf_counter()
    ENGINES[name][0](folder, kind)
    seconds = time.perf_counter() - started
    disk = sum(path.stat().st_size for path in (folder / engine).rglob("*") if path.is_file() and "work" not in path.parts)
    print(json.dumps({"build": seconds, "disk_mb": disk / 1e6, "build_peak_mb": peak_mb()}))


if __name__ == "__main__":
    main()
