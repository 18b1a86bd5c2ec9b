"""Reading and evaluating a run of 6,980 queries x 1,000 documents, the size of MS MARCO's dev set, beside pytrec_eval and ranx.

Each tool works in a process of its own: it reads judgments and run from TREC files, evaluates nDCG@10, RR@10 and R@1000 three
times, and reports its times, its greatest memory and its means. The processes take turns, five times.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from results import table, write_section

QUERIES, DEPTH, PASSAGES = 6980, 1000, 8_841_823
TOOLS = ("irloom", "pytrec_eval", "ranx")
PACKAGES = {"pytrec_eval": "pytrec_eval-terrier", "ranx": "ranx"}
ROUNDS, REPEATS = 5, 3
TOLERANCE = {"irloom": 0.0, "pytrec_eval": 1e-6, "ranx": 1e-3}
"""How far means may lie from ours: ranx orders tied scores otherwise."""


def main() -> None:
    """Measures all tools, or one in this process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tool", choices=TOOLS)
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    if arguments.tool:
        print(json.dumps(measure(arguments.tool, arguments.folder)))
        return
    with tempfile.TemporaryDirectory() as folder:
        write_files(Path(folder))
        found: dict[str, list[dict[str, Any]]] = {tool: [] for tool in TOOLS}
        for _ in range(ROUNDS):
            for tool in TOOLS:
                command = [sys.executable, __file__, "--tool", tool, "--folder", folder]
                done = subprocess.run(command, capture_output=True, text=True, check=True)
                found[tool].append(json.loads(done.stdout.splitlines()[-1]))
        size = (Path(folder) / "run.trec").stat().st_size
    report(found, size)


def write_files(folder: Path) -> None:
    """A seeded run with passage numbers of MS MARCO's range and falling scores of six decimals, and judgments of 1.06 a query."""
    rng = np.random.default_rng(1)
    with (folder / "run.trec").open("w") as run, (folder / "qrels").open("w") as qrels:
        for number in range(QUERIES):
            query = 1000 + 137 * number
            docs = rng.choice(PASSAGES, DEPTH, replace=False).tolist()
            scores = np.sort(rng.gamma(2.0, 5.0, DEPTH))[::-1].tolist()
            run.writelines(
                f"{query} Q0 {doc} {rank} {score:.6f} bm25\n" for rank, (doc, score) in enumerate(zip(docs, scores, strict=True), 1)
            )
            relevant = {
                docs[min(int(rng.pareto(0.5) * 3), DEPTH - 1)] if rng.random() < 0.85 else PASSAGES,
                *docs[: int(rng.random() < 0.06)],
            }
            qrels.writelines(f"{query} 0 {doc} 1\n" for doc in relevant)


def measure(tool: str, folder: Path) -> dict[str, Any]:
    """One tool in a fresh process: seconds, megabytes and the three means."""
    read, evaluate = {"irloom": irloom_works, "pytrec_eval": pytrec_eval_works, "ranx": ranx_works}[tool]()
    start = perf_counter()
    loaded = read(folder)
    reading = perf_counter() - start
    times = []
    for _ in range(REPEATS):
        start = perf_counter()
        means = evaluate(*loaded)
        times.append(perf_counter() - start)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"read": reading, "evaluate": statistics.median(times), "memory": memory, "means": means}


def irloom_works() -> tuple[Any, Any]:
    """Reading and evaluating with irloom."""
    from irloom.data.qrels import read_qrels
    from irloom.data.trec import read_run
    from irloom.eval.evaluate import evaluate

    def work(qrels: Any, run: Any) -> list[float]:
        result = evaluate(run, qrels, ["nDCG@10", "RR@10", "R@1000"])
        return [result.mean(name) for name in result.values]

    return lambda folder: (read_qrels(folder / "qrels"), read_run(folder / "run.trec")), work


def pytrec_eval_works() -> tuple[Any, Any]:
    """The same with pytrec_eval. It has no RR@10, so its RR has no cut, and R@1000 is that of the whole run."""
    import pytrec_eval

    def read(folder: Path) -> tuple[Any, Any]:
        with (folder / "qrels").open() as qrels, (folder / "run.trec").open() as run:
            return pytrec_eval.RelevanceEvaluator(
                pytrec_eval.parse_qrel(qrels), {"ndcg_cut.10", "recip_rank", "recall.1000"}
            ), pytrec_eval.parse_run(run)

    def work(evaluator: Any, run: Any) -> list[float]:
        rows = evaluator.evaluate(run).values()
        return [statistics.fmean(row[name] for row in rows) for name in ("ndcg_cut_10", "recip_rank", "recall_1000")]

    return read, work


def ranx_works() -> tuple[Any, Any]:
    """The same with ranx, compiled before the clock starts."""
    from ranx import Qrels, Run, evaluate

    metrics = ["ndcg@10", "mrr@10", "recall@1000"]
    scores = {f"q{query}": {f"d{doc}": 1.0 / doc for doc in range(1, 20)} for query in range(10)}
    evaluate(Qrels({query: {"d3": 1} for query in scores}), Run(scores), metrics)

    def work(qrels: Any, run: Any) -> list[float]:
        means = evaluate(qrels, run, metrics)
        return [float(means[name]) for name in metrics]

    return lambda folder: (Qrels.from_file(str(folder / "qrels"), kind="trec"), Run.from_file(str(folder / "run.trec"), kind="trec")), work


def report(found: dict[str, list[dict[str, Any]]], size: int) -> None:
    """Writes the section; fails where a mean is not ours or a bound does not hold."""
    ours = found["irloom"][0]["means"]
    middle = {
        tool: {key: statistics.median(one[key] for one in runs) for key in ("read", "evaluate", "memory")} for tool, runs in found.items()
    }
    rows = []
    for tool in TOOLS:
        means = found[tool][0]["means"]
        compared = [0, 2] if tool == "pytrec_eval" else [0, 1, 2]
        assert all(abs(means[place] - ours[place]) <= TOLERANCE[tool] for place in compared), (tool, means, ours)
        values, base = middle[tool], middle["irloom"]
        name = "irloom" if tool == "irloom" else f"{tool} {version(PACKAGES[tool])}"
        cells = [f"{values[key]:.2f} ({values[key] / base[key]:.1f}x)" for key in ("read", "evaluate")]
        rows.append([name, *cells, f"{values['memory']:,.0f}"])
    text = [
        f"{QUERIES:,} queries x {DEPTH:,} documents in a TREC file of {size / 1e6:.0f} MB; nDCG@10, RR@10, R@1000. Medians of {ROUNDS}",
        f"processes, each with the median of {REPEATS} evaluations; in brackets, how many times ours. ranx is compiled before the clock",
        "starts; pytrec_eval's RR has no cut. The means agree: pytrec_eval's to 1e-6, ranx's to 1e-3, since it orders ties otherwise.",
        "",
        table(["", "read the files (s)", "evaluate (s)", "peak memory (MB)"], rows),
    ]
    write_section("Evaluation of a run", "\n".join(text))
    assert middle["irloom"]["read"] < 10, "reading must take less than 10 s"
    assert middle["irloom"]["memory"] < 1000, "peak memory must stay below 1 GB"
    for peer in TOOLS[1:]:
        assert all(middle["irloom"][key] < middle[peer][key] for key in ("read", "evaluate")), f"{peer} is faster"


if __name__ == "__main__":
    main()
