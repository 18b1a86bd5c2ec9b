"""BM25 on one thread against bm25s (numba), tantivy, PISA and Lucene: queries a second at k 10 and 1000, and building.

    python benchmarks/bm25.py [DATASET ...] [--queries 1000] [--peers PYTHON] [--lucene PYTHON]

Texts are analysed once by irloom's English analyzer, and each engine gets the same terms, renamed to words of letters and digits
so that none cuts them again. Each engine runs in a process of its own; each figure is the median of five. An engine that is not
installed is named with the reason. Peers live in `.venv-bench-lexical`, Lucene in `.venv-bench-lucene` (`make bench-venvs`).
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from results import machine, table, write_section

from irloom.data.named import load_dataset
from irloom.text.analyzer import Analyzer

HERE = Path(__file__).parent
ENGINES = ("irloom", "bm25s", "tantivy", "pisa", "lucene")


def write_texts(dataset: str, folder: Path, count: int) -> tuple[int, int]:
    """documents.txt and queries.txt; the queries are a seeded sample."""
    loaded, analyzer = load_dataset(dataset), Analyzer.english()
    names: dict[str, str] = {}

    def line(text: str) -> str:
        return " ".join(names.setdefault(term, f"t{len(names)}") for term in analyzer.tokens(text))

    documents = [line(document.full_text) for document in loaded.documents()]
    texts = [query.text for query in loaded.queries()]
    queries = [line(text) for text in (random.Random(13).sample(texts, count) if len(texts) > count else texts)]
    queries = [query for query in queries if query]
    (folder / "documents.txt").write_text("\n".join(documents), "utf-8")
    (folder / "queries.txt").write_text("\n".join(queries), "utf-8")
    return len(documents), len(queries)


def run_engine(name: str, folder: Path, python: Path) -> dict[str, Any]:
    """What `lexical_engines.py` prints, or {"skipped": reason}."""
    if not python.exists():
        return {"skipped": f"{python.parent.parent.name} is not there; run 'make bench-venvs'"}
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "RAYON_NUM_THREADS"), "1")
    command = [str(python), str(HERE / "lexical_engines.py"), name, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **one}, check=False)
    if done.returncode:
        return {"skipped": (done.stderr.strip().splitlines() or ["no message"])[-1]}
    found: dict[str, Any] = json.loads(done.stdout[done.stdout.index("{") :])
    return found


def agreement(ours: list[list[int]], theirs: list[list[int]]) -> float:
    """The mean share of our first ten that the other engine has among its own."""
    shares = [len(set(a) & set(b)) / len(a) for a, b in zip(ours, theirs, strict=True) if a]
    return statistics.mean(shares) if shares else 0.0


def compare(dataset: str, count: int, pythons: Mapping[str, Path]) -> dict[str, Any]:
    """All engines on one dataset, each with its interpreter."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        documents, queries = write_texts(dataset, folder, count)
        engines = {engine: run_engine(engine, folder, pythons[engine]) for engine in ENGINES}
    ours = engines["irloom"]
    rows = {}
    for engine, found in engines.items():
        if "skipped" in found:
            rows[engine] = found
            continue
        row: dict[str, Any] = {"version": found["version"], "documents_a_second": documents / found["build_seconds"]}
        for k, timing in found["k"].items():
            row[f"qps@{k}"] = queries / statistics.median(timing["seconds"])
            row[f"ratio@{k}"] = statistics.median(timing["seconds"]) / statistics.median(ours["k"][k]["seconds"])
            for part in ("engine", "whole"):
                if f"{part}_seconds" in timing:
                    row[f"{part}_qps@{k}"] = queries / statistics.median(timing[f"{part}_seconds"])
        if any(found["k"]["10"]["top"]):
            row["agreement@10"] = agreement(ours["k"]["10"]["top"], found["k"]["10"]["top"])
        row |= {"notes": found.get("notes", {})}
        rows[engine] = row
    return {"dataset": dataset, "documents": documents, "queries": queries, "engines": rows}


def report(result: dict[str, Any]) -> str:
    """One Markdown table and what it leaves out."""
    titles = [
        "engine",
        "k = 10, queries/s",
        "irloom is faster by",
        "k = 1000, queries/s",
        "irloom is faster by",
        "built, documents/s",
        "same top 10",
    ]
    rows, notes = [], []
    for engine, row in result["engines"].items():
        if "skipped" in row:
            notes.append(f"{engine} was skipped: {row['skipped']}.")
            continue
        cells = [f"{engine} {row['version']}" if engine != "irloom" else "irloom"]
        for k in (10, 1000):
            cells += [f"{row[f'qps@{k}']:,.0f}", "" if engine == "irloom" else f"{row[f'ratio@{k}']:.1f}"]
        rows.append([*cells, f"{row['documents_a_second']:,.0f}", f"{row['agreement@10']:.3f}" if "agreement@10" in row else ""])
        if "engine_qps@10" in row:
            notes.append(
                f"{engine}'s engine alone, without pandas: {row['engine_qps@10']:,.0f} and {row['engine_qps@1000']:,.0f} queries/s."
            )
        if "whole_qps@10" in row:
            notes.append(
                f"{engine}'s row is its own searcher with ready queries, its hits left in Java; pyserini's LuceneSearcher.search, from "
                f"text to document ids: {row['whole_qps@10']:,.0f} and {row['whole_qps@1000']:,.0f} queries/s. {row['notes']['java']}."
            )
    ours = result["engines"]["irloom"]["notes"]
    notes.append(
        f"{ours['postings_a_query']:,.0f} postings a query; our postings take {ours['bytes_a_posting']:.2f} bytes each: "
        "all that is read of them, with bounds, ranks and the table of lists, without vocabulary, lengths and forward file."
    )
    head = f"### {result['dataset']}: {result['documents']:,} documents, {result['queries']:,} queries"
    return "\n\n".join([head, table(titles, rows), " ".join(notes)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datasets", nargs="*", default=["python-packages", "scifact"])
    parser.add_argument("--queries", type=int, default=1000)
    parser.add_argument("--peers", type=Path, default=HERE.parent / ".venv-bench-lexical/bin/python")
    parser.add_argument("--lucene", type=Path, default=HERE.parent / ".venv-bench-lucene/bin/python")
    arguments = parser.parse_args()
    pythons = dict.fromkeys(ENGINES, arguments.peers) | {"irloom": Path(sys.executable), "lucene": arguments.lucene}
    results = [compare(dataset, arguments.queries, pythons) for dataset in arguments.datasets]
    folder = HERE / "results"
    folder.mkdir(exist_ok=True)
    (folder / "bm25.json").write_text(json.dumps({"machine": machine(), "results": results}, indent=1), "utf-8")
    write_section("BM25, one thread", "\n\n".join(map(report, results)))


if __name__ == "__main__":
    main()
