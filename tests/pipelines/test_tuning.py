"""`weights: tune` in an experiment, and what its note says."""

import re
from pathlib import Path

import pytest

from irloom.core.errors import ConfigError
from irloom.pipelines.running import run_experiment

SYSTEMS = """
systems:
  bm25: {bm25: {}}
  flat: {bm25: {b: 0.0}}
  tuned: {weighted: {of: [bm25, flat], weights: tune, normalise: ["tmm(0)", zscore], missing: min}}
measures: [RR]
"""


def test_the_note_has_the_score_of_queries_that_did_not_choose(folder: Path, tmp_path: Path) -> None:
    (folder / "qrels" / "train.tsv").write_text((folder / "qrels" / "test.tsv").read_text())  # eight queries, enough for five parts
    (tmp_path / "e.yaml").write_text(f"dataset: {folder}{SYSTEMS}")
    (report,) = run_experiment(tmp_path / "e.yaml")
    (note,) = [note for note in report.systems["tuned"].notes if "tuned" in note]
    pattern = r"weights bm25 \d\.\d\d, flat \d\.\d\d, tuned on 8 train queries: RR \d\.\d{3} there \(alone: bm25 .*, flat .*\); (.*)"
    found = re.fullmatch(pattern, note)
    assert found
    assert re.fullmatch(r"\d\.\d{3} by 5-fold cross-validation", found[1])


def test_judgments_of_the_test_never_tune(folder: Path, tmp_path: Path) -> None:
    (folder / "qrels" / "train.tsv").unlink()
    (tmp_path / "e.yaml").write_text(f"dataset: {folder}{SYSTEMS}")
    with pytest.raises(ConfigError, match=r"needs train judgments, and .* has only test"):
        run_experiment(tmp_path / "e.yaml")
