"""Prompts shrink step by step until they fit."""

from hypothesis import given
from hypothesis import strategies as st

from irloom.rerankers.comparators.fitting import Fitted, fitted


@given(st.lists(st.integers(0, 60), min_size=1, max_size=8), st.integers(1, 40), st.integers(0, 200), st.integers(0, 10))
def test_the_prompt_fits_or_there_is_none(lengths: list[int], words: int, room: int, query: int) -> None:
    asked: list[int] = []

    def render(cap: int) -> int:
        asked.append(cap)
        return query + sum(min(length, cap) for length in lengths)

    found = fitted(render, int, documents=len(lengths), words=words, room=room)
    assert asked == sorted(asked, reverse=True)
    if found is None:
        assert query + sum(min(length, 1) for length in lengths) > room
    else:
        assert found.prompt == found.tokens <= room
        assert 1 <= found.words <= words
        assert found.words == asked[-1]


def test_the_steps_of_the_toolkit() -> None:
    # 20 documents of 300 words and a room of 4000: 6000, then 2000 // 80 = 25 words less, and so on
    asked: list[int] = []
    found = fitted(lambda words: asked.append(words) or 20 * words, int, documents=20, words=300, room=4000)
    assert asked[:4] == [300, 275, 257, 243]  # 2000 // 80, 1500 // 80 = 18, 1140 // 80 = 14
    assert found == Fitted(4000, 4000, 200)
