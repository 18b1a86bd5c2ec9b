"""Documents as callers give them."""

from typing import Any

import numpy as np
import pytest

from irloom.core.errors import BadValue, DataError
from irloom.core.types import Document
from irloom.indexing.checked_documents import checked_documents


def test_what_is_right_passes_as_it_is() -> None:
    documents = [Document("a", "x"), Document("b", "", "t", parent="a", meta={"n": 1, "f": 0.5, "b": True, "s": "x"})]
    assert [id(document) for document in checked_documents(documents)] == [id(document) for document in documents]


def test_numbers_of_numpy_and_lists_are_taken_as_python_has_them() -> None:
    meta: dict[str, Any] = {"i": np.int64(5), "f": np.float32(0.5), "b": np.bool_(True), "t": ["x", "y"], "u": ("z",)}
    (document,) = checked_documents([Document("a", "x", meta=meta)])
    assert document.meta == {"i": 5, "f": 0.5, "b": True, "t": ("x", "y"), "u": ("z",)}
    assert [type(document.meta[name]) for name in "ifb"] == [int, float, bool]


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (Document(5, "x"), "id of document 1"),  # type: ignore[arg-type]
        (Document("a", None), "text of document 1 \\(id 'a'\\)"),  # type: ignore[arg-type]
        (Document("a", "x", title=b"t"), "title of document 1"),  # type: ignore[arg-type]
        (Document("a", "x", meta=None), "meta of document 'a'"),  # type: ignore[arg-type]
        (Document("a", "x", meta={5: "x"}), "a name in the metadata of document 'a' is 5"),  # type: ignore[dict-item]
        (Document("a", "x", meta={"m": {"b": 1}}), "metadata 'm' of document 'a'"),  # type: ignore[dict-item]
        (Document("a", "x", meta={"m": b"x"}), "metadata 'm'"),  # type: ignore[dict-item]
        (Document("a", "x", meta={"m": ("x", 1)}), "metadata 'm'"),  # type: ignore[dict-item]
        (("a", "x"), "document 1 is"),
    ],
)
def test_what_is_wrong_is_named(document: Document, words: str) -> None:
    with pytest.raises(BadValue, match=words):
        list(checked_documents([document]))


def test_an_empty_id() -> None:
    with pytest.raises(DataError, match="document 2 has an empty id"):
        list(checked_documents([Document("a", ""), Document("", "x")]))
