"""The postings of BM25 at a million documents: bytes a posting on disk, the build's rate and its peak memory.

    python benchmarks/posting_size.py [--documents 1000000] [--dataset python-packages]

The documents are recombined real passages: the first half of one document's words and the second half of another's, drawn with a seed.
"""

import argparse
import json
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from results import machine, table, write_section

from irloom.core.types import Document
from irloom.data.named import load_dataset
from irloom.indexing.bm25_part import BM25Part
from irloom.indexing.collection import Collection
from irloom.indexing.writer import CollectionWriter
from irloom.retrievers.bm25 import BM25
from irloom.text.analyzer import Analyzer

HERE = Path(__file__).parent
KINDS = {
    "postings, with bounds, ranks and the table of lists": (
        "words",
        "ids",
        "tfs",
        "bits",
        "ranks",
        "chunk",
        "block",
        "list",
        "runs",
        "escaped",
        "counts",
    ),
    "exact lengths": ("lengths",),
    "vocabulary": ("terms",),
    "forward file": ("forward",),
}


def recombined(dataset: str, count: int) -> Iterator[Document]:
    """Half of one real document and half of another."""
    words = [document.full_text.split() for document in load_dataset(dataset).documents()]
    draw = random.Random(17)
    for place in range(count):
        first, second = draw.choice(words), draw.choice(words)
        yield Document(f"{place:08d}", " ".join([*first[: len(first) // 2], *second[len(second) // 2 :]]))


def sizes(folder: Path) -> dict[str, int]:
    """Bytes by kind of file; each file belongs to one kind."""
    found = dict.fromkeys(KINDS, 0)
    for path in folder.iterdir():
        kind = next(kind for kind, stems in KINDS.items() if path.name.split(".")[0].split("_")[0] in stems)
        found[kind] += path.stat().st_size
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--dataset", default="python-packages")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        with CollectionWriter(Path(name) / "c") as writer:
            start = time.perf_counter()
            writer.write_documents(recombined(options.dataset, options.documents))
            texts = time.perf_counter() - start
            writer.build("bm25", BM25Part(Analyzer.english()))
            built = time.perf_counter() - start - texts
            writer.commit()
        collection = Collection.open(Path(name) / "c")
        retriever = BM25(collection)
        postings = int(retriever.index.lists.runs[-1, 1])
        kinds = sizes(collection.part("bm25").folder)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows = [[kind, f"{size / 2**20:,.1f}", f"{size / postings:.2f}"] for kind, size in kinds.items()]
    note = (
        f"{options.documents:,} documents recombined from {options.dataset}, {postings:,} postings. Texts written in {texts:.0f} s, "
        f"indexed in {built:.0f} s ({options.documents / built:,.0f} documents/s, analysis included); peak memory of the "
        f"process {memory:,.0f} MiB, the source texts among it."
    )
    result = {
        "machine": machine(),
        "documents": options.documents,
        "postings": postings,
        "bytes": kinds,
        "index_seconds": built,
        "peak_mib": memory,
    }
    (HERE / "results").mkdir(exist_ok=True)
    (HERE / "results" / "posting_size.json").write_text(json.dumps(result, indent=1), "utf-8")
    write_section("The size of BM25's postings", "\n\n".join([table(["file", "MiB", "bytes a posting"], rows), note]))


if __name__ == "__main__":
    main()
