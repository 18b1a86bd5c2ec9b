"""Counting in the forward file."""

import numpy as np

from irloom.indexing.kernels.forward import count_terms
from irloom.indexing.kernels.layout import WORD_BITS


def test_count_terms() -> None:
    words = np.array([0, 2, 3, 1, 2, 0], np.uint32) << np.uint32(WORD_BITS) | np.uint32(5)
    df = np.zeros(4, np.int32)
    assert count_terms(words, np.array([0, 3, 3, 5, 6]), np.array([0, 1, 2]), df)
    assert df.tolist() == [1, 1, 2, 1]


def test_a_term_that_there_is_not() -> None:
    words = np.array([0, 2], np.uint32) << np.uint32(WORD_BITS)
    assert not count_terms(words, np.array([0, 2]), np.array([0]), np.zeros(2, np.int32))
