from pathlib import Path

import pytest

from irloom.core.errors import ModelError
from irloom.models.tokenizing import length_limit, load_tokenizer, text_tokenizer


def test_texts_are_cut_to_the_limit_and_counted(tiny_bert: Path) -> None:
    tokenizer = load_tokenizer(tiny_bert)
    lists = text_tokenizer(tokenizer, 6).single(["fox", "the quick brown fox jumps over the dog", "", "the the the the"])
    assert [len(ids) for ids in lists.ids] == [3, 6, 2, 6]
    assert lists.cut == 1  # four words and two special tokens fit exactly
    for ids in lists.ids:
        assert (ids[0], ids[-1]) == (tokenizer.cls_token_id, tokenizer.sep_token_id)


def test_the_fast_path_equals_the_tokenizer_itself(tiny_bert: Path) -> None:
    tokenizer = load_tokenizer(tiny_bert)
    texts = ["Naïve café", "def encode(texts):", "x" * 200]
    expected = tokenizer(texts, truncation=True, max_length=10)["input_ids"]
    assert text_tokenizer(tokenizer, 10).single(texts).ids == expected


def test_later_settings_of_the_tokenizer_do_not_reach_the_copy(tiny_bert: Path) -> None:
    tokenizer = load_tokenizer(tiny_bert)
    ours = text_tokenizer(tokenizer, 10)
    tokenizer(["a b c d e f g"], truncation=True, max_length=3, padding="max_length")
    assert len(ours.single(["a b c d e"]).ids[0]) == 7


def test_lower_casing_comes_before_the_tokenizer(tiny_two_logits: Path) -> None:
    plain, lower = load_tokenizer(tiny_two_logits), load_tokenizer(tiny_two_logits, lower=True)
    assert plain("FOX")["input_ids"] != plain("fox")["input_ids"]
    assert lower("FOX")["input_ids"] == plain("fox")["input_ids"]


def test_positions_below_the_padding_id_are_not_counted(tiny_bert: Path, tiny_two_logits: Path) -> None:
    assert length_limit(tiny_bert, load_tokenizer(tiny_bert)) == 64
    assert length_limit(tiny_two_logits, load_tokenizer(tiny_two_logits)) == 64  # 66 positions, the first two are not used


def test_a_folder_without_a_tokenizer_is_named(tmp_path: Path) -> None:
    pytest.importorskip("transformers")
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(ModelError, match="the tokenizer has no vocabulary"):
        load_tokenizer(tmp_path)


def test_a_broken_tokenizer_is_named(tiny_bert: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    (tmp_path / "tokenizer.json").write_text("{")
    with pytest.raises(ModelError, match="the tokenizer cannot be loaded"):
        load_tokenizer(tmp_path)
