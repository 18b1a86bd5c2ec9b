"""What a model wrote, read as an order: any text gives a permutation, and a word for what was wrong with it."""

import re
from collections.abc import Iterable
from typing import Final

from irloom.rerankers.comparators.contract import MISSING_IDS, REPETITION, WRONG_FORMAT
from irloom.rerankers.comparators.list_prompt import ListPrompt

_PLAIN: Final = str.maketrans(
    "⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉①②③④⑤⑥⑦⑧⑨❶❷❸❹❺❻❼❽❾０１２３４５６７８９🄀🄁🄂🄃🄄🄅🄆🄇🄈🄉",
    "0123456789" + "0123456789" + "123456789" + "123456789" + "0123456789" + "0123456789",
)
"""Digits in other dress, as digits."""

THOUGHT: Final = "</think>"
"""What a model writes when it has done thinking; only what follows the last one is its answer."""


def read_order(text: str, n: int, prompt: ListPrompt) -> tuple[list[int], str]:
    """The order of n places that a text gives, and its fault, "" for none.

    Numbers (or letters) are taken as they come; repeated and impossible ones are dropped, missing ones follow in the order given. A
    text without any, or with a digit that is no decimal one, gives the order given; so does any fault under a strict prompt.

    Paper:
        W. Sun et al., Is ChatGPT Good at Search?, EMNLP 2023, section 3; the reading of other digits is the toolkit RankLLM's.

    >>> read_order("[2] > [3] > [1]", 3, ListPrompt())
    ([1, 2, 0], '')
    >>> read_order("Passage 2 is best", 3, ListPrompt())
    ([1, 0, 2], 'wrong format')
    """
    if prompt.strict:
        order = _strict_order(text, n)
        return (list(range(n)), WRONG_FORMAT) if order is None else (order, "")
    text = text.rpartition(THOUGHT)[2].strip()
    return _completed(_places(text, letters=prompt.letters), n), fault_of(text, n, prompt)


def _places(text: str, *, letters: bool) -> list[int]:
    """The 0-based places that a text names, in its order."""
    text = text.translate(_PLAIN)
    if letters:
        text = "".join(str(ord(sign) - ord("A") + 1) if sign.isalpha() else " " for sign in text)
    else:
        text = "".join(sign if sign.isdigit() else " " for sign in text)
    try:
        return [int(number) - 1 for number in text.split()]
    except ValueError:  # a digit that is no decimal one, or a number of thousands of digits
        return []


def _completed(places: Iterable[int], n: int) -> list[int]:
    """The possible places once each, in their order, and the others behind them."""
    named = dict.fromkeys(place for place in places if 0 <= place < n)
    return [*named, *(place for place in range(n) if place not in named)]


def _strict_order(text: str, n: int) -> list[int] | None:
    """The order of a list "2] > [1] ..." up to its n-th item or the first sign that belongs to no list; None unless it is whole."""
    text = text.strip()
    text = text if text.startswith("[") else f"[{text}"
    match = re.match(r"[ >\[\]0-9]*", text)
    parts = (match.group() if match else "").strip().split(">")[:n]
    numbers = [part.strip()[1:-1] for part in parts]
    if not all(number.strip().isdecimal() and len(number) <= len(str(n)) + 2 for number in numbers):
        return None
    order = [int(number) - 1 for number in numbers]
    return order if sorted(order) == list(range(n)) else None


def fault_of(text: str, n: int, prompt: ListPrompt) -> str:
    """What is wrong with an answer about n documents: "", "wrong format", "missing ids" or "repetition".

    >>> fault_of("[2] > [2] > [1]", 3, ListPrompt()), fault_of("[2] > [1]", 3, ListPrompt()), fault_of("2, 1", 3, ListPrompt())
    ('repetition', 'missing ids', 'wrong format')
    """
    name = r"([A-Z])" if prompt.letters else r"(\d+)"
    item = re.escape(prompt.item).replace(re.escape("{id}"), name)
    whole = f"{re.escape(prompt.opening)}{item}(?:{re.escape(prompt.comma)}{item})*{re.escape(prompt.closing)}"
    body = text.strip()
    if not re.fullmatch(whole, body):
        return WRONG_FORMAT
    found = re.findall(item, body)
    places = {name if prompt.letters else int(name) if len(name) < 9 else -1 for name in found}
    if len(found) < n:
        return MISSING_IDS
    if len(found) > n or len(places) < n:
        return REPETITION
    wanted = prompt.identifiers(n)
    return "" if places == {name if prompt.letters else int(name) for name in wanted} else MISSING_IDS
