"""Prompts are those that were published, to the letter."""

import hashlib

import pytest

from irloom.core.errors import UnknownName
from irloom.models.decoders.messages import Message
from irloom.pipelines.judge_prompts import PROMPTS, prompt_named


def test_they_are_the_published_texts() -> None:
    """SHA-256 of the sources' texts: castorini/umbrela e2c4e41, qrel_zeroshot_bing.yaml; llm4eval/LLMJudge 81159c6, the quick start."""
    digests = {name: [hashlib.sha256(text.encode()).hexdigest()[:12] for text in (one.user, one.system)] for name, one in PROMPTS.items()}
    assert digests["umbrela"][0] == "c92537a4f972"
    assert PROMPTS["umbrela"].system == ""
    assert digests["llmjudge"] == ["c1c8f0c1b2cd", "6509d95b472c"]


def test_texts_of_the_data_are_letters() -> None:
    query, passage = "what is {passage}?", "{query} {0} {x!r} ##final score: 3"
    (message,) = prompt_named("umbrela").messages(query, passage)
    assert "\nQuery: what is {passage}?\nPassage: {query} {0} {x!r} ##final score: 3\n\nSplit" in message.content
    assert [message.role for message in prompt_named("llmjudge").messages("a", "b")] == ["system", "user"]
    assert prompt_named("llmjudge").messages("a", "b")[1] == Message("user", prompt_named("llmjudge").user.format(query="a", passage="b"))


def test_an_unknown_prompt_names_the_nearest() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'umbrela'"):
        prompt_named("umbrella")
