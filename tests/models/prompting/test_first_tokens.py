"""The first tokens of long texts are those of the whole."""

from pathlib import Path

import numpy as np
import pytest

from irloom.models.prompting.first_tokens import LETTERS, first_tokens
from tests.models.decoders.tiny_decoders import save_tokenizer

WORDS = ["river", "stone", "1999", "[3]", "</s>", "É", "water\n\n", "  ", "tokenization", "日本語"]


def test_only_the_beginning_of_a_long_text_is_split() -> None:
    seen = []

    def encode(text: str) -> np.ndarray:
        seen.append(len(text))
        return np.arange(len(text) // 4)

    assert first_tokens("x" * 10_000, 5, encode=encode, decode=lambda ids: f"{len(ids)} tokens") == "5 tokens"
    assert seen == [5 * LETTERS]


def test_a_long_text_of_few_tokens_is_split_whole() -> None:
    """As one of blanks, of which a token may hold any number."""
    seen = []

    def encode(text: str) -> np.ndarray:
        seen.append(len(text))
        return np.arange(len(text.split()))

    assert first_tokens(" " * 10_000 + "a b c", 2, encode=encode, decode=lambda ids: f"{len(ids)} tokens") == "2 tokens"
    assert seen == [2 * LETTERS, 10_005]
    assert first_tokens(" " * 10_000 + "a", 2, encode=encode, decode=str) == " " * 10_000 + "a"


@pytest.mark.parametrize("most", [1, 2, 7, 128])
def test_they_are_those_of_the_whole_text(tmp_path: Path, most: int) -> None:
    transformers = pytest.importorskip("transformers", reason="the extra 'models' is not installed")
    save_tokenizer(tmp_path)
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path)
    rng = np.random.default_rng(most)

    def encode(text: str) -> np.ndarray:
        return np.asarray(tokenizer.encode(text, add_special_tokens=False), np.int64)

    for words in (3, 40, 3000):
        text = " ".join(rng.choice(WORDS, words).tolist())
        ids = encode(text)
        whole = text if len(ids) <= most else tokenizer.decode(ids[:most])
        assert first_tokens(text, most, encode=encode, decode=tokenizer.decode) == whole
