"""MinHash: which texts are nearly the same, found without comparing each with each.

A text is the set of its shingles; the Jaccard similarity of two sets is estimated from the minima of k hash functions, candidates are
pairs that agree on a band of minima, and each candidate is confirmed by the exact similarity of its sets. Nothing depends on Python's
hash seed, on NumPy's random streams or on the machine's byte order: the same texts and seed give the same pairs everywhere.
"""

import hashlib
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import BadValue
from irloom.text.memo import Memo
from irloom.text.tokens import Chunks, unicode_tokens

Shingles = NDArray[np.uint64]
"""uint64 (m,), ascending: the 64-bit hashes of a text's different shingles."""

EMPTY: Final = np.uint32(2**32 - 1)
_CHUNK = 1 << 14
"""Shingles hashed at once."""
_CHUNKS = Chunks("_.':,;", lower=False)
_WORDS: Final = Memo(lambda chunk: tuple(_hash(token.casefold()) for token in unicode_tokens(chunk)))
"""The hashes of the words of a chunk of text."""
_FACTOR: Final = np.uint64(0x9E3779B97F4A7C15)
_STIRRING: Final = (np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53))
"""The factors of MurmurHash3's last step, which lets each bit bear on every other (Appleby 2011)."""


@dataclass(frozen=True, slots=True)
class NearDuplicate:
    """Two texts and the Jaccard similarity of their shingles, from 0 to 1; `first` stands before `second` in the order given."""

    first: str
    second: str
    jaccard: float


def shingles(text: str, *, size: int = 3, unit: Literal["words", "characters"] = "words") -> Shingles:
    """The hashed shingles of a text: each run of `size` words, case folded, or of `size` characters with white space made even.

    A text of fewer units than `size` is one shingle; one without any has none. A run of characters is hashed as it stands; the hash of a
    run of words is a polynomial of the words' hashes, stirred.

    Raises:
        BadValue: `size` is below 1, or `unit` is neither.

    >>> len(shingles("The cat sat on the mat"))  # the cat sat, cat sat on, sat on the, on the mat
    4
    """
    if size < 1:
        raise BadValue("size of a shingle", size, "1 or more")
    if unit == "words":
        return _word_shingles(text, size)
    if unit != "characters":
        raise BadValue("unit of a shingle", unit, "'words' or 'characters'")
    even = " ".join(text.casefold().split())
    runs = {even[start : start + size] for start in range(max(1, len(even) - size + 1))} if even else set()
    return np.unique(np.fromiter(map(_hash, runs), np.uint64, len(runs)))


def _word_shingles(text: str, size: int) -> Shingles:
    hashes = array("Q")
    for chunk in _CHUNKS(text):
        hashes.extend(_WORDS[chunk])
    words = np.frombuffer(hashes, np.uint64) if hashes else np.empty(0, np.uint64)
    keys = np.zeros(max(1, len(words) - size + 1) if len(words) else 0, np.uint64)
    for place in range(min(size, len(words))):
        keys = keys * _FACTOR + words[place : place + len(keys)]
    for factor in _STIRRING:
        keys = (keys ^ (keys >> np.uint64(33))) * factor
    return np.unique(keys ^ (keys >> np.uint64(33)))


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def jaccard(first: Shingles, second: Shingles) -> float:
    """The shingles that both have over those that either has; 0 where neither has any."""
    shared = len(np.intersect1d(first, second, assume_unique=True))
    either = len(first) + len(second) - shared
    return shared / either if either else 0.0


def signatures(sets: Sequence[Shingles], *, permutations: int = 128, seed: int = 0) -> NDArray[np.uint32]:
    """uint32 (n, permutations): the least value of each hash function over each set; `EMPTY` where a set has no shingle.

    The share of equal entries of two rows is an unbiased estimate of the sets' Jaccard similarity, with the standard error
    sqrt(j (1 - j) / permutations), as far as a function behaves as a random permutation.

    Args:
        sets: of shingles.
        permutations: how many hash functions, 1 or more.
        seed: draws the functions.

    Raises:
        BadValue: `permutations` is below 1.

    Paper:
        Broder, "On the resemblance and containment of documents", 1997. The functions are h(x) = (a x + b mod 2^64) >> 32 of 32-bit keys
        (Thorup, "High speed hashing for integers and strings", 2015, section 3.3: strongly universal).
    Differs:
        Universal functions in the place of random permutations, over keys that are hashes already.
    """
    multipliers, offsets = _functions(permutations, seed)
    result = np.full((len(sets), permutations), EMPTY, np.uint32)
    for row, keys in enumerate(sets):
        low = keys & np.uint64(2**32 - 1)
        for start in range(0, len(low), _CHUNK):
            hashed = (multipliers[:, None] * low[start : start + _CHUNK] + offsets[:, None]) >> np.uint64(32)
            np.minimum(result[row], hashed.min(axis=1).astype(np.uint32), out=result[row])
    return result


def estimate(first: NDArray[np.uint32], second: NDArray[np.uint32]) -> float:
    """The estimated Jaccard similarity of the sets behind two signatures, uint32 (permutations,) each; 0 where either set is empty."""
    return float(np.mean((first == second) & (first != EMPTY)))


def band_rows(permutations: int, *, threshold: float, miss: float = 0.001) -> int:
    """The rows per band: the most, and so the fewest candidates, with which a pair at the threshold is missed at most that often.

    A pair of similarity s shares one of b bands of r rows with the probability 1 - (1 - s^r)^b.

    Args:
        permutations: b r of them are used, 1 or more.
        threshold: the similarity from which pairs are wanted, above 0, at most 1.
        miss: the greatest probability of missing one at the threshold.

    Paper: Leskovec, Rajaraman and Ullman, "Mining of massive datasets", 2014, section 3.4.2.

    >>> band_rows(128, threshold=0.8)
    5
    """
    rows = 1
    while rows < permutations and (1 - threshold ** (rows + 1)) ** (permutations // (rows + 1)) <= miss:
        rows += 1
    return rows


def band_keys(table: NDArray[np.uint32], *, rows: int, seed: int = 0) -> NDArray[np.uint32]:
    """uint32 (n, bands): a hash of each band of `rows` columns of a table of signatures, uint32 (n, permutations).

    Rows that agree on a band have the same key there; others have it with the probability 2^-32.

    Args:
        table: of signatures.
        rows: columns of a band.
        seed: draws the hash function.

    Raises:
        BadValue: `rows` is below 1.
    """
    multipliers, offsets = _functions(rows, seed)
    bands = table.shape[1] // rows
    pieces = table[:, : bands * rows].reshape(len(table), bands, rows).astype(np.uint64)
    return np.asarray(((pieces * multipliers).sum(axis=2, dtype=np.uint64) + offsets[0]) >> np.uint64(32), np.uint32)


def candidate_pairs(table: NDArray[np.uint32], *, rows: int) -> list[tuple[int, int]]:
    """The pairs of rows of a table of signatures, uint32 (n, permutations), that agree on a band of that many columns; ascending."""
    full = np.flatnonzero((table != EMPTY).any(axis=1))
    found: set[tuple[int, int]] = set()
    for start in range(0, table.shape[1] - rows + 1, rows):
        buckets: dict[bytes, list[int]] = {}
        for place in full.tolist():
            buckets.setdefault(table[place, start : start + rows].tobytes(), []).append(place)
        for bucket in buckets.values():
            found.update(combinations(bucket, 2))
    return sorted(found)


def near_duplicates(
    texts: Mapping[str, str],
    *,
    threshold: float = 0.8,
    size: int = 3,
    unit: Literal["words", "characters"] = "words",
    permutations: int = 128,
    seed: int = 0,
) -> list[NearDuplicate]:
    """The pairs of texts whose shingles have a Jaccard similarity of `threshold` or more.

    No pair below the threshold is returned; one at the threshold is missed with a probability of 0.001 at most, one of equal texts never.

    Args:
        texts: by id.
        threshold: above 0, at most 1.
        size: of a shingle, in units.
        unit: "words" or "characters".
        permutations: of the signatures.
        seed: of the permutations.

    Raises:
        BadValue: an argument is out of its range.

    >>> near_duplicates({"a": "the cat sat on the mat", "b": "The cat sat on the mat.", "c": "a dog barks"})
    [NearDuplicate(first='a', second='b', jaccard=1.0)]
    """
    if not 0 < threshold <= 1:
        raise BadValue("threshold", threshold, "a similarity above 0, at most 1")
    ids = list(texts)
    sets = [shingles(text, size=size, unit=unit) for text in texts.values()]
    table = signatures(sets, permutations=permutations, seed=seed)
    pairs = candidate_pairs(table, rows=band_rows(permutations, threshold=threshold))
    compared = ((ids[first], ids[second], jaccard(sets[first], sets[second])) for first, second in pairs)
    return [NearDuplicate(*pair) for pair in compared if pair[2] >= threshold]


def by_document(pairs: Iterable[NearDuplicate]) -> dict[str, dict[str, float]]:
    """The similarity of each document's near-duplicates, by document; each pair stands there both ways."""
    table: dict[str, dict[str, float]] = {}
    for pair in pairs:
        table.setdefault(pair.first, {})[pair.second] = pair.jaccard
        table.setdefault(pair.second, {})[pair.first] = pair.jaccard
    return table


def _functions(permutations: int, seed: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """The multiplier and the offset of each function, uint64 (permutations,) each, drawn by a hash of the seed."""
    if permutations < 1:
        raise BadValue("permutations", permutations, "1 or more")
    digests = (hashlib.blake2b(f"{seed} {place}".encode(), digest_size=16).digest() for place in range(permutations))
    drawn = np.frombuffer(b"".join(digests), "<u8").astype(np.uint64).reshape(permutations, 2)
    return drawn[:, 0].copy(), drawn[:, 1].copy()
