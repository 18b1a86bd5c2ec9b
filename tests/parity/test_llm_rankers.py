"""Pointwise, pairwise and setwise prompting against the published code (package llm-rankers) on the same small models.

The package is written for transformers 4; what it calls by old names is handed to it: a tokenizer by AutoTokenizer, models on the CPU, and
data loaded without processes. Texts are of one length in a pair, since it gives T5 no attention mask there.
"""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from irloom.core.types import Document, Query
from irloom.models.decoders.decoder import Decoder
from irloom.models.scorers.query_likelihood import QueryLikelihood
from irloom.models.scorers.yes_no import YesNo
from irloom.models.seq2seq import Seq2Seq
from irloom.rerankers.comparators.prp import PairwisePrompting
from irloom.rerankers.comparators.setwise import SetwisePrompting
from tests.models.asked_decoders import save_asked
from tests.models.tiny_t5 import save_t5

PEER = ("llmrankers", "tiktoken", "openai")
pytestmark = [
    pytest.mark.parity,
    pytest.mark.skipif(any(find_spec(name) is None for name in PEER), reason="llm-rankers is not installed"),
]
QUERY = Query("q", "which red fox sings")
TEXTS = ["red fox sings", "blue whale runs", "the quick dog", "owl sleeps on", "green fox runs", "Does the owl", "lazy brown dog"]
DOCUMENTS = [Document(str(place), text) for place, text in enumerate(TEXTS)]


class Loaded:
    """Stands for a class of transformers: leaves out devices and types, and gives a tokenizer its old name for a call."""

    def __init__(self, kind: Any) -> None:
        self.kind = kind

    def from_pretrained(self, folder: str, **_: Any) -> Any:
        loaded = self.kind.from_pretrained(folder)
        if hasattr(loaded, "eval"):
            return loaded.eval()
        loaded.batch_encode_plus = loaded.__call__
        return loaded


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    def module(name: str) -> Any:
        import torch
        import transformers

        loaded = __import__(f"llmrankers.{name}", fromlist=["_"])
        monkeypatch.setattr(loaded, "T5Tokenizer", Loaded(transformers.AutoTokenizer))
        monkeypatch.setattr(loaded, "T5ForConditionalGeneration", Loaded(transformers.T5ForConditionalGeneration))
        monkeypatch.setattr(loaded, "AutoModelForCausalLM", Loaded(transformers.AutoModelForCausalLM), raising=False)
        loader = torch.utils.data.DataLoader
        monkeypatch.setattr(loaded, "DataLoader", lambda data, **given: loader(data, **{**given, "num_workers": 0}), raising=False)
        return loaded

    return module


@pytest.mark.parametrize(("method", "ours"), [("yes_no", YesNo), ("qlm", QueryLikelihood)])
def test_pointwise(tmp_path: Path, published: Callable[[str], Any], method: str, ours: Any) -> None:
    folder = save_t5(tmp_path, gated=True)
    module = published("pointwise")
    ranker = module.PointwiseLlmRanker(str(folder), None, "cpu", method=method, batch_size=3)
    given = [module.SearchResult(docid=document.id, score=0.0, text=f"{document.text} red" * int(document.id)) for document in DOCUMENTS]
    documents = [Document(one.docid, one.text) for one in given]
    (scores,) = ours(Seq2Seq(folder, device="cpu")).score([(QUERY, documents)])
    ranked = ranker.rerank(QUERY.text, given)
    found = np.array([next(one.score for one in ranked if one.docid == document.id) for document in documents])
    np.testing.assert_allclose(np.exp(scores) if method == "yes_no" else scores, found, atol=1e-4, rtol=1e-4)
    assert found.std() > 1e-3


@pytest.mark.parametrize("kind", ["t5", "llama"])
def test_pairwise(tmp_path: Path, published: Callable[[str], Any], kind: str) -> None:
    folder, model = _saved(tmp_path, kind)
    ranker = published("pairwise").PairwiseLlmRanker(str(folder), None, "cpu", method="heapsort", batch_size=2)
    pairs = [(one, other) for one in DOCUMENTS for other in DOCUMENTS if one is not other]
    answers = PairwisePrompting(model).compare([(QUERY, *pair) for pair in pairs])
    told = [tuple(ranker.compare(QUERY.text, [one.text, other.text])) for one, other in pairs]
    wins = {("Passage A", "Passage B"): 1.0, ("Passage B", "Passage A"): 0.0}
    assert [answer.value for answer in answers] == [wins.get(one, 0.5) for one in told]


@pytest.mark.parametrize(("kind", "scoring"), [("t5", "generation"), ("t5", "likelihood"), ("llama", "generation")])
def test_setwise(tmp_path: Path, published: Callable[[str], Any], kind: str, scoring: str) -> None:
    folder, model = _saved(tmp_path, kind)
    ranker = published("setwise").SetwiseLlmRanker(str(folder), None, "cpu", scoring=scoring)
    sets = [[DOCUMENTS[(first + step * place) % 7] for place in range(size)] for size in (2, 3, 4) for step in (1, 2) for first in range(7)]
    answers = SetwisePrompting(model, scoring=scoring).select([(QUERY, some) for some in sets])
    for some, answer in zip(sets, answers, strict=True):
        told = ranker.compare(QUERY.text, some)
        place = ranker.CHARACTERS.index(told) if told in ranker.CHARACTERS else 0
        assert max(answer.value, 0) == (place if place < len(some) else 0)


def _saved(folder: Path, kind: str) -> tuple[Path, Any]:
    if kind == "t5":
        return folder, Seq2Seq(save_t5(folder, gated=True), device="cpu")
    return folder, Decoder(save_asked(folder, "llama"), device="cpu")
