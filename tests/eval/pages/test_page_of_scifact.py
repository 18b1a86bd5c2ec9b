"""Three systems on SciFact's queries and documents: real texts, the size that they need, the numbers of report.json."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from irloom.core.run import Run
from irloom.data.named import load_dataset
from irloom.eval.diagnosis import StageRun, diagnose
from irloom.eval.evaluate import evaluate
from irloom.eval.report import make_report
from irloom.eval.report_files import write_reports

from .conftest import check_cells, parsed

DATA = Path(os.environ.get("IRLOOM_DATA", "/nonexistent"))


@pytest.mark.skipif(not (DATA / "scifact").is_dir(), reason="SciFact is not under IRLOOM_DATA")
def test_three_systems_on_scifact(tmp_path: Path) -> None:
    """The systems find relevant documents with different chances; what they find besides is drawn."""
    dataset = load_dataset("scifact")
    documents = {document.id: document for document in dataset.documents()}
    queries, qrels, ids, random = dataset.queries(), dataset.qrels(), list(documents), np.random.default_rng(0)
    runs = {}
    for name, chance in (("good", 0.8), ("better", 0.9), ("poor", 0.3)):
        rows = {}
        for query in queries:
            drawn = {ids[place]: float(score) for place, score in zip(random.integers(0, len(ids), 100), random.random(100), strict=True)}
            rows[query.id] = drawn | {doc_id: 0.97 for doc_id in qrels[query.id] if random.random() < chance}
        runs[name] = Run.from_dict(rows)
    evaluations = {name: evaluate(run, qrels, ["nDCG@10", "RR@10", "R@100"]) for name, run in runs.items()}
    report = make_report(
        evaluations, dataset="scifact", baseline="good", latency_ms={"good": 0.4, "better": 33.0, "poor": 5.0}, resamples=500
    )
    write_reports(
        tmp_path,
        report,
        queries={query.id: query for query in queries},
        qrels=qrels,
        runs=runs,
        fetch=lambda wanted: [documents[doc_id] for doc_id in wanted],
        diagnoses={name: diagnose([StageRun(name, run, 1.0)], qrels) for name, run in runs.items()},
    )
    page = (tmp_path / "report.html").read_bytes()
    assert len(page) < 2_000_000
    found = parsed(page.decode())
    content = json.loads((tmp_path / "report.json").read_text())
    check_cells(content, found.tables)
    data = json.loads(found.scripts["data"])
    assert data["report"]["systems"]["better"]["measures"]["nDCG@10"]["mean"] == content["systems"]["better"]["measures"]["nDCG@10"]["mean"]
    assert len(data["queries"]["details"]) == 300  # nothing had to be left out
    assert data["queries"]["left_out"] == []
    assert not {attributes.get("src") for _, attributes in found.tags} - {None}
