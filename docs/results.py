"""Writes docs/results.md: every figure from a command of the repository, with machine and versions beside it.

Needs the test collections under IRLOOM_DATA. `make results` runs it.
"""

import os
import platform
import re
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from irloom.cli.screen import progress
from irloom.eval.report import Report
from irloom.eval.table import markdown
from irloom.pipelines.comparing import evaluate_runs
from irloom.pipelines.running import run_experiment
from irloom.training.place import model_place

ROOT = Path(__file__).parent.parent
EXPERIMENTS = ("scifact", "classic", "quickstart")
SMALL_MODEL, HEADS = "small-reranker", "small-reranker-heads.json"
"""A trained model, and the file of its heads here; the head of lm_rerankers.yaml says how both are made."""
WITH_SMALL_MODEL = {
    "lm_rerankers": "a small language model over the best 20 of BM25",
    "first_feedback": "a small language model's view of the best 20 by vectors, as feedback",
}
"""Experiments that need them, with their titles."""
EXPECTED = """
Published figures to hold beside these: BEIR SciFact, BM25 (Lucene, k1 0.9, b 0.4, title and text in one field) nDCG@10 0.679, R@100
0.925; all-MiniLM-L6-v2 nDCG@10 0.645. TREC DL 2019, BM25 over the full collection: nDCG@10 0.5058.
"""


def machine() -> str:
    """The machine and the versions, in one line."""
    packages = ("irloom", "numpy", "numba", "torch", "transformers")
    names = [f"{name} {found}" for name in packages if (found := _version(name))]
    return f"{platform.machine()}, {_processor()}, {os.cpu_count()} cores, Python {platform.python_version()}, {', '.join(names)}"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.processor())


def section(title: str, command: str, report: Report) -> str:
    """One table under the command that prints it."""
    return f"## {title}\n\n`{command}`\n\n{markdown(report)}"


def with_small_model(name: str) -> list[str]:
    """The section of an experiment with the small language model, with p-values; the page's own one where model or heads are not here."""
    command = f"irloom run configs/experiments/{name}.yaml"
    if not (model_place(SMALL_MODEL).is_dir() and Path(HEADS).is_file()):
        sections = re.split(r"(?m)^(?=## )", (ROOT / "docs" / "results.md").read_text(encoding="utf-8"))
        return [kept.rstrip("\n") + "\n" for kept in sections if f"`{command}`" in kept]
    [report] = run_experiment(ROOT / "configs" / "experiments" / f"{name}.yaml")
    measure = report.measures[0]
    tested = {system: result.measures[measure].p for system, result in report.systems.items() if system != report.baseline}
    p_values = ", ".join(f"{system} {value:.1e}" for system, value in tested.items() if value is not None)
    size = sum(path.stat().st_size for path in model_place(SMALL_MODEL).glob("*.safetensors")) / 4e6
    note = f"\nA decoder of {size:.1f} million weights, trained by `irloom train`; see [train.md](train.md). "
    note += f"p-values of {measure} against {report.baseline} (paired t-test, Holm over all pairs): {p_values}.\n"
    return [section(f"{report.dataset}, {WITH_SMALL_MODEL[name]}", command, report) + note]


def main() -> None:
    """Runs everything and writes the page."""
    parts = ["# Results", "", f"Written by `make results`. Machine: {machine()}.", EXPECTED]
    for name in EXPERIMENTS:
        path = ROOT / "configs" / "experiments" / f"{name}.yaml"
        with progress() as shown, tempfile.TemporaryDirectory() as output:
            reports = run_experiment(path, output=output, progress=shown)
        parts += [section(report.dataset, f"irloom run configs/experiments/{name}.yaml", report) for report in reports]
    for name in WITH_SMALL_MODEL:
        parts += with_small_model(name)
    run = Path(os.environ["IRLOOM_DATA"]) / "trec-dl-2019" / "runs" / "bm25-top100.trec.gz"
    measures = ("nDCG@10", "RR@10", "AP", "R@100")
    command = "irloom evaluate $IRLOOM_DATA/trec-dl-2019/runs/bm25-top100.trec.gz --qrels trec-dl-2019 " + " ".join(
        f"-m {m}" for m in measures
    )
    parts.append(
        section(
            "trec-dl-2019, a published BM25 run of the full collection",
            command,
            evaluate_runs([run], qrels="trec-dl-2019", measures=measures),
        )
    )
    (ROOT / "docs" / "results.md").write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main()
