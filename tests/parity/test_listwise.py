"""Windows, the reading of answers and LiT5 against figures of the published code; the code itself need not be installed.

The windows and orders were recorded from RankLLM (commit 1b3cabb): `sliding_windows_batched` and `receive_permutation` over a model that
says nothing. The scores of LiT5 were computed by its `FiDCrossAttentionScore` under transformers 4.46 with the small T5 that the test makes
again; that code has a fixed greatest distance of 128.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from irloom.models.seq2seq import Seq2Seq
from irloom.rerankers.comparators.list_answers import read_order
from irloom.rerankers.comparators.list_prompts import LIST_PROMPTS
from irloom.rerankers.comparators.lit5 import LiT5Score
from irloom.rerankers.schedules.window import windows
from tests.models.tiny_t5 import save_t5

pytestmark = pytest.mark.parity

WINDOWS = {
    (2, 20, 10): [(0, 2)],
    (10, 20, 10): [(0, 10)],
    (10, 7, 3): [(3, 10), (0, 7)],
    (15, 20, 10): [(0, 15)],
    (15, 7, 3): [(8, 15), (5, 12), (2, 9), (0, 6)],
    (19, 20, 10): [(0, 19)],
    (21, 20, 10): [(1, 21), (0, 11)],
    (25, 20, 10): [(5, 25), (0, 15)],
    (25, 7, 3): [(18, 25), (15, 22), (12, 19), (9, 16), (6, 13), (3, 10), (0, 7)],
    (33, 20, 10): [(13, 33), (3, 23), (0, 13)],
    (100, 20, 10): [(80, 100), (70, 90), (60, 80), (50, 70), (40, 60), (30, 50), (20, 40), (10, 30), (0, 20)],
}
NUMBERS = {
    "[2] > [3] > [1]": [1, 2, 0],
    "": [0, 1, 2],
    "[9] > [1]": [0, 1, 2],
    "[2] > [2] > [1]": [1, 0, 2],
    "Passage 2 is best": [1, 0, 2],
    "a</think>b [3]</think> [2]": [1, 0, 2],
    "[²] > [❸]": [1, 2, 0],
    "[፩] > [2]": [0, 1, 2],
    "３１": [0, 1, 2],
    "[3],[2],[1],[1]": [2, 1, 0],
}
LETTERS = {"[B] > [C]": [1, 2, 0], "AB": [0, 1, 2], "b a": [0, 1, 2], "C, then B": [2, 1, 0], "[D] > [B]": [1, 0, 2]}
TEXTS = ["quick red fox", "blue whale sings", "green owl sings and sleeps", "dog", "brown dog runs Passage"]
ATTENTION = [0.036825791, 0.035273612, 0.111670531, 0.019966410, 0.020422624]


@pytest.mark.parametrize(("n", "size", "stride"), sorted(WINDOWS))
def test_windows(n: int, size: int, stride: int) -> None:
    assert list(windows(n, size=size, stride=stride)) == WINDOWS[n, size, stride]


@pytest.mark.parametrize("text", NUMBERS)
def test_numbers(text: str) -> None:
    assert read_order(text, 3, LIST_PROMPTS["rank_zephyr"])[0] == NUMBERS[text]


@pytest.mark.parametrize("text", LETTERS)
def test_letters(text: str) -> None:
    assert read_order(text, 3, LIST_PROMPTS["rank_zephyr_letters"])[0] == LETTERS[text]


def test_lit5_score(tmp_path: Path) -> None:
    folder = save_t5(tmp_path)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps({**config, "relative_attention_max_distance": 128}), encoding="utf-8")
    comparator = LiT5Score(Seq2Seq(folder, device="cpu"))
    texts = [comparator.model.encode(f"question: red fox runs context: {text}", special=True) for text in TEXTS]
    asked = len(comparator.model.encode("question: red fox runs"))
    (found,) = comparator.attention.read([texts])
    scores = [row[asked:].sum() / (256 * 2) for row in found.weights]  # the published sum is divided by 256 times the layers
    np.testing.assert_allclose(scores, ATTENTION, rtol=1e-4)
    assert found.written == 19
