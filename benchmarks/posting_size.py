"""The postings of BM25 at a million documents or more: bytes a posting on disk, the build's rate and its peak memory.

    python benchmarks/posting_size.py [--documents 1000000] [--dataset python-packages] [--max-memory 1073741824]

The documents are recombined real passages (`corpus.py`). `--documents 10000000` needs 35 GB of disk.
"""

import argparse
import json
import resource
import tempfile
import time
from pathlib import Path

from corpus import recombined
from results import machine, table, write_section

from irloom.indexing.bm25_part import BM25Part
from irloom.indexing.inverted import InvertedIndex
from irloom.indexing.writer import CollectionWriter
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
    parser.add_argument("--max-memory", type=int, default=1 << 30, help="bytes that the build may take")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        with CollectionWriter(Path(name) / "c") as writer:
            start = time.perf_counter()
            writer.write_documents(recombined(options.documents, dataset=options.dataset))
            texts = time.perf_counter() - start
            writer.build("bm25", BM25Part(Analyzer.english(), memory=options.max_memory))
            built = time.perf_counter() - start - texts
            writer.commit()
        (folder,) = (Path(name) / "c").glob("segments/*/bm25")
        postings, kinds = int(InvertedIndex(folder).lists.runs[-1, 1]), sizes(folder)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows = [[kind, f"{size / 2**20:,.1f}", f"{size / postings:.2f}"] for kind, size in kinds.items()]
    note = (
        f"{options.documents:,} documents recombined from {options.dataset}, {postings:,} postings. Texts written in {texts:.0f} s, "
        f"indexed in {built:.0f} s ({options.documents / built:,.0f} documents/s, analysis included); peak memory of the "
        f"process {memory:,.0f} MiB, the source texts among it, with {options.max_memory / 2**20:,.0f} MiB for the build."
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
    title = f"The size of BM25's postings at {options.documents:,} documents"
    write_section(title, "\n\n".join([table(["file", "MiB", "bytes a posting"], rows), note]))


if __name__ == "__main__":
    main()
