"""Any text is read as a permutation; what is wrong with it is told apart as the published statistics do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from irloom.rerankers.comparators.list_answers import fault_of, read_order
from irloom.rerankers.comparators.list_prompts import LIST_PROMPTS

NUMBERS, LETTERS, STRICT = LIST_PROMPTS["rank_zephyr"], LIST_PROMPTS["rank_zephyr_letters"], LIST_PROMPTS["open_model"]


@pytest.mark.parametrize(
    ("text", "order", "fault"),
    [
        # sheet 04, how to check it
        ("[2] > [3] > [1]", [1, 2, 0], ""),
        ("", [0, 1, 2], "wrong format"),
        ("[9] > [1]", [0, 1, 2], "missing ids"),
        ("[2] > [2] > [1]", [1, 0, 2], "repetition"),
        ("Passage 2 is best", [1, 0, 2], "wrong format"),
        # thoughts, other digits, digits that are no decimal ones, numbers without end
        ("first [1] > [2] </think> [3] > [2] > [1]", [2, 1, 0], ""),
        ("<think>1</think>2</think> [3] > [1] > [2]\n", [2, 0, 1], ""),
        ("[²] > [③] > [１]", [1, 2, 0], "wrong format"),
        ("[٣] > [١] > [٢]", [2, 0, 1], ""),
        ("[፩] > [2]", [0, 1, 2], "wrong format"),
        ("3 " + "1" * 5000, [0, 1, 2], "wrong format"),
        ("[0] > [-2] > [3]", [1, 2, 0], "wrong format"),
        ("[3] > [2] > [1] > [1]", [2, 1, 0], "repetition"),
        ("[3] > [2] > [4]", [2, 1, 0], "missing ids"),
    ],
)
def test_numbers(text: str, order: list[int], fault: str) -> None:
    assert read_order(text, 3, NUMBERS) == (order, fault)


@pytest.mark.parametrize(
    ("text", "order", "fault"),
    [
        ("[B] > [C] > [A]", [1, 2, 0], ""),
        ("[B] > [B] > [A]", [1, 0, 2], "repetition"),
        ("B, then A", [1, 0, 2], "wrong format"),
        ("[b] > [a]", [0, 1, 2], "wrong format"),
        ("[D] > [C] > [A]", [2, 0, 1], "missing ids"),
    ],
)
def test_letters(text: str, order: list[int], fault: str) -> None:
    assert read_order(text, 3, LETTERS) == (order, fault)


def test_letters_that_touch_are_one_number() -> None:
    assert read_order("AB", 12, LETTERS)[0][0] == 11  # sheet 04: "AB" is read as 12


@pytest.mark.parametrize(
    ("text", "order", "fault"),
    [
        ("2] > [3] > [1]", [1, 2, 0], ""),
        ("[2] > [3] > [1] and why: [3] is", [1, 2, 0], ""),
        ("2] > [3] > [1] > [1]", [1, 2, 0], ""),
        ("2] > [3]", [0, 1, 2], "wrong format"),
        ("2] > [2] > [1]", [0, 1, 2], "wrong format"),
        ("2] > [3] > [4]", [0, 1, 2], "wrong format"),
        ("", [0, 1, 2], "wrong format"),
        ("I think 2 > 3 > 1", [0, 1, 2], "wrong format"),
    ],
)
def test_a_strict_prompt_changes_nothing_unless_all_is_right(text: str, order: list[int], fault: str) -> None:
    assert read_order(text, 3, STRICT) == (order, fault)


def test_other_forms() -> None:
    assert read_order("[PASSAGE2, PASSAGE1]", 2, LIST_PROMPTS["lrl"]) == ([1, 0], "")
    assert read_order("[rankstart] [2] > [1] [rankend]", 2, LIST_PROMPTS["apeer"]) == ([1, 0], "")
    assert read_order("[2] > [1]", 2, LIST_PROMPTS["apeer"]) == ([1, 0], "wrong format")


@given(
    st.one_of(st.text(max_size=60), st.text(alphabet="[]> 0123456789ABC²①፩٣,PASSAGE", max_size=60)),
    st.integers(0, 20),
    st.sampled_from(sorted(LIST_PROMPTS)),
)
def test_no_document_is_lost_or_doubled(text: str, n: int, name: str) -> None:
    order, fault = read_order(text, n, LIST_PROMPTS[name])
    assert sorted(order) == list(range(n))
    assert fault in ("", "wrong format", "repetition", "missing ids")


@given(st.permutations(range(12)), st.sampled_from(sorted(LIST_PROMPTS)))
def test_a_right_answer_is_read_as_it_is(order: list[int], name: str) -> None:
    prompt = LIST_PROMPTS[name]
    assert read_order(prompt.answer(order), 12, prompt) == (order, "")


def test_faults_of_long_numbers() -> None:
    assert fault_of(f"[{'1' * 5000}]", 1, NUMBERS) == "missing ids"
