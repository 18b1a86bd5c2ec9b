"""`irloom heads`: learnt on a dataset, shown, used by `irloom rerank`."""

import json
from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import Done
from tests.rerankers.attention.seeded import save_seeded


def test_learn_show_and_rerank(irloom: Callable[..., Done], animals: Path, run_file: Path, tmp_path: Path) -> None:
    model, heads = save_seeded(tmp_path / "model"), tmp_path / "heads.json"
    arguments = ["--model", model, "--dataset", animals, "--method", "qrhead", "--queries", 2, "--output", heads, "--set", "words=20"]
    done = irloom("heads", "learn", *arguments)
    assert done.code == 0, done.err
    assert "16 heads of" in done.out
    body = json.loads(heads.read_text())
    assert (body["method"], body["layers"], len(body["heads"]), body["settings"]["words"]) == ("qrhead", 4, 16, 20)
    shown = irloom("heads", "show", heads, "--top", 3)
    assert shown.code == 0
    assert body["heads"][0][0] in shown.out
    assert "found by qrhead" in shown.out
    rerank = ["rerank", run_file, "--dataset", animals, "--model", model, "--output", tmp_path / "new.trec"]
    done = irloom(*rerank, "--method", "qrhead", "--heads", heads, "--set", "top=4")
    assert done.code == 0, done.err
    assert len((tmp_path / "new.trec").read_text().splitlines()) == len(run_file.read_text().splitlines())
    refused = irloom(*rerank, "--method", "core_heads", "--heads", heads)
    assert refused.code == 2
    assert "prompt is another" in refused.err


def test_bad_input(irloom: Callable[..., Done], animals: Path, tmp_path: Path) -> None:
    output = tmp_path / "heads.json"
    learn = ["heads", "learn", "--model", tmp_path, "--dataset", animals, "--output", output]
    assert irloom(*learn, "--method", "icr").code == 2
    assert irloom(*learn, "--set", "depth=few").code == 2
    assert irloom(*learn, "--set", "deep=3").code == 2
    assert irloom(*learn).code == 2  # no model in the folder
    assert not output.exists()
    assert irloom("heads", "show", output).code == 2
