from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irloom.models.scorers.pairs import cut_lengths, read_template, token_ids
from irloom.models.tokenizing import load_tokenizer

transformers = pytest.importorskip("transformers")


@pytest.mark.parametrize("which", ["tiny_scorer", "tiny_two_logits"])
@pytest.mark.parametrize("limit", [8, 9, 20, 64])
def test_pairs_equal_the_tokenizers_own(request: pytest.FixtureRequest, which: str, limit: int) -> None:
    folder: Path = request.getfixturevalue(which)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    backend = load_tokenizer(folder).backend
    backend.no_truncation()
    template = read_template(backend)
    for query, document in [
        ("a fox", "the dog sleeps on " * 9),
        ("the quick fox " * 9, "a dog"),
        ("fox " * 15, "dog " * 14),
        ("", ""),
        ("one", ""),
    ]:
        expected = tokenizer([query], [document], truncation=True, max_length=limit, return_token_type_ids=True)
        first, second = token_ids(backend, [query, document])
        kept = cut_lengths(len(first), len(second), room=limit - template.special, truncation="longest_first", query_cap=1)
        assert template.join(first[: kept[0]], second[: kept[1]]).tolist() == expected["input_ids"][0]
        if which == "tiny_scorer":
            assert template.segments(first[: kept[0]], second[: kept[1]]).tolist() == expected["token_type_ids"][0]


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 50), st.sampled_from(["document", "longest_first"]), st.integers(1, 20))
def test_what_is_kept_fits_and_is_as_much_as_fits(query: int, document: int, room: int, truncation: str, cap: int) -> None:
    kept = cut_lengths(query, document, room=room, truncation=truncation, query_cap=cap)
    assert kept[0] <= query
    assert kept[1] <= document
    if truncation == "document":
        assert kept[0] == min(query, cap, room)
        assert sum(kept) == min(min(query, cap) + document, room)
    else:
        assert sum(kept) == min(query + document, room)


def test_special_tokens_are_counted(tiny_scorer: Path, tiny_two_logits: Path) -> None:
    bert, roberta = (read_template(load_tokenizer(folder).backend) for folder in (tiny_scorer, tiny_two_logits))
    assert (bert.special, bert.types) == (3, (0, 0, 0, 1, 1))
    assert roberta.special == 4  # <s> query </s></s> document </s>
    assert np.array_equal(roberta.middle, [2, 2])
