"""Experiments: YAML in, run files and a report out; what is wrong is named."""

import json
from pathlib import Path

import pytest
import yaml

from irloom.core.config import load_yaml
from irloom.core.errors import BadLine, BadValue, ConfigError, DataError, IrloomError, UnknownName
from irloom.data.named import load_dataset
from irloom.data.trec import read_run
from irloom.eval.evaluate import evaluate
from irloom.pipelines.experiment import Experiment, folder_name, parse_experiment
from irloom.pipelines.running import run_experiment


def read_experiment(path: Path) -> Experiment:
    return parse_experiment(load_yaml(path), where=str(path))


def write(path: Path, content: object) -> Path:
    path.write_text(yaml.safe_dump(content, sort_keys=False))
    return path


@pytest.fixture
def experiment(folder: Path, vectors: dict[str, str], tmp_path: Path) -> dict[str, object]:
    return {
        "dataset": str(folder),
        "systems": {
            "bm25": {"bm25": {"k1": 0.9}},
            "words": {"bm25": {"analyzer": "unicode"}},
            "dense": {"dense": {"encoder": {"vector_file": vectors}}},
            "rrf": {"rrf": {"of": ["bm25", "dense", {"bm25": {"b": 0.0}}], "depth": 20}},
            "weighted": {"weighted": {"of": ["bm25", "dense"], "weights": "tune"}},
        },
        "measures": ["nDCG@10", "R@5"],
        "baseline": "bm25",
        "k": 20,
    }


def test_the_report_equals_an_evaluation_of_the_run_files(experiment: dict[str, object], folder: Path, tmp_path: Path) -> None:
    (report,) = run_experiment(write(tmp_path / "e.yaml", experiment), output=tmp_path / "out")
    content = json.loads((tmp_path / "out" / "report.json").read_text())
    qrels = load_dataset(folder).qrels()
    assert list(content["systems"]) == ["bm25", "words", "dense", "rrf", "weighted"]
    for name, system in content["systems"].items():
        run = read_run(tmp_path / "out" / "runs" / f"{name}.trec")
        assert max(len(ranking) for ranking in run.values()) <= 20
        for measure in ("nDCG@10", "R@5"):
            assert system["measures"][measure]["mean"] == pytest.approx(evaluate(run, qrels, [measure]).mean(measure), abs=1e-12)
            assert report.systems[name].measures[measure].interval.mean == system["measures"][measure]["mean"]
    assert content["systems"]["bm25"]["measures"]["nDCG@10"]["mean"] > 0.5
    assert content["baseline"] == "bm25"


def test_tuning_reads_the_train_split_only_and_is_told(experiment: dict[str, object], folder: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "e.yaml", experiment)
    (first,) = run_experiment(path)
    note = next(note for note in first.systems["weighted"].notes if "tuned" in note)
    assert "on 4 train queries" in note
    test = folder / "qrels" / "test.tsv"
    test.write_text("\n".join(line.replace("\td", "\tx") for line in test.read_text().splitlines()) + "\n")
    with pytest.warns(UserWarning, match=r"14 of 14 judged documents \(such as 'x\d+'\) are not in the corpus"):
        (second,) = run_experiment(path)
    assert next(note for note in second.systems["weighted"].notes if "tuned" in note) == note


def test_the_second_time_nothing_is_built(experiment: dict[str, object], tmp_path: Path) -> None:
    path = write(tmp_path / "e.yaml", experiment)
    run_experiment(path, output=tmp_path / "one")
    manifests = list((tmp_path / "cache" / "collections").glob("*/manifest.json"))
    before = [(manifest, manifest.read_text()) for manifest in manifests]
    assert len(before) == 1
    assert set(json.loads(before[0][1])["parts"]) == {
        "bm25",
        "bm25-unicode",
        next(name for name in json.loads(before[0][1])["parts"] if "vector" in name),
    }
    run_experiment(path, output=tmp_path / "two")
    assert [(manifest, manifest.read_text()) for manifest in manifests] == before
    for run in (tmp_path / "one" / "runs").iterdir():
        assert run.read_bytes() == (tmp_path / "two" / "runs" / run.name).read_bytes()


def test_several_datasets(experiment: dict[str, object], folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    for name in ("corpus.jsonl", "queries.jsonl"):
        (other / name).write_text((folder / name).read_text())
    (other / "qrels").mkdir()
    (other / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq9\td9\t1\n")
    systems = {"bm25": {"bm25": {}}}
    path = write(tmp_path / "e.yaml", {"dataset": [str(folder), str(other)], "systems": systems, "measures": ["RR@10"]})
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "report.html").write_text("of an earlier experiment over one dataset")
    reports = run_experiment(path, output=tmp_path / "out")
    assert not (tmp_path / "out" / "report.html").exists()
    means = [report.systems["bm25"].measures["RR@10"].interval.mean for report in reports]
    content = json.loads((tmp_path / "out" / "report.json").read_text())
    assert content["systems"]["bm25"]["measures"]["RR@10"]["mean"] == pytest.approx(sum(means) / 2)
    assert set(content["datasets"]) == {"animals", "other"}
    assert (tmp_path / "out" / "other" / "runs" / "bm25.trec").exists()


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        ({"datset": "x"}, UnknownName, "unknown key 'datset'; known: .* Did you mean 'dataset'"),
        ({"systems": {}}, ConfigError, "systems"),
        ({"systems": {"../x": {"bm25": {}}}}, BadValue, "file names"),
        ({"systems": {"a": {"bm52": {}}}}, UnknownName, r"systems\.a: unknown retriever 'bm52'.*Did you mean 'bm25'"),
        ({"systems": {"a": {"bm25": {"k2": 1}}}}, UnknownName, r"systems\.a\.bm25: unknown key 'k2'.*Did you mean 'k1'"),
        ({"systems": {"a": {"bm25": {"analzyer": "code"}}}}, UnknownName, r"systems\.a\.bm25: .*Did you mean 'analyzer'"),
        ({"systems": {"a": {"dense": {"encodr": "minilm"}}}}, UnknownName, r"systems\.a\.dense: .*Did you mean 'encoder'"),
        ({"systems": {"a": {"bm25": {"k1": "much"}}}}, BadValue, r"systems\.a\.bm25\.k1 is 'much'; expected float"),
        ({"systems": {"a": {"bm25": {"k1": True}}}}, BadValue, "k1 is True"),
        ({"systems": {"a": {"bm25": {"b": 2}}}}, BadValue, r"e\.yaml: systems\.a\.bm25\.b is 2"),
        ({"systems": {"a": {"bm25": {"part": "x"}}}}, BadValue, r"systems\.a\.bm25\.part is 'x'; expected no part"),
        ({"systems": {"a": {"dense": {"encoder": "minilm", "part": "x"}}}}, BadValue, r"systems\.a\.dense\.part is 'x'; expected no part"),
        ({"systems": {"a b": {"bm25": {}}}}, BadValue, "without blanks"),
        ({"systems": {"a": {"bm25": {"variant": "lucent"}}}}, UnknownName, "Did you mean 'lucene'"),
        ({"systems": {"a": {"bm25": {"analyzer": "englisch"}}}}, UnknownName, r"e\.yaml: systems\.a\.bm25: .*Did you mean 'english'"),
        ({"systems": {"a": {"rrf": {"of": ["a"]}}}}, ConfigError, "circle: a -> a"),
        ({"systems": {"a": "b", "b": "a"}}, ConfigError, "circle"),
        ({"systems": {"a": {"rrf": {"of": ["c"]}}}}, UnknownName, "unknown system 'c'"),
        ({"systems": {"a": {"rrf": {}}}}, ConfigError, "'of' is missing"),
        ({"systems": {"a": {"dense": {}}}}, ConfigError, "'encoder' is missing"),
        ({"systems": {"a": ["bm25", "maxsim"]}}, UnknownName, "unknown system 'bm25'"),
        ({"systems": {"a": [{"bm25": {}}, {"maxsum": {}}]}}, UnknownName, r"systems\.a\[1\]: unknown reranker 'maxsum'.*'maxsim'"),
        ({"systems": {"a": [{"bm25": {}}, {"bm25": {}}]}}, UnknownName, "unknown reranker 'bm25'"),
        ({"systems": {"a": []}}, BadValue, "at least one stage"),
        ({"systems": {"a": {"bm25": {}, "rrf": {}}}}, ConfigError, "one registry name"),
        ({"systems": {"a": {"bm25": [1]}}}, ConfigError, "expected a mapping"),
        ({"measures": ["nDGC@10"]}, UnknownName, r"e\.yaml: measures: unknown measure.*Did you mean 'nDCG"),
        ({"measures": ["nDCG@0"]}, BadValue, r"e\.yaml: measures: cut of nDCG is 0"),
        ({"measures": []}, BadValue, "measures"),
        ({"baseline": "bm26"}, UnknownName, "Did you mean 'bm25'"),
        ({"baseline": ["bm25"]}, UnknownName, "baseline"),
        ({"k": 0}, BadValue, "k"),
        ({"dataset": 3}, BadValue, "dataset"),
        ({"dataset": "scifcat-not-there"}, UnknownName, "dataset"),
        ({"dataset": "/no/such/folder"}, DataError, "does not exist"),
    ],
)
def test_what_is_wrong_is_named(folder: Path, tmp_path: Path, change: dict[str, object], error: type[IrloomError], text: str) -> None:
    content = {"dataset": str(folder), "systems": {"bm25": {"bm25": {}}}, **change}
    with pytest.raises(error, match=text):
        run_experiment(write(tmp_path / "e.yaml", content))


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("dataset: [a\nsystems: b", 2, "expected ',' or ']'"),
        ("a: 1\nb: 2\na: 3\n", 3, "'a' occurs twice"),
        ("a: 1\n\tb: 2", 2, "cannot start any token"),
        ("!!python/object:os.system x", 1, "could not determine a constructor"),
    ],
)
def test_yaml_that_cannot_be_read_names_its_line(tmp_path: Path, text: str, line: int, problem: str) -> None:
    (tmp_path / "e.yaml").write_text(text)
    with pytest.raises(BadLine, match=problem) as caught:
        read_experiment(tmp_path / "e.yaml")
    assert caught.value.line == line


def test_a_group_stands_for_its_members() -> None:
    experiment = parse_experiment({"dataset": ["scifact", "beir/cqadupstack"], "systems": {"a": {"bm25": {}}}}, where="e.yaml")
    assert len(experiment.datasets) == 1 + 12
    assert folder_name(experiment.datasets[1]) == "beir-cqadupstack-android"


@pytest.mark.parametrize(
    ("own", "text"),
    [
        ({"scifcat": {}}, r"per_dataset: unknown key 'scifcat'.*Did you mean 'scifact'"),
        ({"scifact": {"b": {}}}, r"per_dataset\.scifact: unknown key 'b'"),
        (["a"], "a mapping of datasets to systems"),
    ],
)
def test_systems_of_one_dataset(own: object, text: str) -> None:
    content = {"dataset": "scifact", "systems": {"a": {"bm25": {}}}}
    with pytest.raises(ConfigError, match=text):
        parse_experiment({**content, "per_dataset": own}, where="e.yaml")
    given = parse_experiment({**content, "per_dataset": {"scifact": {"a": {"bm25": {"b": 0}}}}}, where="e.yaml")
    assert given.systems_of("scifact") == {"a": {"bm25": {"b": 0}}}
    assert given.systems_of("other") == {"a": {"bm25": {}}}


def test_files_that_are_no_experiments(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        read_experiment(tmp_path / "none.yaml")
    (tmp_path / "list.yaml").write_text("- a")
    with pytest.raises(ConfigError, match="found list"):
        read_experiment(tmp_path / "list.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"dataset: \xe4")
    with pytest.raises(BadLine, match="UTF-8"):
        read_experiment(tmp_path / "latin.yaml")


@pytest.mark.parametrize("path", sorted((Path(__file__).parents[2] / "configs" / "experiments").glob("*.yaml")), ids=lambda path: path.stem)
def test_the_experiments_of_the_repository_can_be_read(path: Path) -> None:
    assert read_experiment(path).systems


@pytest.mark.parametrize(
    "wrong", [{"bm25": {"b": 2}}, {"bm25": {"k2": 1}}, ["words", {"maxsim": {"encoder": "minilm", "depth": 0}}], "wrds"]
)
def test_a_wrong_system_is_told_before_anything_is_built(wrong: object, folder: Path, tmp_path: Path) -> None:
    content = {"dataset": str(folder), "systems": {"words": {"bm25": {}}, "last": wrong}}
    with pytest.raises(ConfigError):
        run_experiment(write(tmp_path / "e.yaml", content), output=tmp_path / "out")
    assert not (tmp_path / "cache").exists()
    assert not (tmp_path / "out").exists()


def test_datasets_of_one_name_would_share_a_folder(folder: Path, tmp_path: Path) -> None:
    content = {"dataset": [str(folder), f"{folder}/"], "systems": {"words": {"bm25": {}}}}
    with pytest.raises(BadValue, match="datasets of different names"):
        run_experiment(write(tmp_path / "e.yaml", content))


def test_intervals_are_read_as_the_experiment_says(experiment: dict[str, object], tmp_path: Path) -> None:
    (report,) = run_experiment(write(tmp_path / "e.yaml", {**experiment, "interval": "bca"}))
    assert report.to_json()["interval"]["method"] == "bootstrap bca"
    with pytest.raises(UnknownName, match=r"interval: unknown bootstrap interval 'bcu'.*Did you mean 'bca'"):
        read_experiment(write(tmp_path / "e.yaml", {**experiment, "interval": "bcu"}))


def test_a_fusion_less_deep_than_a_measure_is_warned_of(experiment: dict[str, object], tmp_path: Path) -> None:
    shallow = {**experiment, "systems": {"rrf": {"rrf": {"of": [{"bm25": {}}], "depth": 20}}}, "baseline": None}
    with pytest.warns(UserWarning, match=r"systems\.rrf: rrf looks at the first 20 documents .* R@1000 at 1,000"):
        run_experiment(write(tmp_path / "e.yaml", {**shallow, "measures": ["nDCG@10", "R@1000"]}))


def test_a_measure_that_judgments_do_not_serve_costs_no_building(experiment: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(DataError, match="alpha_nDCG@20 needs judgments by intent"):
        run_experiment(write(tmp_path / "e.yaml", {**experiment, "measures": ["alpha_nDCG@20"]}), output=tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_filter_of_the_experiment(experiment: dict[str, object], tmp_path: Path) -> None:
    read = parse_experiment({**experiment, "where": "id>='d2'"}, where="e.yaml")
    assert read.filter is not None
    assert read.filter.expression == 'id >= "d2"'
    assert parse_experiment({**experiment, "where": None}, where="e.yaml").filter is None
    for text in ("id = 3", 3):
        with pytest.raises(BadValue, match=r"e\.yaml: where is"):
            parse_experiment({**experiment, "where": text}, where="e.yaml")


def test_a_filter_holds_for_tuning_too(experiment: dict[str, object], tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="nDCG@10 is 0 for every query and all weights"):
        (report,) = run_experiment(write(tmp_path / "f.yaml", {**experiment, "where": "id == 'none'"}))
    assert report.systems["bm25"].measures["R@5"].interval.mean == 0


def test_what_rerankers_did_is_in_the_report_with_an_alarm_where_they_lost(turning: None, folder: Path, tmp_path: Path) -> None:
    """`turning` turns the head round, so the pages' first documents become their last: that must never go unnoticed."""
    systems = {
        "bm25": {"bm25": {}},
        "turned": ["bm25", {"turning": {"model": "m"}}],
        "twice": ["turned", {"turning": {"model": "n", "depth": 5}}],
    }
    path = write(tmp_path / "e.yaml", {"dataset": str(folder), "systems": systems, "measures": ["nDCG@10", "R@100"]})
    (report,) = run_experiment(path, output=tmp_path / "out")
    (did,) = report.systems["turned"].rerankers
    assert (did.stage, did.queries, did.noted, did.judgments, did.judged) == ("turning", 8, 8, "animals test", 8)
    assert did.sums == {"calls": 16, "seconds": 4}
    assert [(one.stage, one.measure) for one in did.against] == [("bm25", "nDCG@10"), ("bm25", "R@100")]
    assert "nDCG@10" in did.alarm
    assert "R@100" not in did.alarm
    last = report.systems["twice"].rerankers[-1]
    assert {one.stage for one in last.against} == {"bm25", "turning"}
    assert last.sums == did.sums  # its own, not those of the one before too
    content = json.loads((tmp_path / "out" / "report.json").read_text())
    assert content["systems"]["turned"]["rerankers"][0]["alarm"] == did.alarm
    assert content["systems"]["turned"]["rerankers"][0]["per_query"] == {"calls": 2, "seconds": 0.5}
    assert "What the rerankers did" in (tmp_path / "out" / "report.html").read_text()
    assert "ALARM: turning" in (tmp_path / "out" / "table.md").read_text()
    (again,) = run_experiment(path)
    assert [one.alarm for one in again.systems["turned"].rerankers] == [did.alarm]
