"""MonoT5 against T5's own first logits, and its mask, its limit and its words."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from irloom.core.errors import BadValue, ModelError
from irloom.core.types import Document, Query
from irloom.models.scorers.monot5 import MonoT5
from irloom.models.seq2seq import Seq2Seq
from tests.models.scorers.asked import GROUPS, log_softmax
from tests.models.tiny_t5 import save_t5

MIXED = [
    (Query("q", "red fox"), [Document(f"d{n}", " ".join(["the quick brown dog sleeps"] * n)) for n in (9, 0, 1, 5, 40)]),
    (Query("r", "which whale sings this passage based on the following"), [Document("e", "blue whale")]),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_t5(tmp_path_factory.mktemp("t5"))


def test_scores_are_those_of_the_model(folder: Path) -> None:
    import torch
    import transformers

    model = Seq2Seq(folder, device="cpu")
    public = transformers.T5ForConditionalGeneration.from_pretrained(folder).eval()
    both = [model.token("true"), model.token("false")]
    for (query, documents), found in zip([*GROUPS, *MIXED], MonoT5(model).score([*GROUPS, *MIXED]), strict=True):
        for document, score in zip(documents, found, strict=True):
            ids = model.encode(f"Query: {query.text} Document: {document.full_text} Relevant:", special=True)
            with torch.inference_mode():
                out = public(input_ids=torch.tensor([ids.tolist()]), decoder_input_ids=torch.tensor([[0]]))
            likely = log_softmax(out.logits[0, 0].double().numpy()[both])
            np.testing.assert_allclose(score, likely[0], atol=1e-4)
            assert np.exp(likely).sum() == pytest.approx(1)


def test_a_batch_of_mixed_lengths_equals_one_by_one(folder: Path) -> None:
    """The mask test: without it the short ones would read the padding of the long ones."""
    scorer = MonoT5(Seq2Seq(folder, device="cpu", batch_tokens=100_000))
    for (query, documents), found in zip(MIXED, scorer.score(MIXED), strict=True):
        alone = [scorer.score([(query, [document])])[0][0] for document in documents]
        np.testing.assert_allclose(found, alone, atol=1e-5)


def test_a_blank_behind_the_prompt_is_nothing(folder: Path) -> None:
    model = Seq2Seq(folder)
    with_blank, without = (model.encode(f"Query: red fox Document: owl Relevant:{blank}", special=True) for blank in (" ", ""))
    np.testing.assert_array_equal(with_blank, without)


def test_the_document_is_cut_and_the_rest_stays(folder: Path) -> None:
    seen: list[list[int]] = []

    class Watched(Seq2Seq):
        def next_logits(self, inputs, *, tokens=None, start=()):  # type: ignore[no-untyped-def]
            seen.extend(ids.tolist() for ids in inputs)
            return super().next_logits(inputs, tokens=tokens, start=start)

    model = Watched(folder, device="cpu")
    query = Query("q", "which red fox sings")
    scorer = MonoT5(model, max_tokens=100)
    (points,) = scorer.measure([(query, [Document("d", "blue whale " * 200), Document("e", "owl")])])
    assert points.fallback == ""
    for ids in seen:
        assert len(ids) <= 100 - 64
        text = model.decode(ids)
        assert text.startswith("Query: which red fox sings Document:")
        assert text.endswith("Relevant:")
    frame = len(model.encode("Query: which red fox sings Document:  Relevant:", special=True))
    assert len(seen[0]) == 100 - 64 - 1
    assert len(seen[0]) - frame == 100 - 64 - frame - 1
    (none,) = scorer.measure([(Query("q", "red fox " * 60), [Document("e", "owl")])])
    assert "no room" in none.fallback


def test_labels_and_limits(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="'true' is not one token"):
        MonoT5(save_t5(tmp_path / "spelt", whole=False)).score(GROUPS)
    with pytest.raises(BadValue, match="max_tokens is 79; expected 80 or more"):
        MonoT5(folder, max_tokens=79)
    assert MonoT5(folder).fingerprint != MonoT5(folder, max_tokens=256).fingerprint


def test_not_a_number_is_told(folder: Path) -> None:
    class Broken(Seq2Seq):
        def next_logits(self, inputs, *, tokens=None, start=()):  # type: ignore[no-untyped-def]
            logits = super().next_logits(inputs, tokens=tokens, start=start)
            logits[1] = np.nan
            return logits

    with pytest.raises(ModelError, match="query 'q': the score of document 'd0' is NaN"):
        MonoT5(Broken(folder, device="cpu")).score(MIXED)


def test_threads_agree(folder: Path) -> None:
    scorer = MonoT5(folder)
    scorer.warm_up()
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: np.concatenate(scorer.score(MIXED)), range(8)))
    for scores in found:
        np.testing.assert_array_equal(scores, found[0])
