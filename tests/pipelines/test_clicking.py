from pathlib import Path

import pytest

from irloom.core.errors import BadLine, DataError
from irloom.pipelines.clicking import judge_log, read_propensities


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """a is clicked in 8 of 20 impressions at rank 1 and in 4 of 20 at rank 2, so that rank 2 is looked at half as often; its attraction is
    (8 / 1 + 4 / 0.5) / 40 = 0.4. b is clicked in 2 of 20 at rank 2: 2 / 0.5 / 20 = 0.2."""
    lines = [f"q\ta\t1\t{int(number < 8)}" for number in range(20)] + [f"q\ta\t2\t{int(number < 4)}" for number in range(20)]
    lines += [f"q\tb\t2\t{int(number < 2)}" for number in range(20)]
    path = tmp_path / "log.tsv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_estimated(log: Path) -> None:
    """b has been at rank 2 alone and fits any propensity of it, so a decides: one half."""
    done = judge_log(log, thresholds=(0.1, 0.3))
    assert (done.estimated, done.converged, done.impressions, done.clicks) == (True, True, 60, 14)
    assert done.propensities == pytest.approx({1: 1.0, 2: 0.5}, abs=1e-4)
    assert done.judgments.attraction == pytest.approx([0.4, 0.2], abs=1e-3)
    assert done.judgments.qrels == {"q": {"a": 2, "b": 1}}


def test_given(log: Path, tmp_path: Path) -> None:
    (tmp_path / "propensities.tsv").write_text("rank\tpropensity\n1\t1.0\n2\t0.25\n")
    done = judge_log(log, propensities=tmp_path / "propensities.tsv")
    assert not done.estimated
    assert done.judgments.attraction == pytest.approx([(8 + 16) / 40, 8 / 20])


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("3", "1 columns"),
        ("0\t0.5", "a rank from 1"),
        ("3\tmuch", "a propensity"),
        ("3\tnan", "a propensity"),
        ("3\t-1", "a propensity"),
        ("1\t0.3", "twice"),
    ],
)
def test_bad_propensities(tmp_path: Path, line: str, said: str) -> None:
    (tmp_path / "p.tsv").write_text(f"1 1.0\n{line}\n")
    with pytest.raises(BadLine, match=said):
        read_propensities(tmp_path / "p.tsv")


def test_no_propensities(tmp_path: Path) -> None:
    (tmp_path / "p.tsv").write_text("rank\tpropensity\n")
    with pytest.raises(DataError, match="no propensity"):
        read_propensities(tmp_path / "p.tsv")
