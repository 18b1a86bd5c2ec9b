from typing import Any

import numpy as np
import pytest

from irloom.core.errors import EndpointError
from irloom.models.generators.chat_answers import first_choice, scores_of, text_of, tokens_of


def choice(first: str, value: float, *others: tuple[str, float]) -> dict[str, Any]:
    listed = [{"token": token, "logprob": logprob} for token, logprob in ((first, value), *others)]
    return {"logprobs": {"content": [{"token": first, "logprob": value, "top_logprobs": listed}]}}


def test_texts_and_faults() -> None:
    assert text_of({"message": {"content": "[1] > [2]"}, "finish_reason": "stop"}, "u") == ("[1] > [2]", "")
    assert text_of({"message": {"content": "half a"}, "finish_reason": "length"}, "u") == ("half a", "")
    assert text_of({"message": {"content": [{"type": "text", "text": "a"}, {"text": "b"}, "c"]}}, "u") == ("ab", "")
    assert text_of({"message": {"content": None, "refusal": "no"}}, "u") == ("", "refused")
    assert text_of({"message": {"content": "x"}, "finish_reason": "content_filter"}, "u") == ("", "refused")
    assert text_of({"message": {"content": None}, "finish_reason": "length"}, "u")[1].startswith("the tokens allowed ended")
    assert text_of({"message": {"content": ""}}, "u") == ("", "an empty answer")


@pytest.mark.parametrize("answer", [None, [], 3, "x", {}, {"choices": None}, {"choices": []}, {"choices": [None]}, {"choices": {"0": 1}}])
def test_no_choice(answer: Any) -> None:
    with pytest.raises(EndpointError, match="no chat completion"):
        first_choice(answer, "u")


@pytest.mark.parametrize(
    "broken", [{}, {"message": None}, {"message": "text"}, {"message": {"content": 3}}, {"message": {"content": {"a": 1}}}]
)
def test_no_text(broken: dict[str, Any]) -> None:
    with pytest.raises(EndpointError, match="no chat completion"):
        text_of(broken, "u")


def test_tokens() -> None:
    assert tokens_of({"usage": {"prompt_tokens": 12, "completion_tokens": 3}}, sent=99, text="xyz") == (12, 3)
    for usage in ({}, None, {"prompt_tokens": "12"}, {"prompt_tokens": -1, "completion_tokens": True}):
        assert tokens_of({"usage": usage}, sent=10, text="éé") == (4, 2)  # 10 and 4 bytes, three a token
    assert tokens_of([], sent=0, text="") == (0, 0)


def test_scores_of_labels() -> None:
    scores, listed = scores_of(choice("B", -0.5, ("A", -2.0), (" A", -3.0), ("the", -4.0)), ["A", "B", "C", "D"], "u")
    assert scores == pytest.approx([np.logaddexp(-2.0, -3.0), -0.5, -5.0, -5.0])  # the floor: 1 below the least named, -4
    assert listed.tolist() == [True, True, False, False]
    assert scores.dtype == np.float32
    alone = {"logprobs": {"content": [{"token": "A", "logprob": -0.1}]}}  # a server that names no others
    assert scores_of(alone, ["A", "B"], "u")[0] == pytest.approx([-0.1, -1.1])


def test_a_label_that_is_surely_not_next_stays_finite() -> None:
    scores, _ = scores_of(choice("A", 0.0, ("B", float("-inf")), ("x", -9999.0)), ["A", "C"], "u")
    assert np.isfinite(scores).all()


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"logprobs": None},
        {"logprobs": {"content": []}},
        {"logprobs": {"content": None, "tokens": ["A"]}},
        choice("A", float("nan")),
        choice("A", -1.0, ("B", "0")),  # type: ignore[arg-type]
        {"logprobs": {"content": [{"token": "A", "logprob": 0, "top_logprobs": ["B"]}]}},
        {"logprobs": {"content": [{"logprob": 0}]}},
    ],
)
def test_log_probabilities_that_are_none(broken: dict[str, Any]) -> None:
    with pytest.raises(EndpointError, match="log-probabilities"):
        scores_of(broken, ["A"], "u")
