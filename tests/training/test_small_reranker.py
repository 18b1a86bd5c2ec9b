"""A minute-sized recipe on twenty documents: the loss falls, the model loads, and a kill changes nothing."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from irloom.core.errors import CollectionError, DataError, IrloomError
from irloom.models.decoders.decoder import Decoder
from irloom.training.recipes.recipe import Recipe, parse_recipe
from irloom.training.small_reranker import train_small_reranker
from tests.training.small import small_dataset

FIRST = {"best": 1, "answer": 0.2, "early": 0.5, "match": 1, "attention": 0.3, "reach": 0.1, "owner": 1, "identifier": 0.5}


def recipe(source: Path, data: Path, **changes: Any) -> Recipe:
    given: dict[str, Any] = {
        "name": "tiny",
        "source": str(source),
        "datasets": {str(data): 1},
        "held_out": {str(data): "test"},
        "candidates": 12,
        "batch": 12,
        "model": {"dim": 32, "layers": 2, "heads": 2, "inner": 32, "context": 256, "vocabulary": 200},
        "lists": {"numbered": 0.2},
        "optimiser": {"rate": 0.01, "warm_up": 5, "every": 4, "threads": 2},
        "stages": [{"name": "attention", "steps": 16, "documents": [3, 4], "losses": FIRST}],
    }
    return parse_recipe({**given, **changes}, where="tiny.yaml")


def test_the_loss_falls_and_the_model_loads(source: Path, tmp_path: Path) -> None:
    seen: list[dict[str, float]] = []
    done = train_small_reranker(
        recipe(source, small_dataset(tmp_path / "data")), tmp_path / "model", log=lambda done: seen.append(dict(done.parts))
    )
    assert (done.step, done.skipped) == (16, 0)
    assert seen[-1]["answer"] < 0.95 * seen[0]["answer"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "model"]
    decoder = Decoder(str(tmp_path / "model"))
    logits = decoder.next_logits([decoder.encode("[A] read file [B] open port Query: file Best: [")], tokens=[3, 4, 5])
    assert logits.shape == (1, 3)
    assert np.isfinite(logits).all()
    assert decoder.shape.layers == 2
    assert not decoder.has_chat


class Stopped(Exception):
    """A kill."""


@pytest.mark.parametrize("at", [5, 12])
def test_going_on_equals_no_interruption(source: Path, tmp_path: Path, at: int) -> None:
    """Bit for bit, whether the interruption came at a checkpoint or between two."""
    data = small_dataset(tmp_path / "data")
    train_small_reranker(recipe(source, data), tmp_path / "whole")

    def stop(label: str, step: int, steps: int) -> None:
        if label == "training" and step == at:
            raise Stopped

    with pytest.raises(Stopped):
        train_small_reranker(recipe(source, data), tmp_path / "parts", progress=stop)
    assert (tmp_path / "parts.work").is_dir()
    assert not (tmp_path / "parts").exists()
    done = train_small_reranker(recipe(source, data), tmp_path / "parts")
    assert done.step == 16
    whole, parts = (load_file(tmp_path / name / "model.safetensors") for name in ("whole", "parts"))
    assert whole.keys() == parts.keys()
    assert all(torch.equal(whole[name], parts[name]) for name in whole)


def test_another_recipe_refuses_the_checkpoint(source: Path, tmp_path: Path) -> None:
    data = small_dataset(tmp_path / "data")

    def stop(label: str, step: int, steps: int) -> None:
        if label == "training":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_small_reranker(recipe(source, data), tmp_path / "model", progress=stop)
    with pytest.raises(IrloomError, match="another recipe"):
        train_small_reranker(recipe(source, data, seed=1), tmp_path / "model")


def test_whole_orders(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """FIRST's joint objective with an order a query: similarities come from an encoder, here one that looks at lengths."""
    from irloom.training import small_reranker

    class ByLength:
        def __init__(self, model: str) -> None: ...

        def encode_queries(self, queries: Any) -> Any:
            return np.array([[1.0, 0.0] for _ in queries], np.float32)

        def encode_documents(self, documents: Any) -> Any:
            return np.array([[len(document.text), 0.0] for document in documents], np.float32)

    monkeypatch.setattr(small_reranker, "DenseEncoder", ByLength)
    stage = {"name": "orders", "steps": 4, "documents": [4, 4], "losses": {"ranknet": 10, "answer": 1}, "ordered": 1}
    seen: list[dict[str, float]] = []
    train_small_reranker(
        recipe(source, small_dataset(tmp_path / "data"), stages=[stage], lists={"numbered": 0, "easy": 0}),
        tmp_path / "model",
        log=lambda done: seen.append(dict(done.parts)),
    )
    assert all(math.isfinite(value) for parts in seen for value in parts.values())
    assert all(parts["ranknet"] > 0 for parts in seen)


def test_what_cannot_be_trained(source: Path, tmp_path: Path) -> None:
    data = small_dataset(tmp_path / "data")
    (tmp_path / "there").mkdir()
    with pytest.raises(CollectionError, match="there already"):
        train_small_reranker(recipe(source, data), tmp_path / "there")
    with pytest.raises(DataError, match="no query to train on"):
        train_small_reranker(recipe(source, data, held_out={str(data): "train"}), tmp_path / "model")
