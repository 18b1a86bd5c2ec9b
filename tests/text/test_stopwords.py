import unicodedata

import pytest

from irloom.text.stemming import LANGUAGES
from irloom.text.stopwords import _LISTS, stopwords


def test_english_has_lucenes_33_words() -> None:
    assert len(stopwords("english")) == 33
    assert {"the", "such", "with"} <= stopwords("english")
    assert "from" not in stopwords("english")


@pytest.mark.parametrize("language", _LISTS)
def test_lists_are_lower_case_and_composed(language: str) -> None:
    words = stopwords(language)
    assert language in LANGUAGES
    assert all(word == unicodedata.normalize("NFC", word.lower()) for word in words)


def test_a_language_without_a_list_has_none() -> None:
    assert stopwords("tamil") == frozenset()
