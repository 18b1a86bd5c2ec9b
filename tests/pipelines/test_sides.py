import json

import numpy as np
import pytest

from irloom.core.errors import BadValue, DataError, UnknownName
from irloom.core.run import Run
from irloom.data.trec import write_run
from irloom.eval.evaluate import Evaluation, evaluate
from irloom.eval.report import make_report
from irloom.pipelines.judgments import open_judgments
from irloom.pipelines.sides import Side, is_run_file, pairs_of, read_experiment_side, read_run_sides

QRELS = {"q1": {"a": 1}, "q2": {"b": 1, "c": 2}}
RUN = Run.from_dict({"q1": {"b": 2.0, "a": 1.0}, "q2": {"c": 1.0}})
VALUES = Evaluation(("q1", "q2"), {"RR@10": np.array([0.5, 1.0])}, 0, 0)


def write_report(folder, *systems: str, dataset: str = "toy"):
    report = make_report({system: evaluate(RUN, QRELS, ["RR@10", "P@1"]) for system in systems}, dataset=dataset, resamples=50)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_text(json.dumps(report.to_json()))
    return folder


@pytest.fixture
def judgments(tmp_path):
    (tmp_path / "toy.qrels").write_text("q1 0 a 1\nq2 0 b 1\nq2 0 c 2\n")
    return open_judgments(str(tmp_path / "toy.qrels"))


def test_an_experiment_by_its_folder_or_its_report(tmp_path) -> None:
    folder = write_report(tmp_path / "x", "bm25", "dense")
    for path in (folder, folder / "report.json"):
        side = read_experiment_side(path)
        assert list(side.systems) == ["bm25", "dense"]
        assert side.systems["bm25"].values["RR@10"].tolist() == [0.5, 1.0]
        assert side.systems["bm25"].query_ids == ("q1", "q2")


def test_an_experiment_of_several_datasets(tmp_path) -> None:
    for dataset in ("cranfield", "medline"):
        write_report(tmp_path / dataset, "bm25", dataset=dataset)
    (tmp_path / "report.json").write_text(json.dumps({"systems": {"bm25": {}}, "datasets": {"beir/cranfield": {}, "medline": {}}}))
    side = read_experiment_side(tmp_path)
    assert list(side.systems) == ["cranfield/bm25", "medline/bm25"]
    assert list(pairs_of(side, side, ["bm25"])) == ["cranfield/bm25", "medline/bm25"]
    assert list(pairs_of(side, side, ["medline/bm25"])) == ["medline/bm25"]


@pytest.mark.parametrize("content", [None, "", "[]", "{}", '{"systems": 3}', '{"datasets": {"gone": {}}}', "\x00"])
def test_what_is_no_report(tmp_path, content) -> None:
    if content is not None:
        (tmp_path / "report.json").write_text(content)
    with pytest.raises(DataError, match=r"report\.json"):
        read_experiment_side(tmp_path)


def test_values_that_are_no_numbers(tmp_path) -> None:
    file = write_report(tmp_path, "bm25") / "report.json"
    content = json.loads(file.read_text())
    content["systems"]["bm25"]["measures"]["RR@10"]["values"][0] = None
    file.write_text(json.dumps(content))
    with pytest.raises(DataError, match=r"report\.json: the values of RR@10 of bm25 are not all finite"):
        read_experiment_side(tmp_path)


def test_what_is_taken_for_a_run_file(tmp_path) -> None:
    (tmp_path / "a.trec").touch()
    (tmp_path / "a.json").touch()
    assert is_run_file(tmp_path / "a.trec")
    assert not is_run_file(tmp_path / "a.json")
    assert not is_run_file(tmp_path)
    with pytest.raises(DataError, match="does not exist"):
        is_run_file(tmp_path / "gone.trec")


def test_run_files_are_evaluated(tmp_path, judgments) -> None:
    path = tmp_path / "bm25.trec"
    write_run(RUN, path)
    side = read_run_sides([path], judgments, ["RR@10"])[path]
    assert side.is_run
    assert side.systems["bm25"].values["RR@10"].tolist() == [0.5, 1.0]


def test_run_files_over_different_queries(tmp_path, judgments) -> None:
    base, new = tmp_path / "base.trec", tmp_path / "new.trec"
    write_run(RUN, base)
    write_run(Run.from_dict({"q2": {"c": 1.0}, "unjudged": {"a": 1.0}}), new)
    with pytest.raises(DataError, match=r"base\.trec and .*new\.trec are over different queries: 1 \('q1'\) only in the base"):
        read_run_sides([base, new], judgments, ["RR@10"])
    sides = read_run_sides([base, new], judgments, ["RR@10"], missing_as_zero=True)
    assert sides[new].systems["new"].values["RR@10"].tolist() == [0.0, 1.0]
    write_run(Run.from_dict({"zz": {"c": 1.0}}), new)
    with pytest.raises(DataError, match=r"new\.trec: the run and the judgments share no query"):
        read_run_sides([base, new], judgments, ["RR@10"], missing_as_zero=True)


def sides(base: str, new: str, *, runs: tuple[bool, bool] = (False, False)) -> tuple[Side, Side]:
    return tuple(
        Side(path, dict.fromkeys(names.split(), VALUES), is_run=is_run)
        for path, names, is_run in zip(("BASE", "NEW"), (base, new), runs, strict=True)
    )


def test_which_systems_belong_together() -> None:
    assert list(pairs_of(*sides("a b", "b a c"))) == ["a", "b"]
    assert list(pairs_of(*sides("a b", "b a"), ["b"])) == ["b"]
    assert list(pairs_of(*sides("a", "b"))) == ["b"]
    assert list(pairs_of(*sides("main", "branch", runs=(True, True)))) == ["branch"]
    assert list(pairs_of(*sides("main", "a b", runs=(True, False)), ["b"])) == ["b"]
    assert list(pairs_of(*sides("a b", "branch", runs=(False, True)), ["a"])) == ["a"]


def test_systems_that_do_not() -> None:
    with pytest.raises(BadValue, match=r"systems of BASE is 'b'; .* NEW has too: a, c; .*--system"):
        pairs_of(*sides("a b", "a c"))
    with pytest.raises(UnknownName, match="BASE: unknown system 'd'; known: a, b"):
        pairs_of(*sides("a b", "a b"), ["d"])
    with pytest.raises(UnknownName, match="NEW: unknown system 'b'"):
        pairs_of(*sides("a b", "a c"), ["b"])


def test_a_manifest_is_no_report(tmp_path) -> None:
    """It has datasets as the report over several has, and no systems; the error is about the file that was named."""
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps({"format": "irloom experiment", "datasets": {"cranfield": {}}}))
    with pytest.raises(DataError, match=r"manifest\.json is no report"):
        read_experiment_side(path)
