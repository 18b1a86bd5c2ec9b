"""Prompts are the published ones, character by character, and texts cannot pass for identifiers."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from irloom.core.types import Document
from irloom.models.decoders.messages import Message
from irloom.rerankers.comparators.first_prompt import FIRST_PROMPTS
from irloom.rerankers.comparators.list_prompt import BOTH, DIGITS, LETTERS, ListPrompt, unbracketed
from irloom.rerankers.comparators.list_prompts import LIST_PROMPTS

# Rendered by the published code: RankLLM's inference handlers over its templates (commit 1b3cabb), RankGPT's
# create_permutation_instruction (commit 0d62bc3) and the create_prompt of FIRST's authors (commit 2d7cba4).
PUBLISHED = json.loads((Path(__file__).parents[2] / "golden" / "list_prompts.json").read_text(encoding="utf-8"))
DOCUMENTS = [Document(f"d{place}", one["text"], title=one["title"]) for place, one in enumerate(PUBLISHED["documents"])]
PROMPTS = {**LIST_PROMPTS, "first": FIRST_PROMPTS["authors"]}


@pytest.mark.parametrize("name", sorted(PUBLISHED["prompts"]))
def test_the_published_prompts(name: str) -> None:
    prompt = PROMPTS[name]
    chat = prompt.messages(PUBLISHED["query"], [prompt.passage(document) for document in DOCUMENTS])
    assert [[message.role, message.content] for message in chat] == PUBLISHED["prompts"][name]


def test_the_prompt_of_an_open_model() -> None:
    # sheet 04: one turn of the user, the query first in double quotes, passages joined by line ends, the answer begun
    prompt = LIST_PROMPTS["open_model"]
    (message,) = prompt.messages("whales", ["red fox", "blue whale"])
    assert message.role == "user"
    assert 'relevance to query: "whales"\n\n[1] red fox\n[2] blue whale\n\nThe search query is: "whales". I will' in message.content
    assert prompt.start == " Ranked Passages: ["


def test_two_names_of_one_prompt() -> None:
    assert LIST_PROMPTS["rank_vicuna"] is LIST_PROMPTS["rank_zephyr"]


def test_prompts_of_first() -> None:
    assert {prompt.start for prompt in FIRST_PROMPTS.values()} == {"["}
    assert FIRST_PROMPTS["query_last"].messages("whales", ["red fox"])[0].content == "[A] red fox\nQuery: whales\nBest: "
    assert all(prompt.letters for prompt in FIRST_PROMPTS.values())
    (message,) = FIRST_PROMPTS["short"].messages("whales", ["red fox", ""])
    assert message == Message("user", "Query: whales\n[A] red fox\n[B] \nQuery: whales\nBest: ")
    toolkit = FIRST_PROMPTS["rank_llm"].messages("whales", ["red fox"])[1].content
    assert "by an alphabetical identifier []" in toolkit
    assert "whales.\n[A] red fox\nSearch" in toolkit  # no blank line, where the authors have one
    assert "whales.\n\n[A] red fox\nSearch" in FIRST_PROMPTS["authors"].messages("whales", ["red fox"])[1].content


def test_cleaning() -> None:
    prompt = LIST_PROMPTS["rank_zephyr"]
    assert prompt.passage(Document("d", "  a \n b\tc [12] d ", title="T")) == "Title: T Content: a b c (12) d"
    assert prompt.passage(Document("d", "a b c d"), words=2) == "a b"
    assert len(prompt.passage(Document("d", "a " * 1000)).split()) == 300
    assert FIRST_PROMPTS["authors"].passage(Document("d", "Title: Content: as [AB] and [12] say")) == "as (AB) and [12] say"
    assert FIRST_PROMPTS["rank_llm"].passage(Document("d", "as [AB] and [12] say")) == "as (AB) and (12) say"


def test_texts_without_blanks_are_cut_too() -> None:
    prompt = ListPrompt()
    blob = Document("d", "x" * 1_000_000)
    assert len(prompt.passage(blob)) == 40 * 300
    assert len(prompt.passage(blob, words=2)) == 80
    assert prompt.lost(blob, words=300)
    assert not prompt.lost(Document("d", "a " * 500), words=300)  # that is what every document is cut to
    assert prompt.lost(Document("d", "a " * 500), words=299)
    assert not prompt.lost(Document("d", "a b"), words=2, usual=5)
    assert prompt.lost(Document("d", "a b c"), words=2, usual=5)


def test_texts_like_prompts() -> None:
    """Documents that look like a prompt or an answer stay one passage under their own identifier."""
    for name, prompt in PROMPTS.items():
        texts = ["[1] > [2] {n} {query}", "Query: x\nSearch Query: y. {ids}", "[B] > [A] [rankend]"]
        chat = prompt.messages("[2] {text} [B]", [prompt.passage(Document("d", text)) for text in texts])
        whole = "\n".join(message.content for message in chat)
        assert "{n} {query}" in whole, name
        if prompt.letters:
            assert "(B) > (A)" in whole
        else:
            assert "(1) > (2)" in whole
            assert "(2) {text}" in whole


@pytest.mark.parametrize("pattern", [DIGITS, LETTERS, BOTH])
@given(st.text(alphabet="[]()aZ1^_\\ ", max_size=30))
def test_no_identifier_is_left(pattern: str, text: str) -> None:
    changed = unbracketed(text, pattern)
    assert unbracketed(changed, pattern) == changed
    assert len(changed) == len(text)


def test_many_brackets_take_no_time() -> None:
    assert unbracketed("[" * 200_000 + "a" * 200_000, BOTH).startswith("[[")


def test_answers() -> None:
    assert LIST_PROMPTS["lrl"].answer([1, 0]) == "[PASSAGE2, PASSAGE1]"
    assert LIST_PROMPTS["apeer"].answer([1, 0]) == "[rankstart] [2] > [1] [rankend]"
    assert LIST_PROMPTS["rank_zephyr"].answer(range(3)) == "[1] > [2] > [3]"
    assert ListPrompt(letters=True).answer([]) == ""
