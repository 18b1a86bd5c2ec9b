import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from irloom.core.errors import ModelError
from irloom.models.tokenizing import length_limit, load_tokenizer
from tests.models.tiny import TEXTS


def by_transformers(folder: Path) -> Any:
    transformers = pytest.importorskip("transformers")
    return transformers.AutoTokenizer.from_pretrained(folder)


def test_texts_are_cut_to_the_limit_and_counted(tiny_bert: Path) -> None:
    tokenizer = by_transformers(tiny_bert)
    lists = load_tokenizer(tiny_bert, max_tokens=6).single(["fox", "the quick brown fox jumps over the dog", "", "the the the the"])
    assert [len(ids) for ids in lists.ids] == [3, 6, 2, 6]
    assert lists.cut == 1  # four words and two special tokens fit exactly
    for ids in lists.ids:
        assert (ids[0], ids[-1]) == (tokenizer.cls_token_id, tokenizer.sep_token_id)


@pytest.mark.parametrize("which", ["tiny_bert", "tiny_two_logits"])
@pytest.mark.parametrize("limit", [5, 64])
def test_ids_equal_those_of_transformers(request: pytest.FixtureRequest, which: str, limit: int) -> None:
    folder: Path = request.getfixturevalue(which)
    texts = [*TEXTS, "Naïve CAFÉ", "x" * 200, "中文", "[SEP] <s> [UNK]"]
    tokenizer = by_transformers(folder)
    ours = load_tokenizer(folder, max_tokens=limit)
    assert ours.single(texts).ids == tokenizer(texts, truncation=True, max_length=limit)["input_ids"]
    assert ours.special_ids == frozenset(tokenizer.all_special_ids) - {tokenizer.unk_token_id}
    assert ours.has_types is (which == "tiny_bert")


def test_where_settings_and_file_disagree_transformers_decides(tiny_bert: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_bert, tmp_path / "cased")
    path = tmp_path / "cased" / "tokenizer_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"do_lower_case": False}))
    texts = ["The Fox", "the fox"]
    assert load_tokenizer(tmp_path / "cased").single(texts).ids == by_transformers(tmp_path / "cased")(texts)["input_ids"]


def test_lower_casing_comes_before_the_tokenizer(tiny_two_logits: Path) -> None:
    plain, lower = load_tokenizer(tiny_two_logits), load_tokenizer(tiny_two_logits, lower=True)
    assert plain.single(["FOX"]).ids != plain.single(["fox"]).ids
    assert lower.single(["FOX"]).ids == plain.single(["fox"]).ids


def test_positions_below_the_padding_id_are_not_counted(tiny_bert: Path, tiny_two_logits: Path) -> None:
    assert length_limit(tiny_bert, 1e30) == 64
    assert length_limit(tiny_two_logits, 1e30) == 64  # 66 positions, the first two are not used
    assert length_limit(tiny_bert, 10) == 10
    assert load_tokenizer(tiny_bert).max_tokens == 64


def test_a_folder_without_a_tokenizer_is_named(tmp_path: Path) -> None:
    pytest.importorskip("transformers")
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(ModelError, match="the tokenizer has no vocabulary"):
        load_tokenizer(tmp_path)


def test_a_broken_tokenizer_is_named(tmp_path: Path) -> None:
    pytest.importorskip("transformers")
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    (tmp_path / "tokenizer.json").write_text("{")
    with pytest.raises(ModelError, match="the tokenizer cannot be loaded"):
        load_tokenizer(tmp_path)
