"""One BM25 engine on one thread, timed: run by `bm25.py` with the interpreter of the environment that has the engine.

    python lexical_engines.py ENGINE FOLDER

FOLDER holds documents.txt and queries.txt, one analysed text a line, terms parted by blanks. Prints one JSON object: version,
build_seconds, and for each k the seconds of each repeat, the queries' best document positions, and notes.
"""

import gc
import json
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

KS = (10, 1000)
REPEATS = 5
Tokens = list[list[str]]
Found = list[list[int]]


def timed(search: Callable[[int], Any], positions: Callable[[Any], Found]) -> dict[str, Any]:
    """Each k once to warm up, then five times."""
    rows: dict[str, Any] = {}
    for k in KS:
        search(k)
        seconds = []
        for _ in range(REPEATS):
            gc.collect()
            start = time.perf_counter()
            found = search(k)
            seconds.append(time.perf_counter() - start)
        rows[str(k)] = {"seconds": seconds, "top": positions(found)}
    return rows


def irloom(documents: Tokens, queries: Tokens, folder: Path) -> dict[str, Any]:
    """Ours: from terms to an array of positions."""
    from irloom.core.types import Document
    from irloom.indexing.collection import Collection
    from irloom.indexing.inverted import BM25Part
    from irloom.indexing.writer import CollectionWriter
    from irloom.retrievers.bm25 import BM25
    from irloom.text.analyzer import Analyzer

    with CollectionWriter(folder / "irloom") as writer:
        writer.write_documents(Document(f"{place:09d}", " ".join(terms)) for place, terms in enumerate(documents))
        start = time.perf_counter()
        writer.build("bm25", BM25Part(Analyzer.unicode()))
        seconds = time.perf_counter() - start
        writer.commit()
    retriever = BM25(Collection.open(folder / "irloom"))
    retriever.warm_up()
    rows = timed(
        lambda k: retriever.search(queries, k=k), lambda hits: [[p for p in row if p >= 0] for row in hits.positions[:, :10].tolist()]
    )
    lists = retriever.index.lists
    postings = int(lists.runs[-1, 1])
    terms = [retriever.index.terms.find(query) for query in queries]
    counted = [name for name in lists._fields if name != "lengths"]
    note = {
        "postings": postings,
        "postings_a_query": sum(int(retriever.index.df(sorted({t for t in row.tolist() if t >= 0})).sum()) for row in terms) / len(queries),
        "bytes_a_posting": sum(getattr(lists, name).nbytes for name in counted) / postings,
        "part_bytes": {path.name: path.stat().st_size for path in sorted(retriever.part.folder.iterdir())},
    }
    return {"version": version("numba"), "build_seconds": seconds, "k": rows, "notes": note}


def bm25s(documents: Tokens, queries: Tokens, _folder: Path) -> dict[str, Any]:
    """With its numba backend; queries are its own term numbers, so that only scoring and top-k are timed."""
    import bm25s as library

    retriever = library.BM25(k1=0.9, b=0.4, method="lucene", backend="numba")
    start = time.perf_counter()
    retriever.index(documents, show_progress=False)
    seconds = time.perf_counter() - start
    known = [[term for term in query if term in retriever.vocab_dict] or [""] for query in queries]

    def search(k: int) -> Any:
        return retriever.retrieve(known, k=min(k, len(documents)), n_threads=1, show_progress=False)

    rows = timed(search, lambda found: found.documents[:, :10].tolist())
    return {"version": version("bm25s"), "build_seconds": seconds, "k": rows}


def tantivy(documents: Tokens, queries: Tokens, _folder: Path) -> dict[str, Any]:
    """Boolean queries of should-clauses; k1 and b are fixed at 1.2 and 0.75 there."""
    import tantivy as library

    builder = library.SchemaBuilder()
    builder.add_text_field("text", stored=False, tokenizer_name="whitespace", index_option="freq")
    builder.add_integer_field("place", stored=False, indexed=False, fast=True)
    schema = builder.build()
    index = library.Index(schema)
    index.register_tokenizer("whitespace", library.TextAnalyzerBuilder(library.Tokenizer.whitespace()).build())
    start = time.perf_counter()
    writer = index.writer(heap_size=1_000_000_000, num_threads=1)
    for place, terms in enumerate(documents):
        writer.add_document(library.Document(text=" ".join(terms), place=place))
    writer.commit()
    writer.wait_merging_threads()
    seconds = time.perf_counter() - start
    index.reload()
    searcher = index.searcher()

    def query_of(terms: list[str]) -> Any:
        return library.Query.boolean_query(
            [(library.Occur.Should, library.Query.term_query(schema, "text", term, "freq")) for term in terms]
        )

    ready = [query_of(query) for query in queries]

    def search(k: int) -> Any:
        return [searcher.search(query, k, count=False).hits for query in ready]

    rows = timed(search, lambda _: [])
    return {"version": version("tantivy"), "build_seconds": seconds, "k": rows, "notes": {"segments": searcher.num_segments}}


def pisa(documents: Tokens, queries: Tokens, folder: Path) -> dict[str, Any]:
    """MaxScore on block_simdbp; end to end through pandas, and the engine's own call alone."""
    import numpy as np
    import pandas as pd
    import pyterrier_pisa as library

    index = library.PisaIndex(str(folder / "pisa"), stemmer="none", stops="none", threads=1, overwrite=True)
    start = time.perf_counter()
    index.index({"docno": str(place), "text": " ".join(terms)} for place, terms in enumerate(documents))
    seconds = time.perf_counter() - start
    frame = pd.DataFrame({"qid": [str(row) for row in range(len(queries))], "query": [" ".join(query) for query in queries]})
    retrievers = {k: index.bm25(k1=0.9, b=0.4, num_results=k, threads=1, query_algorithm="maxscore") for k in KS}
    asked = list(enumerate(frame["query"]))

    def engine(k: int) -> int:
        size = len(queries) * k
        arrays = {
            "result_qidxs": np.empty(size, np.int32),
            "result_docnos": np.empty(size, object),
            "result_ranks": np.empty(size, np.int32),
            "result_scores": np.empty(size, np.float32),
        }
        context = retrievers[k]._ctxt
        return int(library._pisathon.retrieve(context, "maxscore", asked, k=k, threads=1, query_weighted=0, pretokenised=False, **arrays))

    def top(found: Any) -> Found:
        grouped = found[found["rank"] < 10].groupby("qid", sort=False)["docno"].apply(list)
        return [[int(docno) for docno in grouped.get(str(row), [])] for row in range(len(queries))]

    rows = timed(lambda k: retrievers[k](frame), top)
    for k, row in timed(engine, lambda _: []).items():
        rows[k]["engine_seconds"] = row["seconds"]
    return {"version": version("pyterrier_pisa"), "build_seconds": seconds, "k": rows}


ENGINES = {"irloom": irloom, "bm25s": bm25s, "tantivy": tantivy, "pisa": pisa}


def main() -> None:
    engine, folder = sys.argv[1], Path(sys.argv[2])
    documents, queries = (
        [line.split(" ") if line else [] for line in (folder / name).read_text("utf-8").split("\n")]
        for name in ("documents.txt", "queries.txt")
    )
    json.dump(ENGINES[engine](documents, queries, folder), sys.stdout)


if __name__ == "__main__":
    main()
