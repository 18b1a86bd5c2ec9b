"""A model's verdicts: read, counted, kept, and asked for once."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from irloom.core.errors import BadValue, ModelError
from irloom.data.pool import PoolItem
from irloom.models.generators.generated import Generated, Prompt
from irloom.pipelines.cache_store import CacheStore
from irloom.pipelines.judge_prompts import PROMPTS
from irloom.pipelines.model_judge import ModelJudge, Verdict
from tests.fakes_llm import FakeDecoder, FakeGenerator

UMBRELA = PROMPTS["umbrela"]


def item(doc_id: str, text: str = "a passage", *, title: str = "", query: str = "a query") -> PoolItem:
    return PoolItem("q", doc_id, query, title, text)


def by_word(prompt: str) -> str:
    """The grade that the passage names, as UMBRELA asks for it."""
    words = prompt.partition("Passage:")[2].split()
    return f"##final score: {next((word for word in words if word.isdigit()), 'none')}"


def test_verdicts_stand_in_the_order_of_the_pairs() -> None:
    judge = ModelJudge(FakeGenerator(by_word), UMBRELA)
    items = [item("a", "grade 3"), item("b", "grade 0"), item("c", "no grade"), item("d", "2", title="about")]
    forward = judge.judge(items)
    assert [(one.grade, one.how) for one in forward] == [(3, "strict"), (0, "strict"), (0, "invalid"), (2, "strict")]
    assert judge.judge(items[::-1]) == forward[::-1]


def test_an_empty_passage_is_0_without_a_call() -> None:
    generator = FakeGenerator(["##final score: 3"])
    empty, blank, titled = ModelJudge(generator, UMBRELA).judge([item("a", ""), item("b", " \n\t"), item("c", "", title="a title")])
    assert empty == blank == Verdict(0, "empty")
    assert titled.grade == 3
    assert len(generator.prompts) == 1
    assert "Passage: a title\n" in generator.prompts[0]


def test_equal_pairs_are_asked_once_and_never_again(tmp_path: Path) -> None:
    cache = CacheStore(tmp_path / "judgments.sqlite", max_mb=1)
    generator = FakeGenerator(by_word)
    first = ModelJudge(generator, UMBRELA, cache=cache)
    assert [one.grade for one in first.judge([item("a", "2"), item("b", "2"), item("c", "1")])] == [2, 2, 1]
    assert len(generator.prompts) == 2
    again = ModelJudge(FakeGenerator([]), UMBRELA, cache=cache)  # it has no answer to give
    assert [one.answers for one in again.judge([item("x", "1"), item("y", "2")])] == [("##final score: 1",), ("##final score: 2",)]
    with pytest.raises(ZeroDivisionError):
        again.judge([item("z", "0")])
    for other in (ModelJudge(generator, PROMPTS["llmjudge"], cache=cache), ModelJudge(generator, UMBRELA, max_words=1, cache=cache)):
        assert other.fingerprint != first.fingerprint


def test_the_commonest_of_several_samples() -> None:
    """Of 1, 3, 3 it is 3; of 2 and 0, one each, the first; an answer that cannot be read counts 0."""
    answers = ["##final score: 1", "##final score: 3", "score 3, I mean: ##final score: 3"]
    assert ModelJudge(FakeGenerator(answers), UMBRELA, samples=3).judge([item("a")])[0].grade == 3
    assert ModelJudge(FakeGenerator(["##final score: 2", "##final score: 0"]), UMBRELA, samples=2).judge([item("a")])[0].grade == 2
    (verdict,) = ModelJudge(FakeGenerator(["?", "no", "##final score: 2"]), UMBRELA, samples=3).judge([item("a")])
    assert (verdict.grade, verdict.how, len(verdict.answers)) == (0, "invalid", 3)
    with pytest.raises(BadValue, match="samples"):
        ModelJudge(FakeDecoder(), UMBRELA, samples=2).warm_up()
    for setting in ({"samples": 0}, {"max_words": 0}):
        with pytest.raises(BadValue):
            ModelJudge(FakeGenerator([]), UMBRELA, **setting)  # type: ignore[arg-type]


class Flaky:
    """A server: refuses b, fails at c, has an odd text for d."""

    fingerprint, model = "flaky", "gpt"

    def generate(self, prompts: Sequence[Prompt], *, max_new_tokens: int) -> list[str]:
        raise AssertionError("answers are asked for one by one")

    def answers(self, prompts: Sequence[Prompt], *, max_new_tokens: int) -> list[Generated]:
        self.prompts = list(prompts)
        own = {"b": Generated("", fault="refused", prompt_tokens=9), "c": Generated("", fault="failed: status 500")}
        own["d"] = Generated("\ud800 ##final score: 1", 9, 4)
        return [own.get(str(prompt[-1].content).split("Passage: ")[1][0], Generated("##final score: 3", 10, 5)) for prompt in prompts]  # type: ignore[union-attr]


def test_a_call_that_fails_is_no_verdict_and_a_refusal_is_an_invalid_one(tmp_path: Path) -> None:
    cache = CacheStore(tmp_path / "judgments.sqlite", max_mb=1)
    server = Flaky()
    judge = ModelJudge(server, UMBRELA, cache=cache)
    a, b, c, d = judge.judge([item(name, name) for name in "abcd"])
    assert a == Verdict(3, "strict", ("##final score: 3",), prompt_tokens=10, new_tokens=5)
    assert (b.how, b.fault, b.answers) == ("invalid", "", ("",))
    assert c.fault == "failed: status 500"
    assert d == Verdict(1, "strict", ("? ##final score: 1",), prompt_tokens=9, new_tokens=4)
    judge.judge([item(name, name) for name in "abcd"])
    assert len(server.prompts) == 1  # what failed is asked again, nothing else
    assert judge.name == "umbrela by gpt"


def test_a_passage_is_cut_to_the_context_and_the_query_never() -> None:
    room = len(FakeDecoder().encode_chat(UMBRELA.messages("a query", ""))) + UMBRELA.max_new_tokens + 20
    decoder = FakeDecoder(context=room)
    judge = ModelJudge(decoder, UMBRELA)
    long = item("a", "word " * 500)
    chat, cut = judge._chat(long)
    assert cut
    assert len(decoder.encode_chat(chat)) <= room - UMBRELA.max_new_tokens
    assert "Query: a query\nPassage: word word" in chat[0].content
    assert judge._chat(item("a", "word")) == (UMBRELA.messages("a query", "word"), False)
    with pytest.raises(ModelError, match="leave no room for a passage"):
        judge.judge([item("a", query="why " * 100)])


def test_words_are_cut_where_asked() -> None:
    generator = FakeGenerator(["##final score: 1"])
    (verdict,) = ModelJudge(generator, UMBRELA, max_words=2).judge([item("a", "one  two three")])
    assert verdict.cut
    assert "Passage: one two\n" in generator.prompts[0]
