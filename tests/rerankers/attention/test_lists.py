"""Lists that fit a prompt and lists that do not: what is done is said, and nothing is lost."""

import numpy as np
import pytest

from irloom.core.errors import BadValue, NotANumber
from irloom.models.decoders.decoder import Decoder
from irloom.rerankers.attention.layouts import FAMILIES, Layout, icr_layout
from irloom.rerankers.attention.lists import ListScorer
from irloom.rerankers.attention.prompt import PromptWriter
from irloom.rerankers.attention.scoring import Signal
from tests.fakes_llm import FakeDecoder
from tests.rerankers.attention.seeded import QUERY, TEXTS

LAYOUT = Layout("Texts:", "\n", "[{}] ", "Query: ", "")
ANIMALS = [f"{animal} and number {place}" for place, animal in enumerate(["fox", "owl", "whale", "fox", "ant", "bee", "cat", "dog"])]


def scorer(decoder: FakeDecoder | Decoder, **options) -> ListScorer:
    return ListScorer(PromptWriter(decoder, LAYOUT), Signal(decoder), **options)


def test_one_prompt() -> None:
    decoder = FakeDecoder()
    scored = scorer(decoder)("fox", ANIMALS)
    assert set(np.argsort(-scored.scores, kind="stable")[:2].tolist()) == {0, 3}
    notes = dict(scored.notes)
    assert (notes["calls"], notes["windows"], notes["cut_documents"], notes["fallback"]) == (1, 1, 0, "")
    assert decoder.passes == 3  # one prefix, two queries
    assert notes["prompt_tokens"] > len(ANIMALS) * 5


def test_the_first_document_stands_last(seeded: Decoder) -> None:
    writer = PromptWriter(seeded, icr_layout(FAMILIES["llama-3"]))
    backwards, forwards = ListScorer(writer, Signal(seeded)), ListScorer(writer, Signal(seeded), backwards=False)
    turned = backwards(QUERY, TEXTS[::-1]).scores[::-1]
    assert np.array_equal(forwards(QUERY, TEXTS).scores, turned)
    assert not np.allclose(backwards(QUERY, TEXTS).scores, turned, atol=1e-4)  # places count
    assert not np.allclose(backwards(QUERY, TEXTS[:2]).scores, backwards(QUERY, TEXTS).scores[:2], atol=1e-4)  # so do the others
    assert np.array_equal(backwards.per_head(QUERY, TEXTS)[..., ::-1], forwards.per_head(QUERY, TEXTS[::-1]))


def test_heads_of_damaged_weights_are_named() -> None:
    class Damaged(FakeDecoder):
        def attention(self, *arguments, **options):
            found = super().attention(*arguments, **options)
            found[..., 1, 0, :] = np.float32("nan")
            return found

    with pytest.raises(NotANumber, match=r"head 1-0 is NaN; are the model's weights sound"):
        scorer(Damaged()).per_head("fox", ANIMALS)


def test_one_document_and_no_content(seeded: Decoder) -> None:
    one = scorer(seeded)(QUERY, TEXTS[:1])
    assert one.scores.shape == (1,)
    assert scorer(seeded)("N/A", TEXTS).scores.tolist() == [0.0, 0.0, 0.0]
    empty = scorer(seeded)(QUERY, ["", "", "owl"])
    assert np.isfinite(empty.scores).all()


def test_windows_that_are_asked_for() -> None:
    scored = scorer(FakeDecoder(), window=4, stride=2)("fox", ANIMALS)
    assert sorted(scored.scores.tolist()) == [1, 2, 3, 4, 5, 6, 7, 8]  # places
    assert scored.scores.argmax() in (0, 3)
    assert (scored.notes["windows"], scored.notes["calls"], scored.notes["fallback"]) == (3, 3, "")
    assert scorer(FakeDecoder(), window=20)("fox", ANIMALS).notes["windows"] == 1


def test_a_context_that_is_too_small_for_all() -> None:
    decoder = FakeDecoder(context=60)  # a document has about ten tokens
    scored = scorer(decoder)("fox", ANIMALS)
    assert sorted(scored.scores.tolist()) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert scored.scores.argmax() in (0, 3)
    assert scored.notes["windows"] > 1
    assert str(scored.notes["fallback"]).startswith("windows of ")
    assert "60 tokens" in str(scored.notes["fallback"])


def test_documents_that_are_longer_than_the_context() -> None:
    scored = scorer(FakeDecoder(context=80))("fox", ["ant " * 500, "fox " * 500, "owl"])
    assert scored.notes["cut_documents"] == 2
    assert scored.notes["fallback"]
    assert sorted(scored.scores.tolist()) == [1, 2, 3]
    assert scored.scores.argmax() == 1


def test_one_giant_among_many_is_cut_alone() -> None:
    texts = [*ANIMALS, "ant " * 5000]
    scored = scorer(FakeDecoder(context=300))("fox", texts)
    assert (scored.notes["calls"], scored.notes["cut_documents"]) == (1, 1)
    assert "cut to" in str(scored.notes["fallback"])
    assert set(np.argsort(-scored.scores, kind="stable")[:2].tolist()) == {0, 3}


def test_many_long_ones_are_not_cut_for_the_sake_of_empty_ones() -> None:
    texts = ["", "ant " * 30, "", "fox " * 30, "", "owl " * 30, "", ""]
    scored = scorer(FakeDecoder(context=170))("fox", texts)
    assert scored.notes["cut_documents"] == 0
    assert scored.notes["windows"] > 1
    assert scored.scores.argmax() == 3


def test_a_query_without_room_keeps_the_order() -> None:
    decoder = FakeDecoder(context=60)
    scored = scorer(decoder)("fox " * 100, ANIMALS)
    assert scored.scores.tolist() == [8, 7, 6, 5, 4, 3, 2, 1]
    assert str(scored.notes["fallback"]).startswith("order given: the query leaves no room")
    assert (scored.notes["calls"], decoder.passes) == (0, 0)


@pytest.mark.parametrize("context", range(12, 130, 7))
def test_any_context(context: int) -> None:
    texts = [text * (1 + 9 * (place % 3 == 1)) for place, text in enumerate(ANIMALS)]
    for options in ({}, {"window": 3, "stride": 1}, {"window": 8}):
        scored = scorer(FakeDecoder(context=context), **options)("fox", texts)  # never a prompt that is too long
        assert np.isfinite(scored.scores).all()
        assert len(scored.scores) == 8


def test_what_fits() -> None:
    reader = scorer(FakeDecoder(context=60))
    count = reader.fitting("fox", ANIMALS)
    assert 2 <= count < len(ANIMALS)
    assert reader(("fox"), ANIMALS[:count]).notes["fallback"] == ""
    assert reader.per_head("fox", ANIMALS[:count]).shape == (2, 2, count)


def test_bad_values() -> None:
    for options in ({"window": 1}, {"stride": 0}, {"window": 4, "stride": 5}):
        with pytest.raises(BadValue):
            scorer(FakeDecoder(), **options)
