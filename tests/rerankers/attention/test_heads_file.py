"""Head sets on disk: the same afterwards, and clear words about files that are something else."""

import json
from pathlib import Path

import pytest

from irloom.core.errors import BadValue, DataError, ModelError
from irloom.rerankers.attention.head_set import PUBLISHED, HeadSet
from irloom.rerankers.attention.heads_file import check_fit, find_heads, read_heads, write_heads
from tests.fakes_llm import FakeDecoder

HEADS = HeadSet(((1, 0), (0, 1)), (0.25, 0.125), "core_heads", "fake", "fake_decoder:2:2", 2, 2, {"tau": 0.1, "queries": ["a"]})


def test_round_trip(tmp_path: Path) -> None:
    write_heads(HEADS, tmp_path / "h.json")
    assert read_heads(tmp_path / "h.json") == HEADS
    bare = HeadSet(((3, 1),))
    write_heads(bare, tmp_path / "bare.json")
    assert read_heads(tmp_path / "bare.json") == bare


def test_what_a_reranker_may_be_given(tmp_path: Path) -> None:
    write_heads(HEADS, tmp_path / "h.json")
    assert find_heads(HEADS) is HEADS
    assert find_heads(tmp_path / "h.json") == find_heads(str(tmp_path / "h.json")) == HEADS
    assert find_heads("qwen2.5-7b-instruct/nq") is PUBLISHED["qwen2.5-7b-instruct/nq"]
    assert find_heads(["1-2", (0, 1)]).heads == ((1, 2), (0, 1))
    with pytest.raises(BadValue):
        find_heads([])


def test_files_that_are_something_else(tmp_path: Path) -> None:
    path = tmp_path / "h.json"
    with pytest.raises(DataError, match="irloom heads learn"):
        read_heads(path)
    for text in ("", "[]", "{}", '{"format": "irloom heads 2"}', "\xff"):
        path.write_text(text, encoding="latin-1")
        with pytest.raises(DataError, match=r"h\.json.*irloom heads learn"):
            read_heads(path)
    write_heads(HEADS, path)
    good = json.loads(path.read_text())
    for change in (
        {"heads": []},
        {"heads": [["1-x", 1]]},
        {"heads": [[[1, 0], 1]]},
        {"heads": [[7, 1]]},
        {"heads": 3},
        {"layers": "many"},
        {"heads": [["0-0", 1], ["0-0", 2]]},
    ):
        path.write_text(json.dumps(good | change))
        with pytest.raises(DataError, match="cannot be used"):
            read_heads(path)


def test_fit() -> None:
    check_fit(HEADS, FakeDecoder(), methods=["core_heads"])
    check_fit(HeadSet(((0, 0),)), FakeDecoder(), methods=["qrhead"])
    with pytest.raises(ModelError, match="2 layers with 2 heads"):
        check_fit(HEADS, FakeDecoder(layers=4), methods=["core_heads"])
    with pytest.raises(ModelError, match="weights or the tokenizer"):
        check_fit(HeadSet(HEADS.heads, fingerprint="other"), FakeDecoder(), methods=["qrhead"])
    with pytest.raises(ModelError, match="force=True"):
        check_fit(HEADS, FakeDecoder(), methods=["qrhead", "retrieval"])
