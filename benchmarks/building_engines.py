"""One engine builds an index from a file of texts, on one thread: run by `building.py` with the interpreter that has the engine.

    python building_engines.py ENGINE CORPUS FOLDER

CORPUS is a dataset's folder (corpus.jsonl, queries.jsonl), FOLDER is where the index goes. Each engine analyses the texts itself and
saves its index, after a small one that compiles and imports what it needs. Prints one JSON object: version, build_seconds, bytes on
disk, peak_mib of memory, and in processes of their own that have the engine imported: load_seconds of the saved index,
first_seconds of the first query, and query_seconds of each later one.
"""

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

REPEATS = 5
LOADS_EACH = 3
K = 10
Search = Callable[[list[str]], object]


def texts(corpus: Path) -> Iterator[str]:
    """The texts, streamed."""
    with (corpus / "corpus.jsonl").open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)["text"]


def queries(corpus: Path) -> list[str]:
    """The first 200 queries."""
    with (corpus / "queries.jsonl").open(encoding="utf-8") as file:
        return [json.loads(line)["text"] for line, _ in zip(file, range(200), strict=False)]


def beginning(corpus: Path, folder: Path, count: int) -> Path:
    """A dataset of the first texts."""
    folder.mkdir()
    with (corpus / "corpus.jsonl").open(encoding="utf-8") as file:
        (folder / "corpus.jsonl").write_text("".join(line for line, _ in zip(file, range(count), strict=False)), "utf-8")
    return folder


def build_irloom(corpus: Path, folder: Path) -> dict[str, Any]:
    """The texts are stored in the collection too; what that takes is told apart."""
    from irloom.data.named import load_dataset
    from irloom.indexing.bm25_part import BM25Part
    from irloom.indexing.writer import CollectionWriter
    from irloom.text.analyzer import Analyzer

    start = time.perf_counter()
    with CollectionWriter(folder) as writer:
        writer.write_documents(load_dataset(str(corpus)).documents())
        stored = time.perf_counter()
        writer.build("bm25", BM25Part(Analyzer.english()))
        built = time.perf_counter()
        writer.commit()
    committed = time.perf_counter()
    (part,) = (folder / "segments").glob("*/bm25")
    kinds = {path.name: path.stat().st_size for path in sorted(part.iterdir())}
    return {
        "build_seconds": built - stored,
        "store_seconds": stored - start + committed - built,
        "bytes": sum(kinds.values()),
        "files": kinds,
    }


def load_irloom(folder: Path) -> Search:
    from irloom.core.types import Query
    from irloom.indexing.collection import Collection
    from irloom.retrievers.bm25 import BM25

    retriever = BM25(Collection.open(folder))
    return lambda asked: retriever.retrieve([Query(str(place), text) for place, text in enumerate(asked)], k=K)


def build_bm25s(corpus: Path, folder: Path) -> dict[str, Any]:
    """Its own tokenizer with English stop words; it stems by another package only, so it does not here."""
    import bm25s

    start = time.perf_counter()
    tokens = bm25s.tokenize(list(texts(corpus)), stopwords="en", show_progress=False)
    retriever = bm25s.BM25(k1=0.9, b=0.4, method="lucene", backend="numba")
    retriever.index(tokens, show_progress=False)
    retriever.save(str(folder))
    return {"build_seconds": time.perf_counter() - start, "bytes": size_of(folder)}


def load_bm25s(folder: Path) -> Search:
    import bm25s

    retriever = bm25s.BM25.load(str(folder), mmap=True)
    retriever.backend = "numba"
    retriever.activate_numba_scorer()

    def search(asked: list[str]) -> object:
        tokens = bm25s.tokenize(asked, stopwords="en", return_ids=False, show_progress=False)
        known = [[term for term in row if term in retriever.vocab_dict] or [""] for row in tokens]
        return retriever.retrieve(known, k=K, n_threads=1, show_progress=False)

    return search


def build_tantivy(corpus: Path, folder: Path) -> dict[str, Any]:
    """Its English analyzer with stems; texts are not stored."""
    import tantivy

    start = time.perf_counter()
    folder.mkdir()
    index = tantivy.Index(_tantivy_schema(), path=str(folder))
    writer = index.writer(heap_size=1_000_000_000, num_threads=1)
    for place, text in enumerate(texts(corpus)):
        writer.add_document(tantivy.Document(text=text, place=place))
    writer.commit()
    writer.wait_merging_threads()
    return {"build_seconds": time.perf_counter() - start, "bytes": size_of(folder)}


def load_tantivy(folder: Path) -> Search:
    import tantivy

    index = tantivy.Index(_tantivy_schema(), path=str(folder))
    index.reload()
    searcher = index.searcher()

    def search(asked: list[str]) -> object:
        parsed = [index.parse_query_lenient(text, ["text"])[0] for text in asked]
        return [searcher.search(query, K, count=False).hits for query in parsed]

    return search


def _tantivy_schema() -> Any:
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_text_field("text", stored=False, tokenizer_name="en_stem", index_option="freq")
    builder.add_integer_field("place", stored=False, indexed=False, fast=True)
    return builder.build()


def size_of(folder: Path) -> int:
    """Bytes of all files."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


BUILDS = {"irloom": build_irloom, "bm25s": build_bm25s, "tantivy": build_tantivy}
LOADS = {"irloom": load_irloom, "bm25s": load_bm25s, "tantivy": load_tantivy}


def measure(name: str, corpus: Path, folder: Path) -> dict[str, Any]:
    """Loading and searching what was built, in this process."""
    asked = queries(corpus)
    __import__({"irloom": "irloom.retrievers.bm25"}.get(name, name))
    start = time.perf_counter()
    search = LOADS[name](folder)
    loaded = time.perf_counter()
    search(asked[:1])
    first = time.perf_counter()
    search(asked)
    seconds = []
    for _ in range(REPEATS):
        before = time.perf_counter()
        search(asked)
        seconds.append(time.perf_counter() - before)
    return {"load_seconds": loaded - start, "first_seconds": first - loaded, "query_seconds": statistics.median(seconds) / len(asked)}


def main() -> None:
    name, corpus, folder = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    if sys.argv[4:] == ["load"]:
        print(json.dumps(measure(name, corpus, folder)))
        return
    with tempfile.TemporaryDirectory() as small:
        BUILDS[name](beginning(corpus, Path(small) / "corpus", 500), Path(small) / "index")
    found = BUILDS[name](corpus, folder)
    found["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    loads = []
    for _ in range(LOADS_EACH):
        done = subprocess.run([sys.executable, __file__, *sys.argv[1:4], "load"], capture_output=True, text=True, check=True)
        loads.append(json.loads(done.stdout[done.stdout.index("{") :]))
    for key in loads[0]:
        found[key] = statistics.median(load[key] for load in loads)
    print(json.dumps({"version": version("numba" if name == "irloom" else name), **found}))


if __name__ == "__main__":
    main()
