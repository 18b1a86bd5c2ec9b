"""QRHead's criteria: nDCG by each head alone, against irloom's measure; mass on the relevant; the order of queries does not count."""

import numpy as np
import pytest

from irloom.core.errors import BadValue, DataError
from irloom.core.run import Run
from irloom.eval.evaluate import evaluate
from irloom.models.decoders.decoder import Decoder
from irloom.rerankers.attention.examples import Example
from irloom.rerankers.attention.layouts import FAMILIES, icr_layout
from irloom.rerankers.attention.lists import ListScorer
from irloom.rerankers.attention.prompt import PromptWriter
from irloom.rerankers.attention.qrhead_detection import ndcg_of, qrhead_scores
from irloom.rerankers.attention.scoring import Signal
from tests.rerankers.attention.seeded import QUERY, TEXTS


@pytest.mark.parametrize("seed", range(3))
def test_ndcg_equals_the_measure(seed: int) -> None:
    generator = np.random.default_rng(seed)
    scores = generator.normal(size=(2, 3, 15)).astype(np.float32)
    grades = generator.integers(0, 3, 15)
    qrels = {"q": {f"d{place:02}": int(grade) for place, grade in enumerate(grades)} | {"lost": 2}}
    found = ndcg_of(scores, grades.astype(np.float64), np.array([*grades[grades > 0], 2], np.float64))
    for place in np.ndindex(2, 3):
        run = Run.from_dict({"q": {f"d{number:02}": float(score) for number, score in enumerate(scores[place])}})
        assert found[place] == pytest.approx(evaluate(run, qrels, ["nDCG@10"]).mean("nDCG@10"), abs=1e-6)


def examples() -> list[Example]:
    return [Example(QUERY, tuple(TEXTS), (0, 1, 0), (1,)), Example("owls at night", tuple(TEXTS[::-1]), (1, 0, 0), (1,))]


def test_scores(seeded: Decoder) -> None:
    scorer = ListScorer(PromptWriter(seeded, icr_layout(FAMILIES["llama-3"])), Signal(seeded), backwards=False)
    scores = qrhead_scores(scorer, examples())
    assert scores.shape == (4, 4)
    assert ((scores > 0) & (scores <= 1)).all()
    assert qrhead_scores(scorer, examples()[::-1]) == pytest.approx(scores)
    mass = qrhead_scores(scorer, examples()[:1], criterion="mass")
    assert mass == pytest.approx(scorer.per_head(QUERY, TEXTS)[..., 1], abs=1e-7)
    blank = [Example("N/A", tuple(TEXTS), (0, 1, 0), (1,))]
    assert not qrhead_scores(scorer, blank, criterion="mass").any()
    with pytest.raises(BadValue, match="criterion"):
        qrhead_scores(scorer, examples(), criterion="map")
    with pytest.raises(DataError, match="heads cannot be found"):
        qrhead_scores(scorer, [])
