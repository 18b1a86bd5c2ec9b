import json

import numpy as np
import pytest

from irloom.core.errors import BadValue, ConfigError, DataError, UnknownName
from irloom.core.run import Run
from irloom.data.trec import write_run
from irloom.eval.evaluate import Evaluation
from irloom.eval.report import make_report
from irloom.eval.significance import holm
from irloom.pipelines.gating import compare
from irloom.pipelines.manifest import Manifest

QUERIES = tuple(f"q{number}" for number in range(40))
RANDOM = np.random.default_rng(1)
BASE = RANDOM.random(40)
NEW = np.clip(BASE + 0.02 + 0.02 * RANDOM.standard_normal(40), 0, 1)


def experiment(folder, systems, *, queries=QUERIES, dataset="toy"):
    evaluations = {name: Evaluation(queries, {"nDCG@10": values, "R@100": values**2}, 0, 0) for name, values in systems.items()}
    folder.mkdir()
    (folder / "report.json").write_text(json.dumps(make_report(evaluations, dataset=dataset, resamples=50).to_json()))
    return folder


@pytest.fixture
def base(tmp_path):
    return experiment(tmp_path / "base", {"bm25": BASE, "dense": NEW})


@pytest.fixture
def new(tmp_path):
    return experiment(tmp_path / "new", {"dense": NEW, "bm25": NEW})


@pytest.fixture
def runs(tmp_path):
    """q1..q4 have their document at the first rank in the new run, in the base q4 at the second."""
    (tmp_path / "qrels.txt").write_text("".join(f"q{i} 0 d{i} 1\n" for i in range(1, 5)))
    found = {f"q{i}": {f"d{i}": 2.0, "x": 1.0} for i in range(1, 5)}
    write_run(Run.from_dict(found), tmp_path / "new.trec")
    write_run(Run.from_dict(found | {"q4": {"d4": 1.0, "x": 2.0}}), tmp_path / "base.trec")
    return tmp_path / "base.trec", tmp_path / "new.trec", str(tmp_path / "qrels.txt")


def test_systems_of_the_same_name(base, new) -> None:
    comparison = compare(base, new, gates=["nDCG@10 >= base - 0.005"])
    assert [(change.system, change.measure) for change in comparison.changes] == [
        ("bm25", "nDCG@10"),
        ("bm25", "R@100"),
        ("dense", "nDCG@10"),
        ("dense", "R@100"),
    ]
    first, _, same, _ = comparison.changes
    assert first.difference.mean == pytest.approx(float((NEW - BASE).mean()))
    assert first.difference.low > 0
    assert (same.difference.low, same.difference.high, same.p_value) == (0, 0, 1)
    np.testing.assert_allclose(
        [change.adjusted_p for change in comparison.changes], holm([change.p_value for change in comparison.changes])
    )
    assert [result.system for result in comparison.gates] == ["bm25", "dense"]
    assert comparison.passed


def test_a_gate_is_held_for_each_system(base, new) -> None:
    comparison = compare(new, base, gates=["nDCG@10 >= base", "R@100 >= 0.001"])
    assert [(result.system, result.passed) for result in comparison.gates] == [
        ("dense", True),
        ("dense", True),
        ("bm25", False),
        ("bm25", True),
    ]
    assert not comparison.passed
    assert compare(new, base, gates=["nDCG@10 >= base"], systems=["dense"]).passed


def test_run_files(runs) -> None:
    base, new, qrels = runs
    comparison = compare(base, new, qrels=qrels, gates=["RR@10 > base"], measures=["P@1"])
    assert [(change.measure, change.base, change.new) for change in comparison.changes] == [("P@1", 0.75, 1.0), ("RR@10", 0.875, 1.0)]
    assert comparison.passed
    assert [change.measure for change in compare(base, new, qrels=qrels).changes] == ["nDCG@10", "R@100"]
    assert not compare(new, base, qrels=qrels, gates=["RR@10 >= base"]).passed
    assert compare(base, base, qrels=qrels, gates=["RR@10 == base"]).passed


def test_a_run_file_against_an_experiment(runs, tmp_path) -> None:
    base, new, qrels = runs
    values = Evaluation(("q4", "q3", "q2", "q1"), {"RR@10": np.array([0.5, 1.0, 1.0, 1.0])}, 0, 0)
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "report.json").write_text(json.dumps(make_report({"bm25": values}, resamples=50).to_json()))
    comparison = compare(tmp_path / "x", new, qrels=qrels, gates=["RR@10 > base"], measures=["RR@10"])
    assert [(change.system, change.base, change.new) for change in comparison.changes] == [("bm25", 0.875, 1.0)]
    assert compare(base, tmp_path / "x", qrels=qrels, gates=["RR@10 == base"], measures=["RR@10"]).passed


def test_only_what_is_asked_for_is_shown(base, new) -> None:
    assert [change.measure for change in compare(base, new, measures=["R@100"], systems=["bm25"]).changes] == ["R@100"]


def test_the_test_and_the_interval_are_passed_on(base, new) -> None:
    plain = compare(base, new, systems=["bm25"])
    other = compare(base, new, systems=["bm25"], test="randomisation", method="bca")
    assert (other.test, other.method) == ("randomisation", "bca")
    assert other.changes[0].p_value != plain.changes[0].p_value
    assert other.changes[0].difference != plain.changes[0].difference


def test_other_data_are_told(base, new) -> None:
    for folder, content in ((base, "aa"), (new, "bb")):
        data = {"fingerprint": "x", "content_hash": content, "documents": 3}
        toy = {"data": data, "collection": {}, "query_ids": [], "systems": {}}
        Manifest("now", *({} for _ in range(8)), datasets={"toy": toy}, means={}).write(folder)
    with pytest.warns(UserWarning, match=r"the data of toy are not the same .* irloom diff"):
        compare(base, new)
    (new / "manifest.json").write_text("{}")  # of no version that is known: the reports are compared all the same
    assert compare(base, new).changes


def test_plain_data(base, new) -> None:
    plain = json.loads(
        json.dumps(compare(base, new, gates=["nDCG@10 noninferior base - 0.01"], systems=["bm25"]).to_json(), allow_nan=False)
    )
    assert plain["passed"] is True
    assert plain["gates"][0]["gate"] == "nDCG@10 noninferior base - 0.01"
    assert plain["gates"][0]["p"] < 0.05
    assert set(plain["changes"][0]) == {
        "system", "measure", "queries", "base", "new", "difference", "p", "p_holm", "effect_size", "detectable",
    }  # fmt: skip


def test_bad_input(base, new, runs, tmp_path) -> None:
    run, _, qrels = runs
    other = experiment(tmp_path / "other", {"bm25": BASE, "dense": NEW}, queries=tuple(f"x{i}" for i in range(40)))
    for call, error, said in [
        (lambda: compare(base, new, gates=["nDCG@10 => base"]), BadValue, "nDCG@10 => base"),
        (
            lambda: compare(base, new, gates=["RR@10 >= base"]),
            UnknownName,
            "base: unknown measure of this report 'RR@10'; known: R@100, nDCG@10",
        ),
        (lambda: compare(base, new, measures=["nDGC@10"]), UnknownName, "nDCG@10"),
        (lambda: compare(base, other), DataError, "over different queries: 40"),
        (lambda: compare(base, new, qrels=qrels), BadValue, "judgments are for run files"),
        (lambda: compare(run, run), ConfigError, "--qrels"),
        (lambda: compare(base, tmp_path / "gone"), DataError, "does not exist"),
        (lambda: compare(base, new, systems=["splade"]), UnknownName, "splade"),
    ]:
        with pytest.raises(error) as refused:
            call()
        assert said in str(refused.value)


def test_a_gate_that_looks_at_nothing(runs) -> None:
    """Judgments without a relevant document: 0 >= 0 holds, and says nothing."""
    base, new, qrels = runs
    nothing = base.with_name("nothing.txt")
    nothing.write_text("".join(f"q{i} 0 d{i} 0\n" for i in range(1, 5)))
    for gate in ("nDCG@10 >= base", "nDCG@10 noninferior base - 0.01"):
        with pytest.raises(DataError, match="looks at nothing: nDCG@10 of new is 0 for every query on both sides"):
            compare(base, new, qrels=str(nothing), gates=[gate])
    assert not compare(base, new, qrels=str(nothing), gates=["nDCG@10 >= 0.5"]).passed
    assert compare(base, base, qrels=qrels, gates=["nDCG@10 >= base"]).passed


def test_systems_of_run_files(runs) -> None:
    base, new, qrels = runs
    with pytest.raises(BadValue, match="system is 'bm25'; expected none: a run file is one system"):
        compare(base, new, qrels=qrels, systems=["bm25"])
