"""The first tokens of a text, without splitting the whole of a long one."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

LETTERS = 64
"""Characters for each token that is wanted: of a text no longer than that many the whole is split."""

Ids = NDArray[np.int64]


def first_tokens(text: str, most: int, *, encode: Callable[[str], Ids], decode: Callable[[Ids], str]) -> str:
    """The text, or its first `most` tokens where it has more.

    Where the beginning of a long text has twice as many tokens as are wanted, the rest is not looked at: what follows changes at most
    how the end of that beginning is split.

    Args:
        text: of any length.
        most: tokens that are wanted, 1 or more.
        encode: a text to its tokens, int64 (n,).
        decode: tokens to their text.

    >>> encode = lambda text: np.array([ord(letter) for letter in text])
    >>> first_tokens("abcdef", 3, encode=encode, decode=lambda ids: "".join(map(chr, ids)))
    'abc'
    """
    beginning = text[: LETTERS * most]
    ids = encode(beginning)
    if len(beginning) < len(text) and len(ids) < 2 * most:
        ids = encode(text)
    return text if len(ids) <= most else decode(ids[:most])
