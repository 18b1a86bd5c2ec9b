"""Small models, made once a session."""

from pathlib import Path

import pytest

from tests.models.tiny import save_model


@pytest.fixture(scope="session")
def tiny_bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plain transformers folder with a small random BERT."""
    return save_model(tmp_path_factory.mktemp("bert"), "bert")


@pytest.fixture(scope="session")
def tiny_scorer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small random BERT with one logit."""
    return save_model(tmp_path_factory.mktemp("scorer"), "bert", head="AutoModelForSequenceClassification", num_labels=1)


@pytest.fixture(scope="session")
def tiny_two_logits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small random RoBERTa with two logits."""
    return save_model(tmp_path_factory.mktemp("two"), "roberta", head="AutoModelForSequenceClassification", num_labels=2)
