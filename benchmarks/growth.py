"""A collection that grows: 20 segments against one, compacting, adding to a million documents, opening cold.

    python benchmarks/growth.py [--documents 1000000] [--segments 20] [--more 1000] [--dim 64]

The documents are recombined real passages, added in equal pieces, with a BM25 part and a flat dense part of seeded random vectors. The
snapshot of many segments stays open while they are compacted, so that both are searched in turn, and both must give the same runs, bit
for bit. Then pieces of `--more` documents are added, each in a commit of its own, and a new process opens the collection.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from corpus import recombined
from results import machine, table, write_section

from irloom.core.batches import DenseBatch
from irloom.core.run import Run
from irloom.core.stage import Retriever
from irloom.core.types import Document, Query
from irloom.indexing.bm25_part import BM25Part
from irloom.indexing.collection import Collection
from irloom.indexing.dense_part import DensePart
from irloom.indexing.writer import CollectionWriter
from irloom.retrievers.bm25 import BM25
from irloom.retrievers.dense import Dense
from irloom.text.analyzer import Analyzer

HERE = Path(__file__).parent
REPEATS = 5
COLD = """
import sys, time
from irloom.indexing.collection import Collection
from irloom.retrievers.bm25 import BM25
from irloom.core.types import Query
start = time.perf_counter()
collection = Collection.open(sys.argv[1])
opened = time.perf_counter() - start
BM25(collection).retrieve([Query("q", sys.argv[2])], k=10)
print(opened, time.perf_counter() - start)
"""


class SeededEncoder:
    """Random vectors, drawn with the first id of what is encoded together: as fast as vectors that are read."""

    space = fingerprint = "seeded"
    compatible_with: tuple[str, ...] = ()

    def __init__(self, dim: int) -> None:
        self.dim = dim

    def draw(self, ids: Sequence[str]) -> DenseBatch:
        seed = list(ids[0].encode()) if ids else 0
        return np.random.default_rng(seed).standard_normal((len(ids), self.dim), np.float32)

    def encode_queries(self, queries: Sequence[Query]) -> DenseBatch:
        return self.draw([query.id for query in queries])

    def encode_documents(self, documents: Sequence[Document]) -> DenseBatch:
        return self.draw([document.id for document in documents])

    def warm_up(self) -> None:
        """Nothing to load."""


def retrievers(collection: Collection, dim: int) -> dict[str, Retriever]:
    """What searches it, on one thread."""
    return {"BM25": BM25(collection), "flat": Dense(collection, SeededEncoder(dim), threads=1)}


def in_turn(stages: dict[str, Retriever], queries: Sequence[Query], k: int) -> dict[str, list[float]]:
    """The seconds of each stage for all queries, in turns, after one turn that does not count; all must give the same run."""
    seconds: dict[str, list[float]] = {name: [] for name in stages}
    runs: dict[str, Run] = {}
    for turn in range(REPEATS + 1):
        for name, stage in stages.items():
            start = time.perf_counter()
            runs[name] = stage.retrieve(queries, k=k)
            if turn:
                seconds[name].append(time.perf_counter() - start)
    first, *others = runs.values()
    for other in others:
        for query in queries:
            assert list(first[query.id]) == list(other[query.id]), "the segments change a ranking"
    return seconds


def grow(root: Path, options: argparse.Namespace) -> dict[str, Any]:
    """All measurements on a collection that is made at `root`."""
    encoder, piece = SeededEncoder(options.dim), options.documents // options.segments
    builders = {"bm25": BM25Part(Analyzer.english()), "dense-seeded": DensePart(encoder, chunk=8192)}
    stream = recombined(piece * options.segments + REPEATS * options.more)
    start = time.perf_counter()
    for number in range(options.segments):
        with CollectionWriter(root) as writer:
            if number:
                writer.add(islice(stream, piece), builders)
            else:
                writer.write_documents(islice(stream, piece))
                for name, builder in builders.items():
                    writer.build(name, builder)
            writer.commit()
    found: dict[str, Any] = {"documents": piece * options.segments, "grown_s": time.perf_counter() - start}
    many = Collection.open(root)
    start = time.perf_counter()
    with CollectionWriter(root) as writer:
        writer.compact()
        writer.commit()
    found["compact_s"] = time.perf_counter() - start
    one = Collection.open(root)
    assert len(many.segments) == options.segments
    assert len(one.segments) == 1
    sentences = [" ".join(document.text.split()[3:11]) for document in recombined(options.queries, seed=5)]
    queries = [Query(str(number), text) for number, text in enumerate(sentences)]
    found["search"] = {}
    for name in ("BM25", "flat"):
        some = queries if name == "BM25" else queries[:64]
        for k in (10, 1000):
            stages = {"many": retrievers(many, options.dim)[name], "one": retrievers(one, options.dim)[name]}
            found["search"][f"{name}, k = {k}"] = {"queries": len(some), **in_turn(stages, some, k)}
    many.close()
    one.close()
    found["cold"] = [cold(root, sentences[0]) for _ in range(REPEATS)]
    found["add_s"], found["seen_s"] = [], []
    for _ in range(REPEATS):
        documents = list(islice(stream, options.more))
        start = time.perf_counter()
        with CollectionWriter(root) as writer:
            writer.add(documents, builders)
            writer.commit()
            found["add_s"].append(time.perf_counter() - start)
        with Collection.open(root) as collection:
            last = documents[-1]
            ranking = BM25(collection).retrieve([Query("q", last.text)], k=1)["q"]
            assert collection.fetch(ranking.doc_ids) == [last], "a new reader does not find the newest document first"
        found["seen_s"].append(time.perf_counter() - start)
    found["cold_after"] = [cold(root, sentences[0]) for _ in range(REPEATS)]
    return found


def cold(root: Path, text: str) -> list[float]:
    """Seconds to open, and to open and answer the first query, in a process of its own."""
    done = subprocess.run([sys.executable, "-c", COLD, str(root), text], capture_output=True, text=True, check=True)
    return [float(value) for value in done.stdout.split()]


def report(found: dict[str, Any], options: argparse.Namespace) -> str:
    """The tables."""
    median = statistics.median
    rows = []
    for name, row in found["search"].items():
        one, many = median(row["one"]), median(row["many"])
        rows.append([name, f"{row['queries'] / one:,.0f}", f"{row['queries'] / many:,.0f}", f"{many / one:.2f}"])
    search = table(["", "one segment, queries/s", f"{options.segments} segments, queries/s", "slower by"], rows)
    opened, answered = (median(times) * 1000 for times in zip(*found["cold"], strict=True))
    later, later_answered = (median(times) * 1000 for times in zip(*found["cold_after"], strict=True))
    grown = (
        f"Grown to {found['documents']:,} documents in {options.segments} commits: {found['grown_s']:.0f} s; compacted in "
        f"{found['compact_s']:.0f} s. One thread; both give the same runs, bit for bit."
    )
    added = (
        f"Adding {options.more:,} documents to {found['documents']:,}: {median(found['add_s']):.2f} s (the slowest of {REPEATS}: "
        f"{max(found['add_s']):.2f}) from opening the writer until the commit is done; a new reader has found the newest of them after "
        f"{median(found['seen_s']):.2f} s."
    )
    opening = (
        f"A new process opens it in {opened:.0f} ms and has answered its first BM25 query after {answered:.0f} ms, kernels in the cache; "
        f"with {REPEATS} segments more {later:.0f} and {later_answered:.0f} ms."
    )
    return f"{search}\n\n{grown}\n\n{added}\n\n{opening}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--segments", type=int, default=20)
    parser.add_argument("--more", type=int, default=1000)
    parser.add_argument("--queries", type=int, default=1000)
    parser.add_argument("--dim", type=int, default=64)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        found = grow(Path(name) / "c", options)
    (HERE / "results" / "growth.json").write_text(json.dumps({"machine": machine(), **found}, indent=1), "utf-8")
    write_section("A collection that grows", report(found, options))


if __name__ == "__main__":
    main()
