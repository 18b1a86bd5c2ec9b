"""`irloom run`: an experiment from its YAML to table, run files and report."""

import json
import shutil

import pytest

from irloom.data.trec import read_run


@pytest.fixture
def experiment(animals, tmp_path):
    path = tmp_path / "two.yaml"
    path.write_text(
        f"dataset: {animals}\n"
        "systems:\n"
        "  bm25: {bm25: {k1: 0.9}}\n"
        "  plain: {bm25: {analyzer: unicode}}\n"
        "  both: {rrf: {of: [bm25, plain]}}\n"
        "measures: [nDCG@10, R@100]\n"
        "baseline: bm25\n"
    )
    return path


def test_table_runs_and_report(irloom, experiment, tmp_path) -> None:
    done = irloom("run", experiment, "--output", tmp_path / "out")
    assert done.code == 0, done.err
    for name in ("bm25", "plain", "both"):
        assert f"\n {name} " in done.out or f"\n{name} " in done.out
        assert read_run(tmp_path / "out" / "runs" / f"{name}.trec")["q1"].doc_ids[0] == "d1"
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert 0 < report["systems"]["both"]["measures"]["nDCG@10"]["mean"] <= 1
    assert report["baseline"] == "bm25"


def test_json(irloom, experiment, tmp_path) -> None:
    done = irloom("run", experiment, "--output", tmp_path / "out", "--json")
    assert json.loads(done.out) == json.loads((tmp_path / "out" / "report.json").read_text())


def test_json_of_several_datasets(irloom, experiment, animals, tmp_path) -> None:
    shutil.copytree(animals, tmp_path / "other")
    experiment.write_text(experiment.read_text().replace(f"dataset: {animals}", f"dataset: [{animals}, {tmp_path / 'other'}]"))
    done = irloom("run", experiment, "--output", tmp_path / "out", "--json")
    assert json.loads(done.out) == json.loads((tmp_path / "out" / "report.json").read_text())


def test_evaluating_the_run_files_gives_the_report(irloom, experiment, animals, tmp_path) -> None:
    irloom("run", experiment, "--output", tmp_path / "out")
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    again = json.loads(irloom("evaluate", tmp_path / "out" / "runs" / "both.trec", "--qrels", animals, "--json").out)
    for measure in ("nDCG@10", "R@100"):
        assert again["systems"]["both"]["measures"][measure]["mean"] == report["systems"]["both"]["measures"][measure]["mean"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("systems:", "system:", "Did you mean 'systems'?"),
        ("k1: 0.9", "k2: 0.9", "Did you mean 'k1'?"),
        ("{bm25: {k1", "{bm52: {k1", "Did you mean 'bm25'?"),
        ("[bm25, plain]", "[bm25, plian]", "Did you mean 'plain'?"),
        ("nDCG@10", "nDGC@10", "nDCG"),
        ("baseline: bm25", "baseline: bm52", "Did you mean 'bm25'?"),
        ("measures: [", "measures: [[", "line"),
        ("k1: 0.9", "k1: -1", "k1"),
        ("k1: 0.9", "k1: high", "k1"),
    ],
)
def test_bad_experiment(irloom, experiment, tmp_path, old, new, said) -> None:
    experiment.write_text(experiment.read_text().replace(old, new))
    done = irloom("run", experiment, "--output", tmp_path / "out")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert said in done.err
    assert "two.yaml" in done.err or "nDCG" in done.err or "k1" in done.err
    assert not (tmp_path / "out" / "report.json").exists()


def test_the_means_over_several_datasets_are_printed(irloom, experiment, animals, tmp_path) -> None:
    other = shutil.copytree(animals, tmp_path / "other")
    (other / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td3\t1\n")
    experiment.write_text(experiment.read_text().replace(str(animals), f"[{animals}, {other}]"))
    done = irloom("run", experiment, "--output", tmp_path / "out")
    assert done.code == 0, done.err
    assert "mean over 2 datasets" in done.out
    assert done.out.rstrip().endswith("and report.html and run files in a folder there for each dataset")
    mean = json.loads((tmp_path / "out" / "report.json").read_text())["systems"]["both"]["measures"]["nDCG@10"]["mean"]
    assert f"{mean:.3f}" in done.out.partition("mean over 2 datasets")[2]


def test_no_file(irloom, tmp_path) -> None:
    done = irloom("run", tmp_path / "none.yaml")
    assert done.code == 2
    assert "none.yaml" in done.err


def test_unknown_dataset(irloom, experiment, tmp_path) -> None:
    experiment.write_text("dataset: python-sdtlib\nsystems: {bm25: {bm25: {}}}\n")
    done = irloom("run", experiment, "--output", tmp_path / "out")
    assert done.code == 2
    assert "python-stdlib" in done.err


def test_within_a_filter(irloom, experiment, tmp_path) -> None:
    experiment.write_text(experiment.read_text() + "where: not id == 'd1'\n")
    assert irloom("run", experiment, "--output", tmp_path / "yaml").code == 0
    assert irloom("run", experiment, "--output", tmp_path / "both", "--where", "id != 'd4'").code == 0
    for folder, kept in (("yaml", {"d2", "d4"}), ("both", {"d2"})):
        for system in ("bm25", "plain", "both"):
            run = read_run(tmp_path / folder / "runs" / f"{system}.trec")
            assert {doc_id for ranking in run.values() for doc_id in ranking.doc_ids} <= kept
        manifest = json.loads((tmp_path / folder / "manifest.json").read_text())
        assert 'id != "d1"' in json.loads((tmp_path / folder / "report.json").read_text())["facts"]["only documents where"]
        assert manifest["config"]["where"] == 'id != "d1"' + (' and id != "d4"' if folder == "both" else "")
    assert irloom("replay", tmp_path / "both").code == 0
    done = irloom("run", experiment, "--output", tmp_path / "bad", "--where", "year > 2000")
    assert (done.code, "unknown field 'year'" in done.err) == (2, True)
