"""Building an index for BM25 from texts, on one thread: rate, memory, bytes, loading; against bm25s and tantivy; and how it all scales.

    python benchmarks/building.py [--documents 100000 1000000] [--curve 10000 30000 100000 300000 1000000] [--peers PYTHON]

The texts are recombined real passages. Each engine analyses them itself, in a process of its own, and saves its index; an engine that is
not installed is named with the reason. `--documents` or `--curve` without numbers leaves that section as it is;
`--documents --curve 10000 100000 1000000 10000000` takes the curve alone, to 10 million documents.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from corpus import write_corpus
from results import machine, table, write_section

HERE = Path(__file__).parent
ENGINES = ("irloom", "bm25s", "tantivy")
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "RAYON_NUM_THREADS")


def run_engine(name: str, corpus: Path, folder: Path, python: Path) -> dict[str, Any]:
    """What `building_engines.py` prints, or {"skipped": reason}."""
    if not python.exists():
        return {"skipped": f"{python.parent.parent.name} is not there; run 'make bench-venvs'"}
    command = [str(python), str(HERE / "building_engines.py"), name, str(corpus), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **dict.fromkeys(THREADS, "1")}, check=False)
    if done.returncode:
        return {"skipped": (done.stderr.strip().splitlines() or ["no message"])[-1]}
    found: dict[str, Any] = json.loads(done.stdout[done.stdout.index("{") :])
    return found


def measure(count: int, engines: Sequence[str], peers: Path) -> dict[str, dict[str, Any]]:
    """The engines on a corpus of that many documents."""
    with tempfile.TemporaryDirectory() as name:
        corpus = Path(name) / "corpus"
        write_corpus(corpus, count)
        return {
            engine: run_engine(engine, corpus, Path(name) / engine, Path(sys.executable) if engine == "irloom" else peers)
            for engine in engines
        }


def exponent(sizes: Sequence[int], values: Sequence[float]) -> float:
    """The slope of the line of least squares through the logarithms."""
    xs, ys = [math.log(size) for size in sizes], [math.log(value) for value in values]
    middle_x, middle_y = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((x - middle_x) * (y - middle_y) for x, y in zip(xs, ys, strict=True)) / sum((x - middle_x) ** 2 for x in xs)


def peers_table(count: int, engines: dict[str, dict[str, Any]]) -> str:
    """One table of all engines at one size."""
    titles = ["engine", "built, documents/s", "to ours", "peak memory, MiB", "index, MiB", "load, ms", "first query, ms", "query, ms"]
    ours, rows, notes = engines["irloom"], [], []
    for name, row in engines.items():
        if "skipped" in row:
            notes.append(f"{name} was skipped: {row['skipped']}.")
            continue
        cells = [
            "irloom" if name == "irloom" else f"{name} {row['version']}",
            f"{count / row['build_seconds']:,.0f}",
            f"{ours['build_seconds'] / row['build_seconds']:.2f}",
            f"{row['peak_mib']:,.0f}",
            f"{row['bytes'] / 2**20:,.1f}",
            f"{1000 * row['load_seconds']:.1f}",
            f"{1000 * row['first_seconds']:.1f}",
            f"{1000 * row['query_seconds']:.2f}",
        ]
        rows.append(cells)
    notes.append(f"irloom stores the texts, too, in {ours['store_seconds']:.1f} s more; the others do not.")
    return "\n\n".join([f"### {count:,} documents", table(titles, rows), " ".join(notes)])


def curve_table(curve: dict[int, dict[str, Any]]) -> str:
    """How irloom's figures grow with the documents, with the fitted exponents."""
    sizes = sorted(curve)
    columns = {
        "build, s": [curve[size]["build_seconds"] for size in sizes],
        "store texts, s": [curve[size]["store_seconds"] for size in sizes],
        "query, ms": [1000 * curve[size]["query_seconds"] for size in sizes],
        "index, MiB": [curve[size]["bytes"] / 2**20 for size in sizes],
        "open, ms": [1000 * curve[size]["load_seconds"] for size in sizes],
        "first query, ms": [1000 * curve[size]["first_seconds"] for size in sizes],
    }
    rows: list[list[object]] = [
        [f"{size:,}", *(f"{values[place]:,.2f}" for values in columns.values()), f"{curve[size]['peak_mib']:,.0f}"]
        for place, size in enumerate(sizes)
    ]
    if len(sizes) > 1:
        rows.append(["exponent", *(f"{exponent(sizes, values):.2f}" for values in columns.values()), ""])
    return table(["documents", *columns, "peak memory, MiB"], rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, nargs="*", default=[100_000, 1_000_000])
    parser.add_argument("--curve", type=int, nargs="*", default=[10_000, 30_000, 100_000, 300_000, 1_000_000])
    parser.add_argument("--peers", type=Path, default=HERE.parent / ".venv-bench-lexical/bin/python")
    parser.add_argument("--note", default="", help="a sentence on the conditions of the run, put under the tables")
    options = parser.parse_args()
    found = {
        count: measure(count, ENGINES if count in options.documents else ENGINES[:1], options.peers)
        for count in sorted({*options.documents, *options.curve})
    }
    if options.documents:
        save("building", {count: found[count] for count in options.documents})
        write_section(
            "Building for BM25, one thread", "\n\n".join([*(peers_table(count, found[count]) for count in options.documents), options.note])
        )
    if options.curve:
        curve = {count: found[count]["irloom"] for count in options.curve}
        save("building_curve", curve)
        write_section("How building for BM25 scales, one thread", f"{curve_table(curve)}\n\n{options.note}")


def save(name: str, documents: dict[int, dict[str, Any]]) -> None:
    """Keeps the figures."""
    (HERE / "results").mkdir(exist_ok=True)
    (HERE / "results" / f"{name}.json").write_text(json.dumps({"machine": machine(), "documents": documents}, indent=1), "utf-8")


if __name__ == "__main__":
    main()
