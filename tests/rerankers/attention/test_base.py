"""What the three rerankers share."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from irloom.core.errors import BadValue, ModelError
from irloom.core.ranking import Ranking
from irloom.core.run import Run
from irloom.core.types import Query
from irloom.models.decoders.decoder import Decoder
from irloom.rerankers.attention.icr import ICR
from irloom.rerankers.attention.qrhead import QRHead
from tests.fakes_llm import FakeDecoder
from tests.rerankers.attention.conftest import Texts
from tests.rerankers.attention.seeded import QUERY


def test_notes(seeded: Decoder, texts: Texts) -> None:
    run = ICR(seeded, texts).rerank([Query("q", QUERY)], texts.run, k=3)
    notes = {name: values[0] for name, values in run.notes.items()}
    assert set(notes) == {"calls", "prompt_tokens", "windows", "cut_documents", "fallback", "seconds"}
    assert (notes["calls"], notes["fallback"]) == (1, "")
    assert notes["seconds"] > 0


def test_eight_threads_agree(seeded: Decoder, texts: Texts) -> None:
    reranker = ICR(seeded, texts)
    reranker.warm_up()

    def once(_: int) -> list[tuple[str, float]]:
        return list(reranker.rerank([Query("q", QUERY)], texts.run, k=3)["q"])

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(once, range(8)))
    assert all(result == results[0] for result in results)


def test_numbers_that_are_none(texts: Texts) -> None:
    class Broken(FakeDecoder):
        def attention(self, *arguments, **options) -> np.ndarray:
            return super().attention(*arguments, **options) * np.float32("nan")

    with pytest.raises(ModelError, match=r"'q'.*NaN"):
        ICR(Broken(), texts).rerank([Query("q", QUERY)], texts.run, k=3)

    class Refusing(FakeDecoder):
        def attention(self, *arguments, **options) -> np.ndarray:
            raise ModelError("the weights overflow")

    with pytest.raises(ModelError, match="query 'q': the weights overflow"):
        ICR(Refusing(), texts).rerank([Query("q", QUERY)], texts.run, k=3)


def test_a_query_without_room_keeps_its_order(texts: Texts, caplog: pytest.LogCaptureFixture) -> None:
    long = Query("long", "whale " * 400)
    run = Run.from_rankings({"q": texts.run["q"], "long": texts.run["q"]})
    reranker = ICR(FakeDecoder(context=500), texts)
    found = reranker.rerank([Query("q", "whale"), long], run, k=3)
    assert found["long"].doc_ids == run["long"].cut(3).doc_ids
    assert found.notes["fallback"][1] == "order given: the query leaves no room for documents in a context of 500 tokens"
    assert "1 of 2 queries failed and keep the order given; the first, 'long': the query leaves no room" in caplog.text
    with pytest.raises(ModelError, match="all 1 queries failed; the first, 'long': the query leaves no room"):
        reranker.rerank([long], run, k=3)


def test_fingerprints(texts: Texts) -> None:
    decoder = FakeDecoder()
    changes = [
        {},
        {"wording": "qa"},
        {"words": 5},
        {"title": False},
        {"backwards": False},
        {"window": 4},
        {"scoring": "last_token"},
        {"depth": 5},
        {"layout": {"separator": "\n"}},
    ]
    prints = [ICR(decoder, texts, **change).fingerprint for change in changes]
    assert len(set(prints)) == len(changes)
    assert prints[0] == ICR(FakeDecoder(), texts).fingerprint
    assert QRHead(decoder, texts, heads=["0-1"]).fingerprint != QRHead(decoder, texts, heads=["1-1"]).fingerprint
    assert QRHead(decoder, texts, heads=["0-1", "1-1"]).fingerprint == QRHead(decoder, texts, heads=["1-1", "0-1"]).fingerprint


def test_equal_documents_keep_the_order_given(texts: Texts) -> None:
    run = Run.from_rankings({"q": Ranking.from_order(["2", "0", "1"])})
    assert list(ICR(FakeDecoder(), texts).rerank([Query("q", "N/A")], run, k=3)["q"].doc_ids) == ["2", "0", "1"]


def test_bad_values(texts: Texts) -> None:
    for arguments in (
        {"depth": 0},
        {"family": "bert"},
        {"scoring": "raw"},
        {"window": 1},
        {"window": 4, "stride": 9},
        {"words": 0},
        {"wording": "x"},
    ):
        with pytest.raises(BadValue):
            ICR("nowhere", texts, **arguments)
    with pytest.raises(ModelError):
        ICR("/nowhere/at/all", texts).warm_up()
