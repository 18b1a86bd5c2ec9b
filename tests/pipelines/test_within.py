"""What a stage is made of."""

from pathlib import Path
from typing import Any

import numpy as np

from irloom.fusion.rrf import RRF
from irloom.models.encoders.vector_file import VectorFile
from irloom.pipelines.cached import CachedReranker, CachedScorer
from irloom.pipelines.within import model_files, model_name, models_of, stages_of
from irloom.rerankers.attention.icr import ICR
from irloom.rerankers.attention.qrhead import QRHead
from irloom.rerankers.cross_encoder import CrossEncoderReranker
from irloom.rerankers.first import FIRST
from irloom.rerankers.listwise import Listwise
from irloom.rerankers.maxsim import MaxSimReranker
from irloom.rerankers.pairwise import Pairwise
from irloom.rerankers.pointwise import Pointwise
from irloom.rerankers.setwise import Setwise
from irloom.retrievers.bm25 import BM25
from irloom.retrievers.dense import Dense
from tests.contracts.stages import write
from tests.fakes import FakeEncoder, OverlapScorer
from tests.fakes_llm import FakeDecoder, FakeGenerator


def test_stages_and_models_at_any_depth(tmp_path: Path) -> None:
    collection = write(tmp_path / "c")
    encoder, scorer = FakeEncoder(), OverlapScorer()
    fused = RRF([BM25(collection), Dense(collection, encoder)])
    crossed = CachedReranker(CrossEncoderReranker(CachedScorer(scorer), collection), collection)
    system = fused >> MaxSimReranker(encoder, collection) >> crossed
    names = [type(stage).__name__ for stage in stages_of(system)]
    assert names == ["Pipeline", "RRF", "BM25", "Dense", "MaxSimReranker", "CachedReranker", "CrossEncoderReranker"]
    assert models_of(system) == [encoder, scorer]
    assert models_of(BM25(collection)) == []
    assert model_name(encoder) == "fake"
    assert model_name(scorer) == "OverlapScorer"


def test_language_models_behind_comparators_and_prompts(tmp_path: Path) -> None:
    corpus, decoder, generator = write(tmp_path / "c"), FakeDecoder(), FakeGenerator(["[1]"])
    read: Any = decoder  # implements what a Decoder does
    stages = (
        ICR(read, corpus),
        QRHead(read, corpus, heads=["0-0"]),
        FIRST(read, corpus),
        Listwise(read, corpus),
        Setwise(read, corpus),
        Pairwise(read, corpus),
        Pointwise(read, corpus),
        Pointwise(read, corpus, layout="qwen3"),
    )
    assert all(models_of(stage) == [decoder] for stage in stages)
    assert all(models_of(stage) == [generator] for stage in (Listwise(generator, corpus), Setwise(generator, corpus)))
    assert models_of(Pointwise(OverlapScorer(), corpus)) != []


def test_the_files_of_a_model(tmp_path: Path) -> None:
    class Model:
        folder = tmp_path / "m"

    for name in ("model.safetensors", "1_Pooling/config.json", "onnx/model.safetensors", ".cache/x.json", "README.md", "vocab.txt"):
        (Model.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (Model.folder / name).write_text("x")
    assert list(model_files(Model())) == ["1_Pooling/config.json", "model.safetensors", "vocab.txt"]
    np.save(tmp_path / "v.npy", np.zeros((1, 2), np.float32))
    (tmp_path / "v.ids").write_text("a\n")
    assert set(model_files(VectorFile(tmp_path / "v.npy"))) == {"v.npy", "v.ids"}
