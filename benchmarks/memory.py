"""Building a million documents within bounded memory: peak resident memory of `irloom index`, part by part.

    python benchmarks/memory.py [--documents 1000000] [--dim 384] [--limit 2GB]

The documents are recombined real passages, the vectors a seeded mixture of Gaussians in a .npy file. Each command runs in a process of its
own; its peak is what the system recorded of that process, mapped pages of files counted in. The BM25 build is killed (SIGKILL) in the
middle once, and the same command takes it up again. One thread.
"""

import argparse
import filecmp
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from corpus import write_corpus
from results import machine, table, write_section

HERE = Path(__file__).parent
CENTRES = 1024
PIECE = 50_000


def write_vectors(path: Path, count: int, dim: int) -> None:
    """vectors.npy, float32 (count, dim) of length 1, and vectors.ids beside it."""
    centres = np.random.default_rng(1).standard_normal((CENTRES, dim), np.float32)
    rows = np.lib.format.open_memmap(path, "w+", np.float32, (count, dim))
    for start in range(0, count, PIECE):
        draw = np.random.default_rng(start + 2)
        size = min(PIECE, count - start)
        some = centres[draw.integers(0, CENTRES, size)] + draw.standard_normal((size, dim), np.float32)
        rows[start : start + size] = some / np.linalg.norm(some, axis=1, keepdims=True)
    rows.flush()
    path.with_suffix(".ids").write_text("".join(f"{number:08d}\n" for number in range(count)), "ascii")


def run(arguments: list[str], *, kill_after: float | None = None) -> dict[str, float]:
    """Seconds and peak MiB of one command; with `kill_after` it is killed after so many seconds."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "irloom", *arguments], env={**os.environ, **threads}, stdout=subprocess.DEVNULL)
    if kill_after is not None:
        time.sleep(kill_after)
        process.send_signal(signal.SIGKILL)
    _, status, usage = os.wait4(process.pid, 0)
    code = os.waitstatus_to_exitcode(status)
    if code != (0 if kill_after is None else -signal.SIGKILL):
        raise SystemExit(f"irloom {' '.join(arguments)}: ended with {code}")
    return {"seconds": time.perf_counter() - start, "peak_mib": usage.ru_maxrss / 1024}


def size_of(folder: Path) -> float:
    """MiB on disk."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 2**20


def measure(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Every build."""
    write = [str(folder), "--documents", str(options.documents), "--dim", str(options.dim)]
    subprocess.run([sys.executable, __file__, "--write", *write], check=True)  # apart: a child's peak begins with its parent's memory
    data, collection = ["--dataset", str(folder / "corpus")], folder / "words"
    words = ["index", "bm25", "--output", str(collection), *data, "--max-memory", options.limit]
    found: dict[str, Any] = {"words": run(words)}
    found["words"]["mib"] = size_of(collection)
    again = ["index", "bm25", "--output", str(folder / "again"), *data, "--max-memory", options.limit]
    run(again, kill_after=0.6 * found["words"]["seconds"])
    found["resumed"] = run(again)
    found["same"] = all(
        filecmp.cmp(path, folder / "again" / path.relative_to(collection), shallow=False)
        for path in collection.rglob("segments/**/*")
        if path.is_file()
    )
    for kind in ("flat", "ivf"):
        before = size_of(collection)
        dense = ["index", "dense", "--output", str(collection), "--vectors", str(folder / "vectors.npy"), "--part", kind]
        found[kind] = run([*dense, *([] if kind == "flat" else ["--faiss", kind]), "--max-memory", options.limit])
        found[kind]["mib"] = size_of(collection) - before
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--dim", type=int, default=384)
    parser.add_argument("--limit", default="2GB")
    parser.add_argument("--write", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.write:
        write_corpus(options.write / "corpus", options.documents)
        write_vectors(options.write / "vectors.npy", options.documents, options.dim)
        return
    with tempfile.TemporaryDirectory() as name:
        found = measure(Path(name), options)
    named = {"words": "text and BM25", "flat": f"vectors of a file, {options.dim} numbers each, flat", "ivf": "the same, with an IVF index"}
    rows = [
        [title, f"{found[key]['seconds']:.0f}", f"{found[key]['peak_mib']:,.0f}", f"{found[key]['mib']:,.0f}"]
        for key, title in named.items()
    ]
    lines = table([f"{options.documents:,} documents, --max-memory {options.limit}", "seconds", "peak MiB", "MiB on disk"], rows)
    resumed = (
        f"Killed at 60 % of its time, the BM25 build was done again in {found['resumed']['seconds']:.0f} s (peak "
        f"{found['resumed']['peak_mib']:,.0f} MiB); its files are {'the same bytes' if found['same'] else 'OTHER bytes'}."
    )
    (HERE / "results" / "memory.json").write_text(json.dumps({"machine": machine(), **found}, indent=1), "utf-8")
    write_section("Building in bounded memory", f"{lines}\n\n{resumed}")


if __name__ == "__main__":
    main()
