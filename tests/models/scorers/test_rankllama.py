"""RankLLaMA against transformers' own classifier on one pair at a time."""

from pathlib import Path

import numpy as np
import pytest

from irloom.core.errors import BadValue, ModelError
from irloom.core.types import Document, Query
from irloom.models.decoders.sequence_head import SequenceHead
from irloom.models.scorers.rankllama import RankLLaMA
from tests.models.asked_decoders import save_asked
from tests.models.decoders.tiny_decoders import save_decoder
from tests.models.scorers.asked import GROUPS


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its tokenizer begins each side of a pair with `<s>`, as Llama 2's does."""
    return save_decoder(tmp_path_factory.mktemp("rank"), "llama", head="AutoModelForSequenceClassification", num_labels=1)


@pytest.mark.parametrize("end", [True, False])
def test_scores_are_those_of_the_model(folder: Path, end: bool) -> None:
    import torch
    import transformers

    scorer = RankLLaMA(SequenceHead(folder, device="cpu"), end=end)
    public = transformers.AutoModelForSequenceClassification.from_pretrained(str(folder)).eval()
    for (query, documents), found in zip(GROUPS, scorer.score(GROUPS), strict=True):
        assert found.dtype == np.float32
        for document, score in zip(documents, found, strict=True):
            head = scorer.head
            pair = [head.encode(text, special=True, plain=True) for text in (f"query: {query.text}", f"document: {document.full_text}")]
            ids = np.concatenate((*pair, [2] if end else []))
            with torch.inference_mode():
                logits = public(torch.tensor([ids.astype(int).tolist()]), attention_mask=torch.ones(1, len(ids))).logits
            np.testing.assert_allclose(score, logits[0, 0].item(), atol=1e-4)


def test_the_document_is_cut_and_the_end_token_stays(folder: Path) -> None:
    head = SequenceHead(folder, device="cpu", max_tokens=60)
    query = Query("q", "dog fox")
    (points,) = RankLLaMA(head).measure([(query, [Document("d", "sleeping " * 300), Document("e", "tea")])])
    assert (points.cut_documents, points.fallback) == (1, "")
    assert points.prompt_tokens <= 60 + 40
    (none,) = RankLLaMA(head).measure([(Query("q", "dog fox " * 60), [Document("d", "tea")])])
    assert "no room" in none.fallback
    assert none.scores.tolist() == [0]
    short = RankLLaMA(SequenceHead(folder, device="cpu"), document_tokens=30)
    cut = head.decode(head.encode("document: " + "sleeping " * 9, special=True)[:30])
    np.testing.assert_allclose(
        short.score([(query, [Document("d", "sleeping " * 9)])])[0],
        RankLLaMA(SequenceHead(folder, device="cpu")).score([(query, [Document("d", cut.removeprefix("document: "))])])[0],
        atol=1e-5,
    )


def test_models_that_do_not_fit(tmp_path: Path) -> None:
    three = save_asked(tmp_path / "three", head="AutoModelForSequenceClassification", num_labels=3)
    with pytest.raises(ModelError, match="the head gives 3 numbers; RankLLaMA's gives one"):
        RankLLaMA(three).warm_up()
    with pytest.raises(BadValue, match="document_tokens"):
        RankLLaMA(three, document_tokens=0)
