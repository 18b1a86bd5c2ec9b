"""Replay: the same numbers again, or what has changed is named."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import yaml

from irloom.core.errors import ConfigError, DataError, IrloomError
from irloom.pipelines.difference import ABSENT, diff_folders, manifest_changes, named_content
from irloom.pipelines.experiment import parse_experiment
from irloom.pipelines.manifest import read_manifest
from irloom.pipelines.replay import Replay, _config_changes, _file_changes, replay_experiment
from irloom.pipelines.running import run_experiment
from tests.models.tiny import save_model


@pytest.fixture
def source(folder: Path, vectors: dict[str, str], tmp_path: Path) -> Path:
    """An experiment that tunes, fuses and names another system."""
    systems = {
        "bm25": {"bm25": {"k1": 0.9}},
        "dense": {"dense": {"encoder": {"vector_file": vectors}}},
        "weighted": {"weighted": {"of": ["bm25", "dense"], "weights": "tune"}},
    }
    path = tmp_path / "e.yaml"
    content = {"dataset": str(folder), "systems": systems, "measures": ["nDCG@10", "R@5"], "baseline": "bm25", "k": 20}
    path.write_text(yaml.safe_dump(content, sort_keys=False))
    return path


@pytest.fixture
def ran(source: Path, tmp_path: Path) -> Path:
    run_experiment(source, output=tmp_path / "out")
    return tmp_path / "out"


def keys(replay: Replay, group: str) -> list[str]:
    return [change.key for change in replay.changes if change.group == group]


def test_every_number_is_the_same(ran: Path, tmp_path: Path) -> None:
    replay = replay_experiment(ran, output=tmp_path / "again")
    assert replay.changes == ()
    assert replay.same
    report = json.loads((ran / "report.json").read_text())
    values = sum(len(result["values"]) for system in report["systems"].values() for result in system["measures"].values())
    assert replay.numbers > values == 3 * 2 * 8
    for system in ("bm25", "dense", "weighted"):
        name = f"runs/{system}.trec"
        assert (ran / name).read_bytes() == (tmp_path / "again" / name).read_bytes()
    assert diff_folders(ran, tmp_path / "again") == []


def test_a_replay_tunes_nothing(ran: Path, folder: Path) -> None:
    config = read_manifest(ran).config
    weights = config["systems"]["weighted"]["weighted"]["weights"]
    assert len(weights) == 2
    assert sum(weights) == pytest.approx(1)
    (folder / "qrels" / "train.tsv").write_text("query-id\tcorpus-id\tscore\nq9\td1\t1\n")
    replay = replay_experiment(ran)
    assert replay.same_numbers
    assert "animals.files.qrels/train.tsv" in keys(replay, "data")


def test_a_changed_document_is_named(source: Path, folder: Path, tmp_path: Path) -> None:
    content = yaml.safe_load(source.read_text())
    source.write_text(yaml.safe_dump({**content, "systems": {"bm25": {"bm25": {}}}}))
    run_experiment(source, output=tmp_path / "out")
    lines = [json.loads(line) for line in (folder / "corpus.jsonl").read_text().splitlines()]
    lines[3]["text"] += " zebra"
    lines[5]["_id"] = "new"
    (folder / "corpus.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    with pytest.warns(UserWarning, match="judged documents"):
        replay = replay_experiment(tmp_path / "out")
    assert not replay.same
    assert {"animals: document 'd3'", "animals: document 'new'", "animals: documents", "animals.files.corpus.jsonl"} <= set(
        keys(replay, "data")
    )
    verbs = {change.key: change.after for change in replay.changes}
    assert verbs["animals: document 'd3'"] == "changed"
    assert verbs["animals: document 'new'"] == "added"
    assert verbs["animals: documents"] == "removed"
    assert keys(replay, "config") == keys(replay, "models") == []


def test_a_changed_query_and_a_changed_judgment_are_named(ran: Path, folder: Path) -> None:
    queries = (folder / "queries.jsonl").read_text().replace('"q2", "text": "', '"q2", "text": "zebra ')
    (folder / "queries.jsonl").write_text(queries)
    qrels = (folder / "qrels" / "test.tsv").read_text().replace("q4\td4\t1", "q4\td4\t2")
    (folder / "qrels" / "test.tsv").write_text(qrels)
    replay = replay_experiment(ran)
    assert {"animals: query 'q2'", "animals: judgments of query 'q4'"} <= set(keys(replay, "data"))
    assert "animals: bm25 nDCG@10 by query" in keys(replay, "numbers")


@pytest.mark.parametrize("where", ["e.yaml", "experiment.yaml", "manifest.json"])
def test_a_changed_key_is_named(ran: Path, source: Path, where: str) -> None:
    path = source if where == "e.yaml" else ran / where
    body = json.loads(path.read_text()) if where == "manifest.json" else yaml.safe_load(path.read_text())
    (body["config"] if where == "manifest.json" else body)["systems"]["bm25"]["bm25"]["k1"] = 1.7
    path.write_text(json.dumps(body) if where == "manifest.json" else yaml.safe_dump(body))
    replay = replay_experiment(ran)
    assert not replay.same
    (change,) = [change for change in replay.changes if change.group == "config"]
    assert change.key == f"{'e.yaml' if where == 'e.yaml' else 'experiment.yaml'}: systems.bm25.bm25.k1"
    assert {change.before, change.after} == {0.9, 1.7}
    assert replay.same_numbers == (where != "manifest.json")


def test_a_changed_weight_is_named(folder: Path, tmp_path: Path) -> None:
    model = save_model(tmp_path / "tiny", "bert")
    path = tmp_path / "e.yaml"
    systems = {"dense": {"dense": {"encoder": {"dense_encoder": {"model": str(model), "pooling": "mean"}}}}}
    path.write_text(yaml.safe_dump({"dataset": str(folder), "systems": systems, "k": 10}))
    run_experiment(path, output=tmp_path / "out")
    held = read_manifest(tmp_path / "out").models[str(model)]
    assert {"model.safetensors", "config.json", "tokenizer.json"} <= set(held["files"])
    assert replay_experiment(tmp_path / "out").same
    _change_one_weight(model / "model.safetensors")
    replay = replay_experiment(tmp_path / "out")
    assert not replay.same
    assert keys(replay, "models") == [f"{model}.fingerprint", f"{model}.files.model.safetensors"]
    assert keys(replay, "data") == keys(replay, "config") == []


def _change_one_weight(path: Path) -> None:
    data = bytearray(path.read_bytes())
    start = 8 + int.from_bytes(data[:8], "little")
    weights = np.frombuffer(data, np.float32, offset=start)
    data[start : start + 4] = (weights[:1] + np.float32(5)).tobytes()
    path.write_bytes(data)


def test_files_that_are_not_the_manifests_are_named(ran: Path) -> None:
    run = ran / "runs" / "bm25.trec"
    run.write_text(run.read_text().replace(" 1 ", " 2 ", 1))
    report = json.loads((ran / "report.json").read_text())
    report["systems"]["dense"]["measures"]["R@5"]["mean"] = 0.99
    (ran / "report.json").write_text(json.dumps(report))
    replay = replay_experiment(ran)
    assert keys(replay, "files") == ["runs/bm25.trec", "report.json: dense.R@5.mean"]
    assert not replay.same
    assert replay.same_numbers


def test_a_replay_reads_no_cache(source: Path, tmp_path: Path) -> None:
    content, cache = yaml.safe_load(source.read_text()), tmp_path / "answers.sqlite"
    content["systems"] = {"kept": {"cached": {"retriever": {"bm25": {}}, "path": str(cache)}}}
    source.write_text(yaml.safe_dump({**content, "baseline": None}))
    run_experiment(source, output=tmp_path / "out")
    assert cache.stat().st_size > 0
    cache.unlink()
    assert replay_experiment(tmp_path / "out").same
    assert not cache.exists()


def test_a_damaged_collection_is_named(ran: Path, tmp_path: Path) -> None:
    (path,) = (tmp_path / "cache" / "collections").glob("*/segments/0/text.bytes")
    path.write_bytes(path.read_bytes().replace(b"ant", b"ape"))
    replay = replay_experiment(ran)
    assert not replay.same
    assert [key.rpartition("/")[2] for key in keys(replay, "files")] == ["text.bytes: its checksum differs, its content has changed"]


def test_no_broken_manifest_ends_in_a_traceback(ran: Path) -> None:
    body, before = json.loads((ran / "manifest.json").read_text()), read_manifest(ran)

    def places(tree: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
        yield path
        for key, value in tree.items() if isinstance(tree, dict) else ():
            if key not in ("files", "values") and not (path and path[0] in ("code", "libraries")):
                yield from places(value, (*path, key))

    for place, path in enumerate(list(places(body))[1:]):
        spoilt = json.loads(json.dumps(body))
        tree = spoilt
        for key in path[:-1]:
            tree = tree[key]
        tree[path[-1]] = (None, "x", [3], {})[place % 4]
        (ran / "manifest.json").write_text(json.dumps(spoilt))
        with suppress(IrloomError):
            after = read_manifest(ran)
            manifest_changes(before, after)
            manifest_changes(after, before)
            named_content(ran, after, before)
            list(_config_changes(ran, after))
            list(_file_changes(ran, after))
            parse_experiment(after.config, where="manifest.json")


def test_several_datasets_keep_their_own_weights(source: Path, folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    (other / "qrels" / "train.tsv").write_text("query-id\tcorpus-id\tscore\nq8\td31\t1\nq9\td30\t1\nq10\td2\t1\nq11\td7\t1\n")
    content = yaml.safe_load(source.read_text())
    source.write_text(yaml.safe_dump({**content, "dataset": [str(folder), str(other)]}, sort_keys=False))
    run_experiment(source, output=tmp_path / "out")
    manifest = read_manifest(tmp_path / "out")
    assert list(manifest.datasets) == ["animals", "other"]
    assert list(manifest.config["per_dataset"]) == ["other"]
    assert manifest.means["bm25"]["measures"]["R@5"]["mean"] > 0
    assert replay_experiment(tmp_path / "out").changes == ()
    run_experiment(tmp_path / "out" / "experiment.yaml", output=tmp_path / "third")
    assert diff_folders(tmp_path / "out", tmp_path / "third") == []


def _no_manifest(ran: Path, folder: Path) -> None:
    (ran / "manifest.json").unlink()


def _half(ran: Path, folder: Path) -> None:
    text = (ran / "manifest.json").read_text()
    (ran / "manifest.json").write_text(text[: len(text) // 2])


def _other(ran: Path, folder: Path) -> None:
    (ran / "manifest.json").write_text('{"format": "irloom-collection", "version": 1}')


def _newer(ran: Path, folder: Path) -> None:
    body = json.loads((ran / "manifest.json").read_text())
    (ran / "manifest.json").write_text(json.dumps({**body, "version": 99}))


def _no_numbers(ran: Path, folder: Path) -> None:
    body = json.loads((ran / "manifest.json").read_text())
    del body["datasets"]["animals"]["systems"]["bm25"]["measures"]
    (ran / "manifest.json").write_text(json.dumps(body))


def _no_data(ran: Path, folder: Path) -> None:
    shutil.rmtree(folder)


def _wrong_config(ran: Path, folder: Path) -> None:
    body = json.loads((ran / "manifest.json").read_text())
    body["config"]["systems"]["bm25"] = {"bm52": {}}
    (ran / "manifest.json").write_text(json.dumps(body))


@pytest.mark.parametrize(
    ("spoil", "error", "text"),
    [
        (_no_manifest, DataError, "has no manifest.json: .*run the experiment again"),
        (_half, DataError, "manifest.json is broken: it is not JSON"),
        (_other, DataError, "is not the manifest of an experiment"),
        (_newer, DataError, "is of version 99; this irloom reads version 1"),
        (_no_numbers, DataError, "is broken: datasets.animals is not whole"),
        (_no_data, DataError, "cannot be replayed: dataset .*animals does not exist"),
        (_wrong_config, ConfigError, "cannot be replayed: .*unknown retriever 'bm52'"),
    ],
)
def test_bad_input(
    ran: Path, folder: Path, tmp_path: Path, spoil: Callable[[Path, Path], None], error: type[IrloomError], text: str
) -> None:
    spoil(ran, folder)
    with pytest.raises(error, match=text):
        replay_experiment(ran, output=tmp_path / "again")
    assert not (tmp_path / "again").exists()


def test_a_replay_is_not_written_over_what_it_replays(ran: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(ran)
    for output in (ran, ran / "runs" / "..", tmp_path / "link"):
        with pytest.raises(ConfigError, match="cannot be written over it"):
            replay_experiment(ran, output=output)


def test_diff_names_what_was_added_and_taken_away(ran: Path, source: Path, tmp_path: Path) -> None:
    content = yaml.safe_load(source.read_text())
    del content["systems"]["dense"], content["systems"]["weighted"]
    content["systems"]["words"] = {"bm25": {"analyzer": "unicode", "b": 0.7}}
    source.write_text(yaml.safe_dump(content))
    run_experiment(source, output=tmp_path / "new")
    found = {(change.group, change.key): (change.before, change.after) for change in diff_folders(ran, tmp_path / "new")}
    assert found["numbers", "animals: dense"] == ("there", ABSENT)
    assert found["numbers", "animals: words"] == (ABSENT, "there")
    assert "bm25.b: 0.7" in str(found["config", "systems.words"][1])
    assert ("numbers", "animals: bm25.run_sha256") not in found
