"""FIRST over a server that speaks the wire format of OpenAI and vLLM: its order, letters that it leaves out, and how its answer begins."""

import math
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from irloom.core.errors import BadValue, EndpointError, UnknownName
from irloom.core.types import Document, Query
from irloom.models.generators.openai_chat import OpenAIChat
from irloom.rerankers.comparators.contract import Candidates
from irloom.rerankers.comparators.first_prompt import FIRST_PROMPTS
from irloom.rerankers.comparators.first_served import ServedFirstToken
from irloom.rerankers.comparators.list_prompt import ListPrompt
from tests.answering import Answering, Reply, Request, answering
from tests.fakes import words

VALUES = np.random.default_rng(5).permutation(20)
QUERY = Query("q", "whale")
FULL: Candidates = (QUERY, [Document(f"d{place}", "whale " * value + "owls") for place, value in enumerate(VALUES)])
BEST = [int(place) for place in np.argsort(-VALUES)]


def place_of(token: str, logits: dict[str, float], most: int) -> dict[str, Any]:
    """One place of an answer: the token that was taken and the `most` likely ones."""
    listed = sorted(logits.items(), key=lambda item: -item[1])[:most]
    named = [{"token": text, "logprob": logit, "bytes": list(text.encode())} for text, logit in listed]
    return {"token": token, "logprob": logits[token], "bytes": list(token.encode()), "top_logprobs": named}


def continuing(request: Request, number: int = 1) -> Reply:
    """vLLM: it goes on with the last turn where its two fields ask for it, and begins its own answer where they do not.

    A letter's logit is how often its passage has the query's word.
    """
    body, turns = request.body, request.body["messages"]
    text = "\n".join(turn["content"] for turn in turns)
    if "broken" in text:
        return Reply({"object": "error", "message": "the prompt is too long", "type": "BadRequestError", "code": 400}, 400)
    told = {letter: float(words(passage).count("whale")) for letter, passage in re.findall(r"^\[([A-T])\] (.*)$", text, re.MULTILINE)}
    letters = {**{letter: value - 30.0 for letter, value in told.items()}, " and": -40.0}
    best = max(told, key=lambda letter: told[letter])
    begun = body.get("continue_final_message", False)
    if begun and (body["add_generation_prompt"] or turns[-1] != {"role": "assistant", "content": "["}):
        return Reply({"object": "error", "message": "nothing to go on with", "code": 400}, 400)
    answer = [] if begun else [place_of("[", {"[": -0.1, "Sure": -3.0}, body["top_logprobs"])]
    answer += [place_of(best, letters, body["top_logprobs"]), place_of("]", {"]": 0.0}, body["top_logprobs"])]
    answer = answer[: body["max_tokens"]]
    message = {"role": "assistant", "content": "".join(place["token"] for place in answer)}
    choice = {"index": 0, "message": message, "logprobs": {"content": answer}, "finish_reason": "length"}
    usage = {"prompt_tokens": len(text.split()), "completion_tokens": len(answer), "total_tokens": len(text.split()) + len(answer)}
    return Reply({"id": "chatcmpl-1", "object": "chat.completion", "model": body["model"], "choices": [choice], "usage": usage})


@pytest.fixture
def server() -> Iterator[Answering]:
    with answering(continuing) as running:
        yield running


def chat(server: Answering, **settings: Any) -> OpenAIChat:
    return OpenAIChat("m", **({"base_url": server.url, "retries": 0, "first_wait": 0.0, "top_logprobs": 30} | settings))


@pytest.mark.parametrize("continues", [False, True])
@pytest.mark.parametrize("prompt", sorted(FIRST_PROMPTS))
def test_the_order_of_the_letters(server: Answering, prompt: str, continues: bool) -> None:
    comparator = ServedFirstToken(chat(server, continues=continues), prompt=prompt)
    two: Candidates = (QUERY, [Document("a", "owls"), Document("b", "whale")])
    answers = comparator.order([FULL, (QUERY, FULL[1][:1]), two, (QUERY, [])])
    assert [answer.value for answer in answers] == [BEST, [0], [1, 0], []]
    assert [answer.fault for answer in answers] == [""] * 4
    assert [answer.spent.calls for answer in answers] == [1, 0, 1, 0]
    assert answers[0].spent.new_tokens == 2
    assert answers[0].spent.prompt_tokens > 200
    assert answers[0].spent.unlisted == 0
    wanted = FIRST_PROMPTS[prompt].messages(QUERY.text, [FIRST_PROMPTS[prompt].passage(document) for document in two[1]])
    turns = [{"role": message.role, "content": message.content} for message in wanted]
    begun = [{"role": "assistant", "content": "["}] if continues else []
    assert [*turns, *begun] in [request.body["messages"] for request in server.requests]
    assert [answer.value for answer in comparator.select([FULL, two])] == [BEST[0], 1]


def test_letters_that_the_server_leaves_out_follow_in_the_order_given(server: Answering) -> None:
    (answer,) = ServedFirstToken(chat(server, top_logprobs=5)).order([FULL])
    assert answer.value == [*BEST[:5], *(place for place in range(20) if place not in BEST[:5])]
    assert (answer.fault, answer.spent.unlisted) == ("", 15)


def test_an_answer_without_letters_changes_nothing_and_is_malformed(server: Answering) -> None:
    def talkative(request: Request, number: int) -> Reply:
        content = [place_of("Sure", {"Sure": -0.1, "A": -2.0}, 5), place_of(",", {",": 0.0, "B": -1.0}, 5)]  # "A passage ..."
        return Reply({"choices": [{"message": {"content": "Sure,"}, "logprobs": {"content": content}}]})

    def cut(request: Request, number: int) -> Reply:
        return Reply({"choices": [{"message": {"content": "["}, "logprobs": {"content": [place_of("[", {"[": 0.0}, 5)]}}]})

    for reply in (talkative, cut):
        server.reply = reply
        (answer,) = ServedFirstToken(chat(server)).order([FULL])
        assert (answer.value, answer.fault, answer.spent.unlisted) == (list(range(20)), "wrong format", 20)
        assert answer.detail == "none of the letters A to T is among the likely first tokens"
    server.reply = talkative
    (answer,) = ServedFirstToken(chat(server, continues=True)).order([FULL])  # what comes behind "[" for certain
    assert (answer.value, answer.fault, answer.spent.unlisted) == (list(range(20)), "", 19)


def test_a_server_that_begins_its_answer_with_the_letter(server: Answering) -> None:
    def bare(request: Request, number: int) -> Reply:
        content = [place_of("B", {"B": -0.1, "A": -2.0}, 5), place_of(" >", {" >": 0.0}, 5)]
        return Reply({"choices": [{"message": {"content": "B >"}, "logprobs": {"content": content}}]})

    server.reply = bare
    (answer,) = ServedFirstToken(chat(server)).order([(QUERY, FULL[1][:2])])
    assert (answer.value, answer.fault, answer.spent.unlisted) == ([1, 0], "", 0)


def test_a_letter_in_one_token_with_what_stands_before_it(server: Answering) -> None:
    def joined(request: Request, number: int) -> Reply:
        content = [place_of("[B", {"[B": -0.5, "[": -2.0, " [A": -1.5, "C": -math.inf}, 5)]
        return Reply({"choices": [{"message": {"content": "[B"}, "logprobs": {"content": content}}]})

    server.reply = joined
    (answer,) = ServedFirstToken(chat(server)).order([(QUERY, FULL[1][:2])])
    assert (answer.value, answer.spent.unlisted) == ([1, 0], 0)


def test_one_refusal_does_not_lose_the_others(server: Answering) -> None:
    broken: Candidates = (Query("b", "broken"), FULL[1])
    comparator = ServedFirstToken(chat(server))
    good, failed = comparator.order([FULL, broken])
    assert (good.value, good.fault) == (BEST, "")
    assert (failed.value, failed.fault, failed.spent.unlisted) == (list(range(20)), "failed", 0)
    assert "the prompt is too long" in failed.detail
    with pytest.raises(EndpointError, match="the prompt is too long"):
        comparator.order([broken, broken])
    server.reply = lambda request, number: Reply({"choices": [{"message": {"content": "[A] > [B]"}}]})
    with pytest.raises(EndpointError, match="gives no log-probabilities"):
        comparator.order([FULL])


def test_settings(server: Answering) -> None:
    with pytest.raises(BadValue, match="documents is 21; expected 20 at most at once"):
        ServedFirstToken(chat(server)).order([(QUERY, [*FULL[1], Document("more", "")])])
    with pytest.raises(UnknownName, match="prompt of FIRST"):
        ServedFirstToken(chat(server), prompt="author")
    with pytest.raises(BadValue, match="by letters"):
        ServedFirstToken(chat(server), prompt=ListPrompt())
    with pytest.raises(BadValue, match="words"):
        ServedFirstToken(chat(server), words=0)
    made = [ServedFirstToken(chat(server)), ServedFirstToken(chat(server), words=5), ServedFirstToken(chat(server, continues=True))]
    assert len({one.fingerprint for one in made}) == 3
    made[0].warm_up()
    assert server.requests == []
