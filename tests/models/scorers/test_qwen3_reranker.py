"""Qwen3-Reranker's layout against the model's own logits, one pair at a time."""

from pathlib import Path

import numpy as np
import pytest

from irloom.core.errors import BadValue
from irloom.core.types import Document, Query
from irloom.models.decoders.decoder import Decoder
from irloom.models.scorers.qwen3_reranker import Qwen3Reranker
from tests.models.asked_decoders import save_asked
from tests.models.scorers.asked import GROUPS, causal, log_softmax, next_logits

BEFORE = (
    "<|im_start|>system\nJudge whether the Document meets the requirements based on the Query and the Instruct provided. "
    'Note that the answer can only be "yes" or "no".<|im_end|>\n<|im_start|>user\n'
)
AFTER = "<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n"
TASK = "Given a web search query, retrieve relevant passages that answer the query"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_asked(tmp_path_factory.mktemp("qwen3"), "qwen3")


def test_scores_are_those_of_the_model(folder: Path) -> None:
    decoder, model = Decoder(folder, device="cpu"), causal(folder)
    both = [decoder.token("yes"), decoder.token("no")]
    for (query, documents), found in zip(GROUPS, Qwen3Reranker(decoder).score(GROUPS), strict=True):
        for document, score in zip(documents, found, strict=True):
            body = f"<Instruct>: {TASK}\n<Query>: {query.text}\n<Document>: {document.full_text}"
            ids = np.concatenate((decoder.encode(BEFORE), decoder.encode(body, plain=True), decoder.encode(AFTER)))
            np.testing.assert_allclose(score, log_softmax(next_logits(model, ids)[both])[0], atol=1e-4)


def test_an_instruction_changes_scores(folder: Path) -> None:
    usual, other = Qwen3Reranker(str(folder)), Qwen3Reranker(str(folder), instruction="Find tea")
    assert not np.allclose(usual.score(GROUPS)[0], other.score(GROUPS)[0])
    assert usual.fingerprint != other.fingerprint


def test_the_document_is_cut_and_the_query_never_is(folder: Path) -> None:
    scorer = Qwen3Reranker(Decoder(folder, device="cpu"), max_tokens=400)
    query = Query("q", "dog fox")
    (points,) = scorer.measure([(query, [Document("d", "sleeping " * 700), Document("e", "tea")])])
    assert (points.cut_documents, points.fallback) == (1, "")
    assert points.prompt_tokens <= 800
    (none,) = scorer.measure([(Query("q", "dog fox " * 300), [Document("d", "tea")])])
    assert "no room" in none.fallback
    few = Qwen3Reranker(str(folder), document_tokens=3)
    cut = scorer.decoder.decode(scorer.decoder.encode("sleeping dogs lie")[:3])
    np.testing.assert_allclose(
        few.score([(query, [Document("d", "sleeping dogs lie")])])[0],
        Qwen3Reranker(str(folder)).score([(query, [Document("d", cut)])])[0],
        atol=1e-5,
    )
    with pytest.raises(BadValue, match="document_tokens"):
        Qwen3Reranker(str(folder), document_tokens=0)
