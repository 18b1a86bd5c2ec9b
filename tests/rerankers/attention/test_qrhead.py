"""QRHead: few heads, read no further than their last layer."""

from pathlib import Path

import pytest

from irloom.core.errors import BadValue, ModelError
from irloom.core.types import Query
from irloom.models.decoders.decoder import Decoder
from irloom.rerankers.attention.head_set import HeadSet
from irloom.rerankers.attention.heads_file import write_heads
from irloom.rerankers.attention.icr import ICR
from irloom.rerankers.attention.qrhead import QRHead
from tests.fakes_llm import FakeDecoder
from tests.rerankers.attention.conftest import Texts
from tests.rerankers.attention.seeded import QUERY

QUERIES = [Query("q", QUERY)]


def test_all_heads_are_icr(seeded: Decoder, texts: Texts) -> None:
    every = [(layer, head) for layer in range(4) for head in range(4)]
    ours = QRHead(seeded, texts, heads=every, words=300).rerank(QUERIES, texts.run, k=3)
    assert list(ours["q"]) == list(ICR(seeded, texts).rerank(QUERIES, texts.run, k=3)["q"])


def test_it_stops_after_the_last_layer(texts: Texts) -> None:
    class Watched(FakeDecoder):
        layers: int | None = 0

        def prefill(self, ids, *, layers=None):
            self.layers = layers
            return super().prefill(ids, layers=layers)

    decoder = Watched(layers=6)
    QRHead(decoder, texts, heads=["2-1", "0-0"]).rerank(QUERIES, texts.run, k=3)
    assert decoder.layers == 3


def test_heads_of_a_file(texts: Texts, tmp_path: Path) -> None:
    heads = HeadSet(((1, 1), (0, 0), (1, 0)), (0.5, 0.4, 0.1), "qrhead", "fake_decoder", "fake_decoder:2:2", 2, 2)
    write_heads(heads, tmp_path / "h.json")
    assert QRHead(FakeDecoder(), texts, heads=tmp_path / "h.json", top=2).scorer.signal.heads == ((1, 1), (0, 0))
    assert QRHead(FakeDecoder(), texts, heads=str(tmp_path / "h.json")).scorer.signal.heads == heads.heads
    with pytest.raises(ModelError, match="irloom heads learn"):
        QRHead(FakeDecoder(layers=3), texts, heads=heads).warm_up()
    assert QRHead(FakeDecoder(layers=3), texts, heads=heads, force=True).scorer.signal.heads == heads.heads


def test_published_sets_and_bad_ones(texts: Texts) -> None:
    found = QRHead(FakeDecoder(layers=32, heads=32), texts, heads="Llama-3.1-8B-Instruct/LME")
    assert found.scorer.signal.heads is not None
    assert len(found.scorer.signal.heads) == 16
    with pytest.raises(BadValue, match="2 layers with 2 heads"):
        QRHead(FakeDecoder(), texts, heads="llama-3.1-8b-instruct/lme").rerank(QUERIES, texts.run, k=3)
    for heads in ([], ["1-2", "1-2"], ["one"], 3):
        with pytest.raises(BadValue):
            QRHead(FakeDecoder(), texts, heads=heads).warm_up()  # type: ignore[arg-type]


def test_query_key(texts: Texts) -> None:
    run = QRHead(FakeDecoder(), texts, heads=["0-0"], signal="query_key").rerank(QUERIES, texts.run, k=3)
    assert sorted(run["q"].doc_ids) == ["0", "1", "2"]
