"""Which heads of a set are read."""

from pathlib import Path

import pytest

from irloom.core.errors import BadValue, DataError
from irloom.rerankers.attention.chosen_heads import ChosenHeads
from irloom.rerankers.attention.head_set import HeadSet
from tests.fakes_llm import FakeDecoder


def test_the_best_of_a_set_and_all_of_a_list() -> None:
    decoder, methods = FakeDecoder(), ("qrhead",)
    some = HeadSet(((0, 0), (1, 1)), (2.0, 1.0))
    assert ChosenHeads(some, top=1, force=False, methods=methods).of(decoder) == ((0, 0),)
    assert ChosenHeads(["0-0", "1-1"], top=1, force=False, methods=methods).of(decoder) == ((0, 0), (1, 1))
    for heads, top in ((some, 0), ([], 1), (None, 1)):
        with pytest.raises(BadValue):
            ChosenHeads(heads, top=top, force=False, methods=methods)  # type: ignore[arg-type]


def test_a_file_that_is_missing_is_told_of_at_once(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"heads\.json: cannot be read .*irloom heads learn"):
        ChosenHeads(tmp_path / "heads.json", top=1, force=False, methods=("qrhead",))
