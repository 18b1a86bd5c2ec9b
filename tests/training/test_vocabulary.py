from pathlib import Path

import pytest
import torch

from irloom.core.errors import ModelError
from irloom.models.model_text import load_text
from irloom.training.packing import PROMPT_TEXTS
from irloom.training.vocabulary import LETTERS, identifier_ids, save_tokenizer, small_tokenizer, token_table


def test_identifiers_are_tokens_of_their_own(source: Path, tmp_path: Path) -> None:
    """Behind a bracket the letter A is not the word "a", and it comes back as it was written."""
    tokenizer = small_tokenizer(str(source), ["read a file"], always=PROMPT_TEXTS, most=100)
    save_tokenizer(tokenizer, tmp_path)
    text = load_text(tmp_path, remote_code=False)
    letters, numbers = identifier_ids(tokenizer, letters=True), identifier_ids(tokenizer, letters=False)
    assert [text.token(letter, after="[") for letter in LETTERS] == letters
    assert [text.token(str(number), after="[") for number in range(1, 21)] == numbers
    assert len({*letters, *numbers}) == 40
    assert text.decode(text.encode("[C] > [A]", special=False)).replace(" ", "") == "[C]>[A]"
    assert not set(text.encode("A file", special=False).tolist()) & set(letters)


def test_humps_and_case(source: Path) -> None:
    tokenizer = small_tokenizer(str(source), ["read file"], always=(), most=100)
    assert tokenizer.encode("readFile", add_special_tokens=False).tokens == ["read", "file"]
    assert tokenizer.encode("read_FILE", add_special_tokens=False).tokens == ["read", "_", "file"]


def test_frequent_pieces_are_kept(source: Path) -> None:
    """And the same texts give the same vocabulary, whatever order a hash table has."""
    texts = ["queue queue", "queue lock", "tree"]
    kept = small_tokenizer(str(source), texts, always=["merge"], most=2).get_vocab()
    assert {"queue", "lock", "merge"} <= set(kept)
    assert "sort" not in kept
    assert "tree" not in kept
    assert kept == small_tokenizer(str(source), texts, always=["merge"], most=2).get_vocab()


def test_the_table_keeps_what_is_alike(source: Path) -> None:
    tokenizer = small_tokenizer(str(source), ["read file"], always=(), most=100)
    table = token_table(str(source), tokenizer, dim=16, seed=0)
    assert table.shape == (tokenizer.get_vocab_size(), 16)
    assert torch.allclose(table.norm(dim=1), torch.ones(len(table)), atol=1e-5)
    assert torch.equal(table, token_table(str(source), tokenizer, dim=16, seed=0))
    other = token_table(str(source), tokenizer, dim=16, seed=1)
    same = (table == other).all(dim=1)
    assert same[tokenizer.token_to_id("read")]
    assert not same[identifier_ids(tokenizer, letters=True)].any()


def test_sources_that_will_not_do(source: Path, tmp_path: Path) -> None:
    tokenizer = small_tokenizer(str(source), [], always=(), most=0)
    with pytest.raises(ModelError, match="width 64"):
        token_table(str(source), tokenizer, dim=64, seed=0)
    (tmp_path / "tokenizer.json").write_text('{"model": {"type": "BPE", "vocab": {}}}')
    with pytest.raises(ModelError, match="WordPiece"):
        small_tokenizer(str(tmp_path), [], always=(), most=0)
