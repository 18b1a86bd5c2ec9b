"""The contrastive score: worked values, and the same over a model."""

import numpy as np
import pytest

from irloom.core.errors import BadValue, DataError
from irloom.rerankers.attention.core_detection import contrast, core_scores
from irloom.rerankers.attention.examples import Example
from irloom.rerankers.attention.layouts import Layout
from irloom.rerankers.attention.lists import ListScorer
from irloom.rerankers.attention.prompt import PromptWriter
from irloom.rerankers.attention.scoring import Signal
from tests.fakes_llm import FakeDecoder


def test_the_fixture() -> None:
    # softmax over (.5, .3, .2): 1 / (1 + exp(-.2) + exp(-.3)) = .390694; over (50, 30, 20): 1 - 2.1e-9
    masses = np.array([0.05, 0.03, 0.02], np.float32)
    assert contrast(masses, 0, tau=0.1) == pytest.approx(0.390694, abs=1e-6)
    assert contrast(masses, 0, tau=0.001) == pytest.approx(0.999999998, abs=1e-9)
    assert contrast(masses[:1], 0, tau=0.1) == 1.0  # nothing to be told from
    for tau in (0.0, -1.0, float("nan")):
        with pytest.raises(BadValue):
            contrast(masses, 0, tau=tau)


def test_over_examples() -> None:
    decoder = FakeDecoder()
    layout = Layout("T:", "\n", "[document {}] ", "Query: ", "", identifier_counts=False)
    scorer = ListScorer(PromptWriter(decoder, layout), Signal(decoder, "no_calibration"), backwards=False)
    some = [Example("red fox", ("blue whale", "red fox", "an owl"), (0, 1, 0), (1,)), Example("owl", ("an owl", "a cat"), (2, 0), (2,))]
    scores = core_scores(scorer, some, tau=0.1)
    expected = [contrast(scorer.per_head(example.query, example.texts), int(np.argmax(example.grades)), tau=0.1) for example in some]
    assert scores == pytest.approx(np.mean(expected, axis=0))
    assert (scores > 1 / 3).all()
    with pytest.raises(DataError):
        core_scores(scorer, [], tau=0.1)
