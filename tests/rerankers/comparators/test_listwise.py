"""Listwise generation over fakes and a small decoder: prompts, budgets, repairs, failures."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from irloom.core.errors import BadValue, ModelError, NotANumber, UnknownName
from irloom.core.types import Document, Query
from irloom.models.decoders.decoder import Decoder
from irloom.models.decoders.messages import Message
from irloom.models.generators.generated import Generated
from irloom.rerankers.comparators.contract import Candidates, Spent
from irloom.rerankers.comparators.list_prompts import LIST_PROMPTS
from irloom.rerankers.comparators.listwise import ListwiseGeneration
from tests.fakes_llm import FakeDecoder, FakeGenerator
from tests.models.decoders.tiny_decoders import save_decoder

TEXTS = ["red fox", "blue whale sings", "blue whale deep sings", ""]
REQUEST: Candidates = (Query("q", "whale deep sings blue"), [Document(f"d{place}", text) for place, text in enumerate(TEXTS)])


class Server:
    """A generator that takes chats; some prompts fail."""

    def __init__(self, texts: Sequence[Generated]) -> None:
        self.texts = texts
        self.asked: list[Sequence[Message]] = []

    def generate(self, prompts: Sequence[str], *, max_new_tokens: int) -> list[str]:
        raise AssertionError

    def answers(self, prompts: Sequence[Sequence[Message]], *, max_new_tokens: int) -> list[Generated]:
        self.asked += prompts
        return list(self.texts[: len(prompts)])


def test_a_generator() -> None:
    generator = FakeGenerator(["[3] > [2] > [1] > [4]", "nothing"])
    comparator = ListwiseGeneration(generator)
    good, bad, one, none = comparator.order([REQUEST, REQUEST, (REQUEST[0], REQUEST[1][:1]), (REQUEST[0], [])])
    assert (good.value, good.fault, good.spent) == ([2, 1, 0, 3], "", Spent(calls=1))
    assert (bad.value, bad.fault, bad.detail) == ([0, 1, 2, 3], "wrong format", "nothing")
    assert (one.value, none.value, one.spent) == ([0], [], Spent())
    assert len(generator.prompts) == 2
    assert generator.prompts[0].startswith("You are RankLLM, an intelligent assistant that can rank passages based on their relevancy")
    assert "\n[3] blue whale deep sings\n[4] \nSearch Query: whale" in generator.prompts[0]
    assert generator.limits == [len("[1] > [2] > [3] > [4]")] * 2  # a token is a character at least
    assert comparator.fingerprint != ListwiseGeneration(generator, words=10).fingerprint
    assert comparator.most is None
    comparator.warm_up()


def test_a_server_gets_chats() -> None:
    server = Server([Generated("2] > [1] > [3] > [4]", 70, 9, 0.5), Generated("", fault="refused"), Generated("", fault="status 500")])
    good, refused, failed = ListwiseGeneration(server, prompt="open_model").order([REQUEST] * 3)
    assert (good.value, good.spent) == ([1, 0, 2, 3], Spent(70, 9, 1, usd=0.5))
    assert (refused.value, refused.fault) == ([0, 1, 2, 3], "refused")
    assert (failed.fault, failed.detail) == ("failed", "status 500")
    assert [message.role for message in server.asked[0]] == ["user", "assistant"]
    assert server.asked[0][1].content == " Ranked Passages: ["
    many = Server([Generated("[1]")])
    ListwiseGeneration(many, prompt="rank_gpt").order([REQUEST])
    assert [message.role for message in many.asked[0]] == ["system", *["user", "assistant"] * 5, "user"]


@pytest.mark.parametrize("name", sorted(set(LIST_PROMPTS) - {"lrl", "apeer", "open_model"}))
def test_a_decoder(name: str) -> None:
    (answer,) = ListwiseGeneration(FakeDecoder(), prompt=name).order([REQUEST])
    assert answer.value[0] == 2
    assert answer.fault == ""
    assert answer.spent.prompt_tokens > 100
    assert answer.spent.new_tokens > 10


def test_words_are_taken_away_until_the_prompt_fits() -> None:
    query = Query("q", "whale")
    documents = [Document(f"d{place}", f"whale{place} " * (300 if place else 3)) for place in range(4)]
    free = ListwiseGeneration(FakeDecoder()).order([(query, documents)])[0]
    tight = ListwiseGeneration(FakeDecoder(context=1000)).order([(query, documents)])[0]
    assert free.spent.cut_documents == set()
    assert tight.spent.cut_documents == {"d1", "d2", "d3"}
    assert tight.spent.prompt_tokens < 1000 < free.spent.prompt_tokens
    assert sorted(tight.value) == [0, 1, 2, 3]


def test_a_query_without_room_fails_alone() -> None:
    long = (Query("long", "whale " * 1000), REQUEST[1])
    failed, good = ListwiseGeneration(FakeDecoder(context=500)).order([long, REQUEST])
    assert (failed.value, failed.fault) == ([0, 1, 2, 3], "failed")
    assert re.match(r"the query and 4 documents of a word each are \d+ tokens, and \d+ of 500 are the answer's", failed.detail)
    assert good.value[0] == 2


def test_smaller_windows_where_one_word_a_document_is_too_much() -> None:
    query = Query("q", "whale")
    documents = [Document(str(place), "whale" if place == 17 else "owls") for place in range(20)]
    (answer,) = ListwiseGeneration(FakeDecoder(context=280)).order([(query, documents)])
    assert (answer.value[0], answer.fault) == (17, "narrowed")
    assert answer.detail.startswith("windows of ")
    assert sorted(answer.value) == list(range(20))


def test_an_error_of_the_decoder_names_its_query() -> None:
    class Broken(FakeDecoder):
        def generate(self, prompts: Sequence[str], *, max_new_tokens: int) -> list[str]:
            if any("second" in prompt for prompt in prompts):
                raise NotANumber("logits of prompt 0 are not numbers")
            return super().generate(prompts, max_new_tokens=max_new_tokens)

    asked = [(Query(name, name), REQUEST[1]) for name in ("first", "second")]
    with pytest.raises(ModelError, match="query 'second': logits of prompt 0 are not numbers"):
        ListwiseGeneration(Broken()).order(asked)


def test_more_documents_than_letters() -> None:
    comparator = ListwiseGeneration(FakeDecoder(), prompt="rank_zephyr_letters")
    assert comparator.most == 26
    with pytest.raises(BadValue, match="26 at most"):
        comparator.order([(REQUEST[0], [Document(str(place), "") for place in range(27)])])


@given(st.lists(st.text(max_size=40), min_size=1, max_size=4), st.sampled_from(sorted(LIST_PROMPTS)))
def test_any_text_gives_a_permutation(texts: list[str], name: str) -> None:
    comparator = ListwiseGeneration(FakeGenerator(texts), prompt=name)
    for answer in comparator.order([REQUEST] * len(texts)):
        assert sorted(answer.value) == [0, 1, 2, 3]


def test_a_real_decoder(tmp_path: Path) -> None:
    decoder = Decoder(save_decoder(tmp_path, context=2048), device="cpu")
    comparator = ListwiseGeneration(decoder)
    answers = comparator.order([REQUEST, (REQUEST[0], REQUEST[1][:2])])
    assert [sorted(answer.value) for answer in answers] == [[0, 1, 2, 3], [0, 1]]
    chat = LIST_PROMPTS["rank_zephyr"].messages(REQUEST[0].text, TEXTS)
    budget = len(decoder.encode("[1] > [2] > [3] > [4]"))
    assert answers[0].spent.prompt_tokens == len(decoder.encode_chat(chat))
    assert [answers[0].detail] == decoder.generate([decoder.chat(chat)], max_new_tokens=budget)
    named = ListwiseGeneration(str(tmp_path))
    named.warm_up()
    assert named.fingerprint == comparator.fingerprint
    assert named.order([REQUEST])[0].value == answers[0].value


def test_settings() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'rank_zephyr'"):
        ListwiseGeneration(FakeDecoder(), prompt="rank_zefyr")
    with pytest.raises(BadValue, match="words"):
        ListwiseGeneration(FakeDecoder(), words=0)
    with pytest.raises(BadValue, match="extra_tokens"):
        ListwiseGeneration(FakeDecoder(), extra_tokens=-1)
