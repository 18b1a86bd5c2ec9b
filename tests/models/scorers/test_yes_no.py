"""Yes or no: both kinds of models against their own logits, one pair at a time."""

from pathlib import Path

import numpy as np
import pytest

from irloom.core.errors import BadValue, ModelError
from irloom.core.types import Document, Query
from irloom.models.decoders.decoder import Decoder
from irloom.models.scorers.points import NO_ROOM
from irloom.models.scorers.yes_no import ALL, YesNo
from irloom.models.seq2seq import Seq2Seq
from tests.fakes_llm import FakeGenerator
from tests.models.asked_decoders import save_asked
from tests.models.scorers.asked import GROUPS, causal, log_softmax, next_logits
from tests.models.tiny_t5 import save_t5


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_asked(tmp_path_factory.mktemp("asked"))


@pytest.fixture(scope="module")
def t5(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_t5(tmp_path_factory.mktemp("t5"), gated=True)


def test_a_decoder_by_all_spellings(llama: Path) -> None:
    decoder = Decoder(llama, device="cpu")
    scores = YesNo(decoder).score(GROUPS)
    model = causal(llama)
    for (query, documents), found in zip(GROUPS, scores, strict=True):
        assert found.shape == (len(documents),)
        assert found.dtype == np.float32
        for document, score in zip(documents, found, strict=True):
            text = f"Passage: {document.full_text}\nQuery: {query.text}\nDoes the passage answer the query? Answer 'Yes' or 'No'"
            prompt = f"<|im_start|>user\n{decoder.text.harmless(text)}<|im_end|>\n<|im_start|>assistant\n"
            assert (decoder.encode(prompt) == decoder.token("<|im_end|>")).sum() == 1  # a document cannot close its turn
            logits = next_logits(model, decoder.encode(prompt))
            sides = [sum(np.exp(logits[token]) for token in {decoder.token(word) for word in words}) for words in ALL]
            np.testing.assert_allclose(np.exp(score), sides[0] / sum(sides), atol=1e-4)
    assert scores[0][0] == scores[0][4]  # equal documents have equal scores, bit for bit


def test_an_encoder_decoder_by_its_first_step(t5: Path) -> None:
    import torch
    import transformers

    model = Seq2Seq(t5, device="cpu")
    public = transformers.T5ForConditionalGeneration.from_pretrained(t5).eval()
    scores = YesNo(model).score(GROUPS)
    for (query, documents), found in zip(GROUPS, scores, strict=True):
        for document, score in zip(documents, found, strict=True):
            text = f"Passage: {document.full_text}\nQuery: {query.text}\nDoes the passage answer the query? Answer 'Yes' or 'No'"
            with torch.inference_mode():
                ids = torch.tensor([model.encode(text, special=True).tolist()])
                logits = public(input_ids=ids, decoder_input_ids=torch.tensor([[0]])).logits[0, 0].double().numpy()
            both = log_softmax(logits[[model.token("Yes"), model.token("No")]])
            np.testing.assert_allclose(score, both[0], atol=1e-4)
            assert np.isclose(np.exp(both).sum(), 1)


def test_scores_do_not_depend_on_the_other_documents(llama: Path) -> None:
    scorer = YesNo(str(llama))
    whole = scorer.score(GROUPS)
    for (query, documents), found in zip(GROUPS, whole, strict=True):
        alone = [scorer.score([(query, [document])])[0][0] for document in documents]
        np.testing.assert_allclose(alone, found, atol=1e-5)
        turned = scorer.score([(query, documents[::-1])])[0][::-1]
        np.testing.assert_allclose(turned, found, atol=1e-5)


def test_long_texts_are_cut_and_the_query_never_is(llama: Path) -> None:
    scorer = YesNo(Decoder(llama, device="cpu", max_tokens=200), document_tokens=150)
    query = Query("q", "dog fox")
    (points,) = scorer.measure([(query, [Document("d", "sleeping " * 500), Document("e", "tea")])])
    assert points.cut_documents == 1
    assert points.calls == 2
    assert points.prompt_tokens <= 2 * 200
    assert np.isfinite(points.scores).all()
    (none, other) = scorer.measure([(Query("q", "dog fox " * 300), [Document("d", "sleeping")]), (query, [Document("e", "tea")])])
    assert (none.fallback, none.scores.tolist(), none.calls) == (NO_ROOM, [0.0], 0)
    assert other.scores[0] == pytest.approx(points.scores[1], abs=1e-5)


def test_a_published_limit_on_the_query(llama: Path) -> None:
    short = YesNo(str(llama), query_tokens=2).score([(Query("q", "dog fox owl"), [Document("d", "tea")])])
    decoder = Decoder(llama, device="cpu")
    cut = decoder.decode(decoder.encode("dog fox owl")[:2])
    assert short[0] == YesNo(decoder).score([(Query("q", cut), [Document("d", "tea")])])[0]


def test_labels_that_are_several_tokens(tmp_path: Path) -> None:
    spelt = save_t5(tmp_path / "spelt", whole=False)
    with pytest.raises(ModelError, match=r"'Yes' is not one token.*compare by generated text"):
        YesNo(str(spelt)).score(GROUPS)


def test_what_cannot_be_asked(llama: Path) -> None:
    with pytest.raises(ModelError, match="FakeGenerator gives texts alone"):
        YesNo(FakeGenerator(["Yes"])).score(GROUPS)
    with pytest.raises(BadValue, match="model is 5; expected a folder"):
        YesNo(5).score(GROUPS)  # type: ignore[arg-type]
    with pytest.raises(BadValue, match="document_tokens"):
        YesNo(str(llama), document_tokens=0)


def test_fingerprints(llama: Path, t5: Path) -> None:
    scorers = [YesNo(str(llama)), YesNo(str(t5)), YesNo(str(llama), query_tokens=32), YesNo(str(llama), document_tokens=100)]
    assert len({scorer.fingerprint for scorer in scorers}) == 4
    assert scorers[0].fingerprint == YesNo(Decoder(llama)).fingerprint
