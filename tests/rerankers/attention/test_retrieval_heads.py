"""Retrieval heads: credits worked by hand, and a model that copies."""

import numpy as np
import pytest

from irloom.core.errors import BadValue, DataError
from irloom.models.decoders.decoder import Decoder
from irloom.rerankers.attention.needles import Needle
from irloom.rerankers.attention.retrieval_heads import copy_credits, default_lengths, find_retrieval_heads, needle_prompt, token_span
from tests.fakes_llm import FakeDecoder

NEEDLE = Needle(" Blue whales sing low songs.", "What do whales sing?", "sing low songs")
HAYSTACK = "The fox ran. The owl sat. " * 40


class Copying(FakeDecoder):
    """Writes "sing low songs" and then a line break; head 1-0 looks at what it writes, the others at the first token."""

    def _next(self, prefix) -> int:
        words = ["sing", " ", "low", " ", "songs", "\n"]
        past = self.decode(prefix.ids).partition("Answer:")[2]
        done = len(self.encode(past)) if past else 0
        return int(self.encode(words[min(done, 5)])[0])

    def attention(self, prefix, tail, *, heads=None, rows=None, per_head=False):
        prefix = self.prefill(np.concatenate([prefix.ids, tail])) if prefix is not None else self.prefill(tail)
        out = np.zeros((2, 2, prefix.length), np.float32)
        out[:, :, 0] = 1
        place = int(np.flatnonzero(prefix.ids == self._next(prefix))[0])
        out[1, 0, 0], out[1, 0, place] = 0, 1
        return out

    def next_logits(self, tails, *, prefix=None, tokens=None):
        out = np.zeros((1, self.shape.vocabulary), np.float32)
        out[0, self._next(self.prefill(np.concatenate([prefix.ids, tails[0]])))] = 1
        return out


def test_a_head_that_copies() -> None:
    found = find_retrieval_heads(Copying(context=400), HAYSTACK, needles=[NEEDLE], lengths=[200, 400], depths=[0.0, 0.5])
    assert (found.trials, found.answered) == (4, 4)
    # three words of six tokens; the head finds the three blanks where the first one stands, outside the needle
    assert found.scores[1, 0] == pytest.approx(3 / 6)
    assert not found.scores[0].any()
    assert found.scores[1, 1] == 0


def test_a_model_that_does_not_answer(seeded: Decoder) -> None:
    with pytest.raises(DataError, match="copies too little"):
        find_retrieval_heads(seeded, HAYSTACK, needles=[NEEDLE], lengths=[300], depths=[0.5], new_tokens=3)
    with pytest.raises(BadValue, match="haystack"):
        find_retrieval_heads(seeded, " ")


def test_prompts(seeded: Decoder) -> None:
    for decoder in (seeded, FakeDecoder()):
        ids = needle_prompt(decoder, NEEDLE, HAYSTACK, length=600, depth=0.5)
        text = decoder.decode(ids)
        assert len(ids) <= 600
        assert NEEDLE.sentence in text
        assert "Based on the content of the book, Question: What do whales sing?\nAnswer:" in text
        assert ("<book>" in text) == decoder.has_chat
    with pytest.raises(BadValue, match="lengths"):
        needle_prompt(seeded, NEEDLE, HAYSTACK, length=8, depth=0.5)


def test_spans() -> None:
    ids = np.array([9, 8, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0])
    assert token_span(ids, np.arange(1, 7)) == (2, 8)
    assert token_span(ids, np.arange(1, 12)) == (1, 12)  # ten of eleven are more than nine tenths
    assert token_span(ids, np.array([1, 30])) == (-1, -1)
    assert token_span(ids[:1], np.arange(3)) == (-1, -1)
    assert token_span(ids, np.zeros(0, np.int64)) == (-1, -1)


def test_credits() -> None:
    attention = np.array([[[0.1, 0.2, 0.7], [0.6, 0.3, 0.1]]], np.float32)
    ids = np.array([4, 5, 6])
    assert copy_credits(attention, ids, 6, (1, 3)).tolist() == [[0.5, 0.0]]
    assert copy_credits(attention, ids, 4, (0, 3)).tolist() == [[0.0, 1 / 3]]
    assert copy_credits(attention, ids, 5, (1, 3)).tolist() == [[0.0, 0.0]]
    assert copy_credits(attention, ids, 6, (-1, -1)).tolist() == [[0.0, 0.0]]
    # a place behind the prompt, among what was written, earns nothing
    assert copy_credits(np.array([[[0.0, 0.0, 0.0, 1.0]]], np.float32), ids, 6, (1, 3)).tolist() == [[0.0]]


def test_lengths() -> None:
    assert default_lengths(128_000)[0] == 1000
    assert default_lengths(128_000)[-1] == 50_000
    assert len(default_lengths(128_000)) == 20
    assert default_lengths(512, count=2) == [256, 512]
