"""DuoT5 against T5's own first logits."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from irloom.core.errors import BadValue, ModelError
from irloom.core.types import Document, Query
from irloom.models.seq2seq import Seq2Seq
from irloom.rerankers.comparators.contract import FAILED
from irloom.rerankers.comparators.duot5 import DuoT5
from irloom.rerankers.schedules.all_pairs import AllPairs
from irloom.rerankers.schedules.drive import about_pairs, drive
from tests.models.scorers.asked import log_softmax
from tests.models.tiny_t5 import save_t5

QUERY = Query("q", "red fox")
DOCUMENTS = [
    Document(f"d{place}", text) for place, text in enumerate(["red fox sings", "blue whale", "", "the quick brown dog " * 6, "owl"])
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_t5(tmp_path_factory.mktemp("t5"))


def probability(model: Seq2Seq, public: Any, first: str, second: str) -> float:
    import torch

    ids = model.encode(f"Query: {QUERY.text} Document0: {first} Document1: {second} Relevant:", special=True)
    with torch.inference_mode():
        logits = public(input_ids=torch.tensor([ids.tolist()]), decoder_input_ids=torch.tensor([[0]])).logits[0, 0].double().numpy()
    return float(np.exp(log_softmax(logits[[model.token("true"), model.token("false")]]))[0])


def test_probabilities_and_the_published_sum(folder: Path) -> None:
    import transformers

    model = Seq2Seq(folder, device="cpu")
    public = transformers.T5ForConditionalGeneration.from_pretrained(folder).eval()
    n = len(DOCUMENTS)
    p = np.array([[probability(model, public, a.text, b.text) for b in DOCUMENTS] for a in DOCUMENTS])
    pairs = [(QUERY, DOCUMENTS[i], DOCUMENTS[j]) for i in range(n) for j in range(n) if i != j]
    once = [answer.value for answer in DuoT5(model, both_orders=False).compare(pairs)]
    np.testing.assert_allclose(once, p[~np.eye(n, dtype=bool)], atol=1e-4)
    both = [answer.value for answer in DuoT5(model).compare(pairs)]
    np.testing.assert_allclose(both, ((p + 1 - p.T) / 2)[~np.eye(n, dtype=bool)], atol=1e-4)
    for both_orders, sums in (
        (True, [sum(p[i, j] + 1 - p[j, i] for j in range(n) if j != i) for i in range(n)]),  # "sum-sum"
        (False, [sum(p[i, j] if i < j else 1 - p[j, i] for j in range(n) if j != i) for i in range(n)]),  # the toolkit's
    ):
        comparator = DuoT5(model, both_orders=both_orders)
        (outcome,) = drive(AllPairs(), [n], about_pairs(comparator.compare, [(QUERY, DOCUMENTS)]), top=n)
        assert outcome.order == sorted(range(n), key=lambda place: -sums[place])
        assert outcome.spent.calls == n * (n - 1) // (1 if both_orders else 2)


def test_documents_are_cut_and_the_query_never_is(folder: Path) -> None:
    comparator = DuoT5(Seq2Seq(folder, device="cpu"), max_tokens=120)
    long = Document("l", "blue whale " * 100)
    cut, none = comparator.compare([(QUERY, long, DOCUMENTS[0]), (Query("x", "red fox " * 60), *DOCUMENTS[:2])])
    assert cut.spent.prompt_tokens <= 2 * (120 - 64)
    assert cut.fault == ""
    assert (none.value, none.fault) == (0.5, FAILED)


def test_bad_models_and_settings(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="'true' is not one token"):
        DuoT5(save_t5(tmp_path / "spelt", whole=False)).compare([(QUERY, *DOCUMENTS[:2])])
    with pytest.raises(BadValue, match="max_tokens"):
        DuoT5(folder, max_tokens=70)
    assert len({DuoT5(folder).fingerprint, DuoT5(folder, both_orders=False).fingerprint, DuoT5(folder, max_tokens=100).fingerprint}) == 3

    class Broken(Seq2Seq):
        def next_logits(self, inputs, *, tokens=None, start=()):  # type: ignore[no-untyped-def]
            return super().next_logits(inputs, tokens=tokens, start=start) * np.nan

    with pytest.raises(ModelError, match="query 'q': the comparison of documents 'd0' and 'd1' is NaN"):
        DuoT5(Broken(folder, device="cpu")).compare([(QUERY, *DOCUMENTS[:2])])
