"""CrossEncoder against sentence-transformers' CrossEncoder on the same folder."""

from pathlib import Path

import numpy as np
import pytest

from irloom.core.types import Document, Query
from irloom.models.scorers.cross_encoder import CrossEncoder
from tests.models.tiny import TEXTS, save_model

pytestmark = pytest.mark.parity
LONG = " ".join(TEXTS * 3)
QUERIES = ["which fox jumps", "tea in Zürich", LONG]
DOCUMENTS = [*TEXTS, LONG, LONG[40:300]]
GROUPS = [(Query(str(n), query), [Document(str(m), text) for m, text in enumerate(DOCUMENTS[n:])]) for n, query in enumerate(QUERIES)]
PAIRS = [(query.text, document.text) for query, documents in GROUPS for document in documents]


@pytest.mark.parametrize("backend", ["auto", "transformers"])
@pytest.mark.parametrize("labels", [1, 2])
@pytest.mark.parametrize("kind", ["bert", "electra", "roberta", "distilbert"])
def test_scores_equal_sentence_transformers(tmp_path: Path, kind: str, labels: int, backend: str) -> None:
    library = pytest.importorskip("sentence_transformers", reason="sentence-transformers is not installed")
    torch = pytest.importorskip("torch")
    folder = save_model(tmp_path / kind, kind, head="AutoModelForSequenceClassification", num_labels=labels)
    peer = library.CrossEncoder(str(folder), device="cpu")
    expected = peer.predict(PAIRS, activation_fn=torch.nn.Identity(), show_progress_bar=False).reshape(len(PAIRS), labels)
    ours = CrossEncoder(folder, truncation="longest_first", activation="logit", label=labels - 1, device="cpu", backend=backend)
    scores = ours.score(GROUPS)
    assert [len(row) for row in scores] == [len(documents) for _, documents in GROUPS]
    np.testing.assert_allclose(np.concatenate(scores), expected[:, labels - 1], atol=1e-5, rtol=0)
    assert expected.std() > 0.01


@pytest.mark.parametrize("named", [None, "torch.nn.modules.linear.Identity", "torch.nn.modules.activation.Sigmoid"])
def test_the_saved_activation_is_the_one_that_sentence_transformers_uses(tmp_path: Path, named: str | None) -> None:
    library = pytest.importorskip("sentence_transformers", reason="sentence-transformers is not installed")
    extra = {} if named is None else {"sbert_ce_default_activation_function": named}
    folder = save_model(tmp_path, "bert", head="AutoModelForSequenceClassification", num_labels=1, **extra)
    expected = library.CrossEncoder(str(folder), device="cpu").predict(PAIRS, show_progress_bar=False)
    scores = CrossEncoder(folder, truncation="longest_first", activation="saved", device="cpu").score(GROUPS)
    np.testing.assert_allclose(np.concatenate(scores), expected, atol=1e-5, rtol=0)


def test_a_folder_saved_by_sentence_transformers_loads(tmp_path: Path) -> None:
    library = pytest.importorskip("sentence_transformers", reason="sentence-transformers is not installed")
    source = save_model(tmp_path / "plain", "bert", head="AutoModelForSequenceClassification", num_labels=1)
    peer = library.CrossEncoder(str(source), device="cpu")
    peer.save_pretrained(str(tmp_path / "saved"))
    expected = peer.predict(PAIRS, show_progress_bar=False)
    scores = CrossEncoder(tmp_path / "saved", truncation="longest_first", activation="saved", device="cpu").score(GROUPS)
    np.testing.assert_allclose(np.concatenate(scores), expected, atol=1e-5, rtol=0)
