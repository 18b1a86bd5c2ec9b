"""What is read of a document."""

import pytest

from irloom.core.errors import BadValue
from irloom.core.types import Document
from irloom.rerankers.attention.document_text import DocumentText


def test_title_and_words() -> None:
    document = Document("d", "one two  three four", title="Title")
    assert DocumentText()(document) == "Title\none two  three four"
    assert DocumentText(words=3)(document) == "Title\none two"  # two blanks part an empty word, as the published runs had it
    assert DocumentText(title=False)(document) == "one two  three four"
    assert DocumentText()(Document("d", " text ")) == "text"
    assert DocumentText(words=None)(Document("d", "a " * 1000)) == ("a " * 1000).strip()
    assert DocumentText()(Document("d", "")) == ""
    with pytest.raises(BadValue):
        DocumentText(words=0)
