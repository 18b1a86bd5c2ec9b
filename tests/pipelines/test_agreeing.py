import math
from pathlib import Path

import numpy as np
import pytest

from irloom.core.errors import BadValue, DataError
from irloom.core.types import Document, Query
from irloom.data.folder import write_beir
from irloom.data.qrels import write_qrels
from irloom.eval.agreement import krippendorff_alpha
from irloom.pipelines.agreeing import agreement_of


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Five documents that both judged, with 4 equal grades; each judged one more alone. The third judged only what no one else did."""
    grades = {
        "a": {"q": {"d1": 1, "d2": 1, "d3": 0, "d4": 0, "d5": 1, "d6": 1}},
        "b": {"q": {"d1": 1, "d2": 0, "d3": 0, "d4": 0, "d5": 1}, "r": {"d1": 0}},
        "c": {"s": {"d1": 0}},
    }
    for name, qrels in grades.items():
        write_qrels(qrels, tmp_path / f"{name}.qrels")
    return [tmp_path / f"{name}.qrels" for name in grades]


def test_two_judges(files: list[Path]) -> None:
    """Cohen: 4/5 agree, by chance 3/5 2/5 + 2/5 3/5 = 12/25, so (20 - 12) / (25 - 12). Fleiss: by chance 1/2, so (8 - 5) / (10 - 5)."""
    found = agreement_of(files[:2])
    assert (found.judged, found.shared, found.compared) == ({"a": 6, "b": 6}, 5, 5)
    pair = found.pairs[0]
    assert (pair.first, pair.second, pair.items, pair.same) == ("a", "b", 5, 0.8)
    assert (pair.kappa, pair.weighted) == (pytest.approx(8 / 13), pytest.approx(8 / 13))
    assert pair.table == {(0, 0): 2, (1, 0): 1, (1, 1): 2}
    assert found.fleiss == pytest.approx(0.6)
    assert found.nominal == pytest.approx(krippendorff_alpha(np.array([[1, 1, 0, 0, 1], [1, 0, 0, 0, 1]], float)))


def test_a_judge_who_shares_nothing(files: list[Path]) -> None:
    found = agreement_of(files)
    assert [(pair.first, pair.second) for pair in found.pairs] == [("a", "b")]
    assert (found.shared, found.compared) == (0, 5)
    assert math.isnan(found.fleiss)
    assert found.to_json()["fleiss"] is None


def test_grades_as_relevant_or_not(files: list[Path], tmp_path: Path) -> None:
    write_qrels({"q": {"d1": 3, "d2": 0, "d3": 1}}, tmp_path / "x.qrels")
    write_qrels({"q": {"d1": 2, "d2": 1, "d3": 1}}, tmp_path / "y.qrels")
    assert agreement_of([tmp_path / "x.qrels", tmp_path / "y.qrels"]).pairs[0].same == pytest.approx(1 / 3)
    assert agreement_of([tmp_path / "x.qrels", tmp_path / "y.qrels"], min_grade=2).pairs[0].same == 1.0


def test_refused(files: list[Path]) -> None:
    with pytest.raises(BadValue, match="two files"):
        agreement_of(files[:1])
    with pytest.raises(BadValue, match="different names"):
        agreement_of([files[0], files[0]])
    with pytest.raises(DataError, match="judged by two of a, c"):
        agreement_of([files[0], files[2]])


def test_a_dataset_is_a_judge(files: list[Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    write_beir(tmp_path / "data" / "expert", [Document("d1", "text")], [Query("q", "a question")], {"test": {"q": {"d1": 1, "d2": 0}}})
    monkeypatch.setenv("IRLOOM_DATA", str(tmp_path / "data"))
    found = agreement_of([files[0], "expert"])
    assert (found.judged, found.shared, found.pairs[0].same) == ({"a": 6, "expert": 2}, 2, 0.5)


def test_a_judge_on_four_grades(tmp_path: Path) -> None:
    """Ten passages by a person and a judge: kappa 0.466667 on four grades, 0.8 of 2 or more, 0.826087 with squared weights."""
    people, judge = [0, 0, 1, 1, 2, 2, 3, 3, 0, 1], [0, 1, 1, 1, 2, 3, 3, 2, 0, 2]
    for name, row in (("people", people), ("judge", judge)):
        write_qrels({"q": {f"d{place}": grade for place, grade in enumerate(row)}}, tmp_path / f"{name}.qrels")
    files = [tmp_path / "people.qrels", tmp_path / "judge.qrels"]
    found = agreement_of(files)
    (pair,) = found.pairs
    assert pair.kappa == pytest.approx(0.466667, abs=1e-6)
    assert pair.relevant == pytest.approx(0.8)
    assert pair.weighted == pytest.approx(0.826087, abs=1e-6)
    assert found.grades == {"people": {0: 3, 1: 3, 2: 2, 3: 2}, "judge": {0: 2, 1: 3, 2: 3, 3: 2}}
    assert found.to_json()["pairs"][0]["cohen_relevant_from_2"] == pytest.approx(0.8)  # type: ignore[index, call-overload]
    binary = agreement_of(files, min_grade=2).pairs[0]
    assert binary.kappa == pytest.approx(0.8)
    assert math.isnan(binary.relevant)
