"""Whether judges agree on the order of systems."""

from pathlib import Path

import pytest

from irloom.core.errors import BadValue, DataError
from irloom.data.qrels import write_qrels
from irloom.pipelines.system_orders import orders_of


@pytest.fixture
def runs(tmp_path: Path) -> list[Path]:
    """Four systems; each puts another document first."""
    for name in "abcd":
        lines = [f"{query} Q0 {name} 1 2 t\n{query} Q0 rest 2 1 t\n" for query in ("q1", "q2", "q3")]
        (tmp_path / f"{name}.trec").write_text("".join(lines))
    return [tmp_path / f"{name}.trec" for name in "abcd"]


def test_orders(runs: list[Path], tmp_path: Path) -> None:
    """Precision at 1 of a, b, c, d over q1 and q2: by alice 1, 1/2, 1/2, 0, by bob 1, 1/2, 0, 0; q3 only alice judged.

    Of six pairs alice ties (b, c), bob (c, d); the other four are concordant: tau-a 4/6, tau-b 4 / sqrt(5 5).
    """
    write_qrels({"q1": {"a": 1, "b": 1, "d": 0}, "q2": {"a": 1, "c": 1}, "q3": {"d": 1}}, tmp_path / "alice.qrels")
    write_qrels({"q1": {"a": 1, "b": 1}, "q2": {"a": 1}}, tmp_path / "bob.qrels")
    found = orders_of([tmp_path / "alice.qrels", tmp_path / "bob.qrels"], runs, measure="P@1")
    assert found.queries == 2
    assert found.means == {"alice": {"a": 1.0, "b": 0.5, "c": 0.5, "d": 0.0}, "bob": {"a": 1.0, "b": 0.5, "c": 0.0, "d": 0.0}}
    (pair,) = found.pairs
    assert pair.tau == pytest.approx(4 / 6)
    assert pair.tau_b == pytest.approx(4 / 5)
    assert pair.rho == pytest.approx(0.8333333)  # ranks 4 2.5 2.5 1 and 4 3 1.5 1.5: 3.75 / 4.5
    content = found.to_json()
    assert content["pairs"][0]["kendall_tau_b"] == pytest.approx(0.8)  # type: ignore[index, call-overload]


def test_refused(runs: list[Path], tmp_path: Path) -> None:
    write_qrels({"q1": {"a": 1}}, tmp_path / "alice.qrels")
    write_qrels({"q2": {"a": 1}}, tmp_path / "bob.qrels")
    judges = [tmp_path / "alice.qrels", tmp_path / "bob.qrels"]
    with pytest.raises(BadValue, match="--runs"):
        orders_of(judges, runs[:1])
    with pytest.raises(DataError, match="no query was judged by all"):
        orders_of(judges, runs)
