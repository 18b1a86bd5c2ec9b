import logging
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from irloom.core.errors import BadValue, EndpointError, ModelError, SpendLimit
from irloom.models.decoders.messages import Message
from irloom.models.generators.generated import Answering as HasAnswers
from irloom.models.generators.generated import LabelScoring
from irloom.models.generators.openai_chat import OpenAIChat
from tests.answering import Answering, Reply, Request, answering


def chat(text: str | None, *, read: int = 10, written: int = 2, **choice: Any) -> Reply:
    """A chat completion as OpenAI and vLLM send it."""
    return Reply(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"} | choice],
            "usage": {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written},
        }
    )


def echo(request: Request, number: int) -> Reply:
    return chat(request.body["messages"][-1]["content"].upper())


@pytest.fixture
def server() -> Iterator[Answering]:
    with answering(echo) as running:
        yield running


def generator(server: Answering, **settings: Any) -> OpenAIChat:
    return OpenAIChat("tiny", **({"base_url": f"{server.url}/v1", "first_wait": 0.0, "retries": 1, "timeout": 60.0} | settings))


def test_what_is_sent(server: Answering, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    prompts = ["hello", [Message("system", "s"), Message("user", "u"), Message("assistant", "a")]]
    assert generator(server, workers=1, stop=["\n"], extra={"seed": 1}).generate(prompts, max_new_tokens=5) == ["HELLO", "A"]
    first, second = server.requests
    assert first.path == "/v1/chat/completions"
    assert first.headers["authorization"] == "Bearer secret"
    assert first.body == {
        "model": "tiny",
        "messages": [{"role": "user", "content": "hello"}],
        "temperature": 0.0,
        "stop": ["\n"],
        "max_tokens": 5,
        "seed": 1,
    }
    assert [message["role"] for message in second.body["messages"]] == ["system", "user", "assistant"]
    generator(server, temperature=None, length_field="max_completion_tokens").generate(["x"], max_new_tokens=7)
    assert server.requests[2].body == {"model": "tiny", "messages": [{"role": "user", "content": "x"}], "max_completion_tokens": 7}


def test_many_prompts_at_once_keep_their_order(server: Answering) -> None:
    four = threading.Barrier(4)

    def together(request: Request, number: int) -> Reply:
        four.wait(60)
        return echo(request, number)

    server.reply = together
    found = generator(server, workers=4).answers([f"p{number}" for number in range(12)], max_new_tokens=1)
    assert [one.text for one in found] == [f"P{number}" for number in range(12)]
    assert {(one.prompt_tokens, one.new_tokens, one.fault) for one in found} == {(10, 2, "")}
    assert server.most == 4
    assert generator(server).answers([], max_new_tokens=1) == []


def test_one_failure_does_not_lose_the_others(server: Answering, caplog: pytest.LogCaptureFixture) -> None:
    server.reply = lambda request, number: Reply({"error": "too long"}, 400) if "bad" in str(request.body) else echo(request, number)
    with caplog.at_level(logging.WARNING):
        found = generator(server).answers(["a", "bad", "c"], max_new_tokens=1)
    assert [one.text for one in found] == ["A", "", "C"]
    assert "failed" in found[1].fault
    assert "too long" in found[1].fault
    assert "1 of 3 prompts failed" in caplog.text
    with pytest.raises(EndpointError, match="too long"):
        generator(server).generate(["a", "bad", "c"], max_new_tokens=1)


@pytest.mark.parametrize(
    "reply", [Reply({}, 500), Reply(b"<html>"), Reply({"choices": []}), Reply(None), chat("x", message=None), Reply({"choices": [{}]})]
)
def test_a_server_that_answers_nonsense(server: Answering, reply: Reply) -> None:
    server.reply = lambda request, number: reply
    with pytest.raises(ModelError):
        generator(server).answers(["a", "b"], max_new_tokens=1)


def test_refusals_are_empty_texts_with_a_fault(server: Answering) -> None:
    server.reply = lambda request, number: chat(None, finish_reason="content_filter")
    assert [one.fault for one in generator(server).answers(["a"], max_new_tokens=1)] == ["refused"]
    assert generator(server).generate(["a"], max_new_tokens=1) == [""]


def logprobs(request: Request, number: int) -> Reply:
    listed = [{"token": token, "logprob": value} for token, value in (("B", -0.25), (" A", -2.0), ("Z", -6.0))]
    return chat("B", logprobs={"content": [{"token": "B", "logprob": -0.25, "top_logprobs": listed}]})


def test_scores_of_labels(server: Answering) -> None:
    server.reply = logprobs
    (found,) = generator(server, top_logprobs=3).label_scores(["pick"], ["A", "B", "C"])
    assert found.scores == pytest.approx([-2.0, -0.25, -7.0])
    assert found.listed.tolist() == [True, True, False]
    assert (found.prompt_tokens, found.new_tokens) == (10, 2)
    body = server.requests[0].body
    assert (body["logprobs"], body["top_logprobs"], body["max_tokens"]) == (True, 3, 1)


def test_a_server_without_log_probabilities(server: Answering) -> None:
    with pytest.raises(EndpointError, match="gives no log-probabilities"):
        generator(server).label_scores(["pick", "pick"], ["A"])
    server.reply = lambda request, number: chat("x") if "odd" in str(request.body) else logprobs(request, number)
    odd, fine = generator(server).label_scores(["odd", "pick"], ["A", "B"])
    assert "no log-probabilities" in odd.fault
    assert odd.scores.tolist() == [0.0, 0.0]
    assert fine.fault == ""
    assert np.argmax(fine.scores) == 1


def test_a_limit_in_tokens_ends_the_asking(server: Answering) -> None:
    limited = generator(server, spend_limit_tokens=40, workers=8)
    found = limited.answers([str(number) for number in range(20)], max_new_tokens=1)
    assert sum(not one.fault for one in found) == 4  # 12 tokens each: three cost 36
    assert "spend limit of 40 tokens is reached (48 spent)" in found[-1].fault
    assert len(server.requests) == 4
    with pytest.raises(SpendLimit, match="40 tokens"):
        limited.answers(["more"], max_new_tokens=1)


def test_a_limit_in_dollars_counts_by_the_prices(server: Answering) -> None:
    server.reply = lambda request, number: chat("x", read=1_000_000, written=100_000)
    limited = generator(server, spend_limit_usd=1.0, prompt_price=0.25, new_price=1.5)
    found = limited.answers(["a"] * 10, max_new_tokens=1)
    assert sum(not one.fault for one in found) == 3  # 0.25 + 0.15 each
    assert limited.budget.spent.usd == pytest.approx(1.2)
    assert found[0].usd == pytest.approx(0.4)


def test_an_answer_that_cannot_be_read_is_paid_for(server: Answering) -> None:
    server.reply = lambda request, number: Reply({"choices": [], "usage": {"prompt_tokens": 30, "completion_tokens": 1}})
    asked = generator(server)
    with pytest.raises(ModelError):
        asked.answers(["a"], max_new_tokens=1)
    assert asked.budget.spent.tokens == 31


def test_a_server_that_counts_nothing_is_held_to_the_limit_all_the_same(server: Answering) -> None:
    server.reply = lambda request, number: Reply({"choices": [{"message": {"content": "abc"}}]})
    found = generator(server, spend_limit_tokens=5).answers(["abcdef"] * 5, max_new_tokens=1)
    assert sum(not one.fault for one in found) == 2  # 6 bytes sent and 3 received are 3 tokens


def test_arguments() -> None:
    for name, value in {
        "base_url": "localhost:8000",
        "temperature": -1.0,
        "length_field": "tokens",
        "workers": 0,
        "top_logprobs": 0,
        "retries": -1,
        "spend_limit_tokens": 0,
        "spend_limit_usd": 1.0,  # without prices
        "prompt_price": -0.1,
        "extra": {"model": "other"},
    }.items():
        with pytest.raises(BadValue, match=name):
            OpenAIChat("m", **{name: value})  # type: ignore[arg-type]
    with pytest.raises(BadValue, match="extra"):
        OpenAIChat("m", extra={"x": float("nan")})
    ready = OpenAIChat("m", base_url="http://127.0.0.1:9")
    with pytest.raises(BadValue, match="max_new_tokens"):
        ready.generate(["x"], max_new_tokens=0)
    with pytest.raises(BadValue, match="prompt"):
        ready.generate([[]], max_new_tokens=1)
    with pytest.raises(BadValue, match="labels"):
        ready.label_scores(["x"], [])


def test_fingerprint_and_contracts(monkeypatch: pytest.MonkeyPatch) -> None:
    one = OpenAIChat("m", base_url="http://one/v1")
    assert one.fingerprint == OpenAIChat("m", base_url="http://one/v1/", workers=2).fingerprint
    monkeypatch.setenv("OPENAI_API_KEY", "other")
    assert one.fingerprint == OpenAIChat("m", base_url="http://one/v1").fingerprint
    others = ({"base_url": "http://two/v1"}, {"temperature": 0.5}, {"stop": ["x"]}, {"extra": {"seed": 1}})
    assert all(OpenAIChat("m", **({"base_url": "http://one/v1"} | other)).fingerprint != one.fingerprint for other in others)
    assert isinstance(one, HasAnswers)
    assert isinstance(one, LabelScoring)
    one.warm_up()


KEYS = [
    "choices",
    "message",
    "content",
    "finish_reason",
    "refusal",
    "logprobs",
    "top_logprobs",
    "token",
    "logprob",
    "usage",
    "prompt_tokens",
    "text",
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 7) | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=15,
)
CHOICES = st.fixed_dictionaries(
    {"choices": st.lists(st.fixed_dictionaries({"message": JSON, "logprobs": st.fixed_dictionaries({"content": JSON})}), max_size=2)}
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    JSON
    | CHOICES
    | st.fixed_dictionaries({"choices": st.lists(st.fixed_dictionaries({"message": st.dictionaries(st.sampled_from(KEYS), JSON)}))})
)
def test_any_answer_is_read_or_named(server: Answering, answer: Any) -> None:
    server.reply = lambda request, number: Reply(answer)
    asked = generator(server, retries=0, workers=1)
    for ask in (lambda: asked.answers(["a", "b"], max_new_tokens=1), lambda: asked.label_scores(["a", "b"], ["A", "B"])):
        try:
            found = ask()
        except ModelError:
            continue
        assert len(found) == 2
        assert all(isinstance(one.fault, str) for one in found)
