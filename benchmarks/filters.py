"""Filtered search: recall and speed where 50, 10, 1 and 0.1 % of the documents may be found, and what a filter itself costs.

    python benchmarks/filters.py [--documents 100000] [--dim 128] [--queries 200]

Documents are recombined real passages with seeded vectors in clusters. Two fields choose among them: `share` is random, so a filter is
independent of the query; `side` follows one direction of the vectors, so that a filter keeps one corner of the space and most queries lie
elsewhere, which is hard for graphs and lists. Recall@10 is against every allowed document scored. Beside irloom stand FAISS alone with its
own selector on a graph built alike and searched as hard as irloom searches without a filter, and polars for the filter alone. One thread;
engines take turns, each figure is the median of five.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS", "POLARS_MAX_THREADS"), "1"))

import faiss
import numpy as np
import polars as pl
from corpus import recombined
from numpy.typing import NDArray
from results import machine, table, write_section

from irloom.core.stage import Retriever
from irloom.core.types import Document, Filter, Query
from irloom.indexing.ann import AnnWish
from irloom.indexing.bm25_part import BM25Part
from irloom.indexing.collection import Collection
from irloom.indexing.dense_part import DensePart
from irloom.indexing.filtering import SnapshotFilters, filters_of
from irloom.indexing.writer import CollectionWriter
from irloom.retrievers.bm25 import BM25
from irloom.retrievers.dense import Dense
from irloom.text.analyzer import Analyzer

HERE = Path(__file__).parent
REPEATS, K, BATCH = 5, 10, 100
SHARES = (0.5, 0.1, 0.01, 0.001)
LANGUAGES = ("en", "de", "fr", "es", "it")
FORMS = (
    'lang == "en"',
    'lang in ("en", "de") and 2000 <= year < 2010',
    'not (lang == "en" or year >= 2020)',
    'url startswith "https://example.org/1"',
    "share < 0.001",
    '"t7" in tags',
)
Vectors = NDArray[np.float32]


class Clustered:
    """Seeded unit vectors about 1,000 centres, by the number that an id is."""

    space = fingerprint = "clustered"
    compatible_with: tuple[str, ...] = ()

    def __init__(self, documents: int, queries: int, dim: int) -> None:
        rng = np.random.default_rng(0)
        centres = rng.standard_normal((1000, dim), np.float32)
        made = centres[rng.integers(1000, size=documents + queries)] + rng.standard_normal((documents + queries, dim), np.float32)
        made /= np.linalg.norm(made, axis=1, keepdims=True)
        self.documents, self.queries = made[:documents], made[documents:]

    def encode_documents(self, documents: Sequence[Document]) -> Vectors:
        return self.documents[[int(document.id) for document in documents]]

    def encode_queries(self, queries: Sequence[Query]) -> Vectors:
        return self.queries[[int(query.id) for query in queries]]

    def warm_up(self) -> None:
        """Nothing to load."""


def described(encoder: Clustered) -> Iterator[Document]:
    """The documents with metadata."""
    count, rng = len(encoder.documents), np.random.default_rng(1)
    share = rng.permutation(count) / count
    side = np.argsort(np.argsort(encoder.documents[:, :8].sum(axis=1))) / count
    for place, document in enumerate(recombined(count)):
        meta = {
            "share": float(share[place]),
            "side": float(side[place]),
            "lang": LANGUAGES[int(rng.integers(5))],
            "year": int(rng.integers(1990, 2025)),
            "tags": tuple(f"t{tag}" for tag in rng.integers(100, size=2)),
            "url": f"https://example.org/{place * 7919 % count}",
        }
        yield replace(document, id=str(place), meta=meta)


def build(root: Path, encoder: Clustered) -> Collection:
    """BM25, exact vectors, a graph and inverted lists over the same documents."""
    with CollectionWriter(root) as writer:
        writer.write_documents(described(encoder))
        writer.build("bm25", BM25Part(Analyzer.english()))
        writer.build("flat", DensePart(encoder, chunk=8192))
        for kind in ("hnsw", "ivf"):
            writer.build(kind, DensePart(encoder, chunk=8192, faiss=AnnWish(kind)))
        writer.commit()
    return Collection.open(root)


def median_seconds(works: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """The median seconds of each work, in turns, after one turn that does not count."""
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(REPEATS + 1):
        for name, work in works.items():
            start = time.perf_counter()
            work()
            if turn:
                seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(times) for name, times in seconds.items()}


def recall(found: Sequence[Sequence[str]], best: Sequence[Sequence[str]]) -> float:
    """The mean share of the best that was found."""
    return statistics.mean(len(set(a) & set(b)) / len(b) for a, b in zip(found, best, strict=True) if b)


def exact(encoder: Clustered, mask: NDArray[np.bool_] | None) -> list[list[str]]:
    """The best documents of each query by scoring all that are allowed."""
    places = np.arange(len(encoder.documents)) if mask is None else np.flatnonzero(mask)
    scores = encoder.queries @ encoder.documents[places].T
    best = np.argsort(-scores, axis=1, kind="stable")[:, :K]
    return [[str(place) for place in places[row]] for row in best]


class Alone:
    """FAISS's graph alone, with its selector, as hard as irloom's search without a filter."""

    def __init__(self, encoder: Clustered, effort: int) -> None:
        self.index = faiss.IndexHNSWFlat(encoder.documents.shape[1], 32, faiss.METRIC_INNER_PRODUCT)
        self.index.hnsw.efConstruction = 200
        faiss.omp_set_num_threads(os.cpu_count() or 1)
        self.index.add(encoder.documents)
        faiss.omp_set_num_threads(1)
        self.effort = effort

    def search(self, queries: Vectors, mask: NDArray[np.bool_] | None) -> list[list[str]]:
        selector = None if mask is None else faiss.IDSelectorBitmap(np.packbits(mask, bitorder="little"))
        _, found = self.index.search(queries, K, params=faiss.SearchParametersHNSW(efSearch=self.effort, sel=selector))
        return [[str(place) for place in row if place >= 0] for row in found.tolist()]


def searched(stage: Retriever, queries: Sequence[Query], where: Filter | None) -> list[list[str]]:
    """The documents of each query."""
    run = stage.retrieve([replace(query, where=where) for query in queries], k=K)
    return [list(run[query.id].doc_ids) for query in queries]


def measure(collection: Collection, encoder: Clustered, count: int) -> list[dict[str, Any]]:
    """Recall and speed of every engine at every share of either field."""
    sentences = [" ".join(document.text.split()[3:11]) for document in recombined(count, seed=5)]
    queries = [Query(str(place), text) for place, text in enumerate(sentences)]
    stages: dict[str, Retriever] = {"BM25": BM25(collection)}
    stages |= {name: Dense(collection, encoder, part=name, threads=1) for name in ("flat", "hnsw", "ivf")}
    for stage in stages.values():
        stage.warm_up()
    records = stages["hnsw"].index.records  # type: ignore[attr-defined]
    alone = Alone(encoder, records[0].setting(K).effort if records else 64)  # few documents are scanned, without a graph
    whole = BM25(collection).retrieve(queries, k=len(collection))
    words = [np.array(whole[query.id].doc_ids, np.int64) for query in queries]
    rows = []
    for field, share in [("", 1.0), *((field, share) for field in ("share", "side") for share in SHARES)]:
        where = Filter(f"{field} < {share}") if field else None
        mask = np.array(filters_of(collection).mask(where)) if where else None
        best = {name: exact(encoder, mask) for name in ("flat", "hnsw", "ivf", "FAISS hnsw alone")}
        best["BM25"] = [[str(place) for place in (row if mask is None else row[mask[row]])[:K]] for row in words]
        found = {name: searched(stage, queries, where) for name, stage in stages.items()}
        found["FAISS hnsw alone"] = alone.search(encoder.queries, mask)
        works: dict[str, Callable[[], object]] = {}
        for name, stage in stages.items():
            works[name] = lambda stage=stage, where=where: searched(stage, queries[:BATCH], where)
            works[f"{name}, one"] = lambda stage=stage, where=where: [searched(stage, [query], where) for query in queries[:20]]
        works["FAISS hnsw alone"] = lambda mask=mask: alone.search(encoder.queries[:BATCH], mask)
        works["FAISS hnsw alone, one"] = lambda mask=mask: [alone.search(encoder.queries[[row]], mask) for row in range(20)]
        seconds = median_seconds(works)
        for name, lists in found.items():
            speed = {"qps": min(BATCH, count) / seconds[name], "one_ms": 1000 * seconds[f"{name}, one"] / min(20, count)}
            rows.append({"field": field, "share": share, "engine": name, "recall": recall(lists, best[name]), **speed})
    return rows


def masks(collection: Collection) -> list[dict[str, Any]]:
    """What it takes to reckon each form of a filter, here and by polars on the same values in memory."""
    documents = list(collection.documents())
    columns = {name: [document.meta.get(name) for document in documents] for name in ("lang", "year", "url", "share", "tags")}
    columns["tags"] = [list(tags) for tags in columns["tags"]]  # type: ignore[arg-type]
    frame, one = pl.DataFrame(columns), pl.col
    same = (
        one("lang") == "en",
        one("lang").is_in(["en", "de"]) & (one("year") >= 2000) & (one("year") < 2010),
        ~((one("lang") == "en") | (one("year") >= 2020)),
        one("url").str.starts_with("https://example.org/1"),
        one("share") < 0.001,
        one("tags").list.contains("t7"),
    )
    rows = []
    for text, expression in zip(FORMS, same, strict=True):
        works: dict[str, Callable[[], Any]] = {
            "irloom": lambda text=text: fresh(collection).mask(Filter(text)),
            "polars": lambda expression=expression: frame.select(expression).to_series().to_numpy(),
        }
        assert np.array_equal(works["irloom"](), works["polars"]())
        share = float(np.mean(works["irloom"]()))
        rows.append({"filter": text, "share": share, "milliseconds": {name: 1000 * value for name, value in median_seconds(works).items()}})
    return rows


def fresh(collection: Collection) -> SnapshotFilters:
    """Filters that have no mask yet, with the columns opened."""
    filters = SnapshotFilters(collection.segments, where=str(collection.root))
    filters.columns = filters_of(collection).columns  # type: ignore[misc]
    return filters


def report(found: Mapping[str, Any]) -> str:
    """The tables."""
    parts = [f"{found['documents']:,} documents, vectors of {found['dim']}, {found['queries']} queries, k = {K}."]
    titles = ["engine", "may be found", "recall@10", f"queries/s, {BATCH} at a time", "ms, one at a time"]
    names = {"": "without a filter", "share": "independent of the query", "side": "one corner of the space"}
    for field, name in names.items():
        rows = [
            [row["engine"], f"{100 * row['share']:g} %", f"{row['recall']:.3f}", f"{row['qps']:,.0f}", f"{row['one_ms']:.2f}"]
            for engine in ("BM25", "flat", "hnsw", "ivf", "FAISS hnsw alone")
            for row in found["search"]
            if row["field"] == field and row["engine"] == engine
        ]
        parts += [f"### {name[0].upper()}{name[1:]}", table(titles, rows)]
    least = {
        kind: min(row["recall"] for row in found["search"] if row["field"] and row["engine"] in engines)
        for kind, engines in {"exact": ("BM25", "flat"), "approximate": ("hnsw", "ivf")}.items()
    }
    parts.append(
        f"The least recall@10 under a filter: {least['exact']:.3f} of exact parts, {least['approximate']:.3f} of approximate ones."
    )
    rows = [
        [f"`{row['filter']}`", f"{100 * row['share']:.2g} %", *(f"{value:.2f}" for value in row["milliseconds"].values())]
        for row in found["masks"]
    ]
    engines = [f"{name}, ms" for name in found["masks"][0]["milliseconds"]]
    parts += ["### Reckoning a filter, once for a snapshot", table(["filter", "holds for", *engines], rows)]
    return "\n\n".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--dim", type=int, default=128)
    parser.add_argument("--queries", type=int, default=200)
    options = parser.parse_args()
    encoder = Clustered(options.documents, options.queries, options.dim)
    with tempfile.TemporaryDirectory() as name, build(Path(name) / "c", encoder) as collection:
        found = {
            "documents": options.documents,
            "dim": options.dim,
            "queries": options.queries,
            "search": measure(collection, encoder, options.queries),
            "masks": masks(collection),
        }
    (HERE / "results" / "filters.json").write_text(json.dumps({"machine": machine(), **found}, indent=1), "utf-8")
    write_section("Filters", report(found))


if __name__ == "__main__":
    main()
