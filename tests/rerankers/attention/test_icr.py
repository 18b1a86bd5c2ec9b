"""ICR: its own prompt, and a prompt of one's own."""

import pytest

from irloom.core.types import Query
from irloom.models.decoders.decoder import Decoder
from irloom.rerankers.attention.icr import ICR
from irloom.rerankers.attention.scoring import SCORINGS
from tests.fakes_llm import FakeDecoder
from tests.rerankers.attention.conftest import Texts
from tests.rerankers.attention.seeded import QUERY


def test_the_layout(seeded: Decoder, texts: Texts) -> None:
    assert "Please answer" in ICR(seeded, texts, wording="qa").scorer.writer.layout.question
    assert ICR(seeded, texts).scorer.writer.layout.start.startswith("<|start_header_id|>user")
    assert ICR(seeded, texts, family="plain").scorer.writer.layout.start == "Here are some paragraphs:"
    own = ICR(seeded, texts, layout={"start": "Texts:", "question": "Query: ", "end": "\nAnswer:"}).scorer.writer.layout
    assert own.text(["a"], "b") == "Texts: \n\n[1] a \n\nQuery: b\nAnswer:"


@pytest.mark.parametrize("scoring", sorted(SCORINGS))
def test_every_scoring_ranks(texts: Texts, scoring: str) -> None:
    run = ICR(FakeDecoder(), texts, scoring=scoring).rerank([Query("q", QUERY)], texts.run, k=3)
    assert sorted(run["q"].doc_ids) == ["0", "1", "2"]
    if scoring in ("calibrated", "no_calibration"):
        assert run["q"].doc_ids[2] == "2"  # the owls share no word with the question


def test_passes(texts: Texts) -> None:
    for scoring, passes in (("calibrated", 3), ("no_calibration", 2), ("na_only", 2)):
        decoder = FakeDecoder()
        ICR(decoder, texts, scoring=scoring).rerank([Query("q", QUERY)], texts.run, k=3)
        assert decoder.passes == passes
