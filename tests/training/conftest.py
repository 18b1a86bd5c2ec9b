"""A source of word pieces, made once a session."""

from pathlib import Path

import pytest

from tests.training.small import make_source


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the tokenizer and the word vectors of a model, as in BERT."""
    return make_source(tmp_path_factory.mktemp("source"))
