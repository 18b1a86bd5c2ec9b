"""MinHash against the exact similarity and against every pair compared."""

import hashlib
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irloom.core.errors import BadValue
from irloom.text.minhash import (
    NearDuplicate,
    band_keys,
    band_rows,
    by_document,
    candidate_pairs,
    estimate,
    jaccard,
    near_duplicates,
    shingles,
    signatures,
)

WORDS = [f"w{number}" for number in range(40)]
TEXT = st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join)


def word_sets(text: str, size: int) -> set[tuple[str, ...]]:
    words = text.split()
    return {tuple(words[start : start + size]) for start in range(max(1, len(words) - size + 1))} if words else set()


def variants(count: int, *, seed: int) -> dict[str, str]:
    """Texts of 80 words in families: each is a base with a share of its words replaced."""
    random = np.random.default_rng(seed)
    texts = {}
    for family in range(count // 5):
        base = random.integers(0, 5000, 80)
        for member in range(5):
            changed = base.copy()
            places = random.random(80) < 0.03 * member
            changed[places] = random.integers(0, 5000, int(places.sum()))
            texts[f"{family}-{member}"] = " ".join(f"w{word}" for word in changed)
    return texts


@given(TEXT, TEXT, st.integers(1, 4))
def test_jaccard_of_hashed_shingles_is_that_of_the_shingles(first: str, second: str, size: int) -> None:
    one, two = word_sets(first, size), word_sets(second, size)
    expected = len(one & two) / len(one | two) if one | two else 0.0
    assert jaccard(shingles(first, size=size), shingles(second, size=size)) == pytest.approx(expected)


@given(TEXT, TEXT, st.integers(0, 5))
def test_the_estimate_is_near_the_exact_similarity(first: str, second: str, seed: int) -> None:
    """Within five standard errors, sqrt(j (1 - j) / 1024), and exact at 0 and 1 up to the chance of equal 32-bit minima."""
    sets = [shingles(first, size=1), shingles(second, size=1)]
    table = signatures(sets, permutations=1024, seed=seed)
    exact = jaccard(*sets)
    assert abs(estimate(table[0], table[1]) - exact) <= 5 * np.sqrt(exact * (1 - exact) / 1024) + 1e-9


def test_the_estimate_is_unbiased() -> None:
    """The mean of 400 estimates of a similarity of 1/3 (20 shared of 60), each of standard error 0.0417, has one of 0.0021."""
    one, two = " ".join(f"a{place}" for place in range(40)), " ".join(f"a{place}" for place in range(20, 60))
    sets = [shingles(one, size=1), shingles(two, size=1)]
    found = [estimate(*signatures(sets, seed=seed)) for seed in range(400)]
    assert np.mean(found) == pytest.approx(1 / 3, abs=0.0065)
    assert np.std(found) == pytest.approx(np.sqrt((1 / 3) * (2 / 3) / 128), rel=0.15)


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.8])
@pytest.mark.parametrize("unit", ["words", "characters"])
def test_pairs_equal_those_of_brute_force(threshold: float, unit: str) -> None:
    texts = variants(120, seed=3)
    sets = {name: shingles(text, unit=unit) for name, text in texts.items()}
    expected = {(first, second): jaccard(sets[first], sets[second]) for first, second in combinations(texts, 2)}
    found = {(pair.first, pair.second): pair.jaccard for pair in near_duplicates(texts, threshold=threshold, unit=unit)}
    assert found == {pair: value for pair, value in expected.items() if value >= threshold}
    assert 10 < len(found) < len(expected)


def test_few_pairs_are_candidates() -> None:
    """Bands spare comparisons: texts without a common word are not compared."""
    table = signatures([shingles(text) for text in variants(200, seed=4).values()])
    assert len(candidate_pairs(table, rows=band_rows(128, threshold=0.8))) < 500  # of 19,900 pairs, 400 within families


@given(st.floats(0.05, 1.0), st.integers(1, 256), st.sampled_from([0.1, 0.001]))
def test_rows_keep_the_chance_to_miss(threshold: float, permutations: int, miss: float) -> None:
    def missed(rows: int) -> float:
        return (1 - threshold**rows) ** (permutations // rows)

    rows = band_rows(permutations, threshold=threshold, miss=miss)
    assert 1 <= rows <= permutations
    assert rows == 1 or missed(rows) <= miss
    assert rows == permutations or missed(rows + 1) > miss


def test_the_same_everywhere() -> None:
    """Values that depend neither on Python's hash seed nor on NumPy's streams nor on the machine: computed here in plain integers."""

    def number(data: bytes) -> int:
        return int.from_bytes(data, "little")

    def key(run: str) -> int:
        polynomial = 0
        for word in run.split():
            polynomial = (polynomial * 0x9E3779B97F4A7C15 + number(hashlib.blake2b(word.encode(), digest_size=8).digest())) % 2**64
        for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
            polynomial = ((polynomial ^ (polynomial >> 33)) * factor) % 2**64
        return polynomial ^ (polynomial >> 33)

    keys = [key(run) for run in ("the cat sat", "cat sat on", "sat on the", "on the mat")]
    assert shingles("The cat sat on the mat").tolist() == sorted(keys)
    assert shingles("Cat").tolist() == [key("cat")]
    characters = sorted(number(hashlib.blake2b(run, digest_size=8).digest()) for run in (b"cat", b"at ", b"t s"))
    assert shingles("Cat  s", unit="characters").tolist() == characters
    drawn = [hashlib.blake2b(f"1 {place}".encode(), digest_size=16).digest() for place in range(4)]
    least = [min(((number(one[:8]) * (key % 2**32) + number(one[8:])) % 2**64) >> 32 for key in keys) for one in drawn]
    assert signatures([shingles("the cat sat on the mat")], permutations=4, seed=1).tolist() == [least]
    assert keys[0] == 3871651044211384730


def test_words_are_folded_and_characters_evened() -> None:
    assert np.array_equal(shingles("The CAT, sat!"), shingles("the cat sat"))
    assert np.array_equal(shingles("A  b\nc", unit="characters"), shingles("a b c", unit="characters"))
    assert len(shingles("猫が座る", size=2)) == 3  # ideographs and kana are words of their own
    assert len(shingles("a b", size=5)) == 1


def test_texts_without_words_are_not_alike() -> None:
    assert len(shingles("")) == len(shingles("  ,. ")) == 0
    assert jaccard(shingles(""), shingles("")) == 0.0
    assert estimate(*signatures([shingles(""), shingles("")])) == 0.0
    assert near_duplicates({"a": "", "b": "", "c": "word"}) == []
    assert near_duplicates({}) == []


def test_equal_texts_are_always_found() -> None:
    texts = {str(number): "one and the same text of some words" for number in range(5)}
    assert len(near_duplicates(texts, threshold=1.0, permutations=1)) == 10


def test_by_document() -> None:
    assert by_document([NearDuplicate("a", "b", 0.9)]) == {"a": {"b": 0.9}, "b": {"a": 0.9}}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"threshold": 0.0}, "threshold"),
        ({"threshold": 1.1}, "threshold"),
        ({"size": 0}, "size"),
        ({"unit": "lines"}, "unit"),
        ({"permutations": 0}, "permutations"),
    ],
)
def test_bad_arguments(arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(BadValue, match=said):
        near_duplicates({"a": "b c"}, **arguments)


def test_keys_are_equal_where_bands_are() -> None:
    table = signatures([shingles("a b c d e"), shingles("a b c d f"), shingles("x y z")], permutations=20)
    keys = band_keys(table, rows=3)
    assert keys.shape == (3, 6)  # the last two columns are in no band
    for band in range(6):
        for first in range(3):
            for second in range(3):
                alike = (table[first, 3 * band : 3 * band + 3] == table[second, 3 * band : 3 * band + 3]).all()
                assert (keys[first, band] == keys[second, band]) == alike
