"""Texts in one array of bytes against a key: Python's order of bytes is the truth."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from irloom.indexing.byte_order import compare_bytes

BYTES = st.binary(max_size=4) | st.lists(st.sampled_from([0, 97, 255]), max_size=4).map(bytes)


@given(st.lists(BYTES), BYTES)
def test_order_of_bytes(texts: list[bytes], key: bytes) -> None:
    offsets = np.cumsum([0, *map(len, texts)])
    data = np.frombuffer(b"".join(texts), np.uint8)
    assert compare_bytes(data, offsets[:-1], offsets[1:], key).tolist() == [(text > key) - (text < key) for text in texts]
