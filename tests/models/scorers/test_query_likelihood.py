"""Query likelihood: both kinds of models against their own logits."""

from pathlib import Path

import numpy as np
import pytest

from irloom.core.errors import ModelError
from irloom.core.types import Document, Query
from irloom.models.decoders.decoder import Decoder
from irloom.models.scorers.query_likelihood import QueryLikelihood
from irloom.models.seq2seq import Seq2Seq
from tests.fakes_llm import FakeGenerator
from tests.models.asked_decoders import save_asked
from tests.models.scorers.asked import GROUPS, causal, log_softmax
from tests.models.tiny_t5 import save_t5


def test_an_encoder_decoder_writes_its_start_token_too(tmp_path: Path) -> None:
    import torch
    import transformers

    model = Seq2Seq(save_t5(tmp_path / "t5"), device="cpu")
    public = transformers.T5ForConditionalGeneration.from_pretrained(tmp_path / "t5").eval()
    for (query, documents), found in zip(GROUPS, QueryLikelihood(model).score(GROUPS), strict=True):
        for document, score in zip(documents, found, strict=True):
            text = f"Passage: {document.full_text}\nPlease write a question based on this passage."
            labels = torch.tensor([[0, *model.encode(query.text)]])
            with torch.inference_mode():
                out = public(input_ids=torch.tensor([model.encode(text, special=True).tolist()]), labels=labels)
                likely = -torch.nn.functional.cross_entropy(out.logits[0], labels[0], reduction="sum")
            np.testing.assert_allclose(score, likely.item(), atol=1e-3)


@pytest.mark.parametrize("chat", [True, False])
def test_a_decoder_writes_the_query(tmp_path: Path, chat: bool) -> None:
    import torch

    decoder = Decoder(save_asked(tmp_path / "asked", chat=chat), device="cpu")
    model = causal(tmp_path / "asked")
    for (query, documents), found in zip(GROUPS, QueryLikelihood(decoder).score(GROUPS), strict=True):
        for document, score in zip(documents, found, strict=True):
            if "<|" in document.text:
                continue
            text = f"Passage: {document.full_text}\nPlease write a question based on this passage."
            prompt = f"<|im_start|>user\n{text}<|im_end|>\n<|im_start|>assistant\n" if chat else f"{text}\n"
            context, labels = decoder.encode(prompt).tolist(), decoder.encode(query.text).tolist()
            with torch.inference_mode():
                logits = model(torch.tensor([context + labels])).logits[0].double().numpy()
            likely = log_softmax(logits)[np.arange(len(context) - 1, len(context) + len(labels) - 1), labels]
            np.testing.assert_allclose(score, likely.sum(), atol=1e-3)


def test_room_is_left_for_the_query(tmp_path: Path) -> None:
    decoder = Decoder(save_asked(tmp_path / "asked"), device="cpu", max_tokens=120)
    scorer = QueryLikelihood(decoder)
    (points,) = scorer.measure([(Query("q", "dog fox"), [Document("d", "sleeping " * 100)])])
    assert points.cut_documents == 1
    assert points.prompt_tokens <= 120
    (none,) = scorer.measure([(Query("q", "dog fox " * 100), [Document("d", "sleeping")])])
    assert none.fallback


def test_texts_alone_are_not_enough() -> None:
    with pytest.raises(ModelError, match="does not tell how likely a given text is"):
        QueryLikelihood(FakeGenerator(["no"])).score(GROUPS)
