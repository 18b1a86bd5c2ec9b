"""Pairwise ranking prompting: both orders, exact answers, and the models' own logits."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from irloom.core.errors import BadValue, ModelError
from irloom.core.types import Document, Query
from irloom.models.decoders.decoder import Decoder
from irloom.models.seq2seq import Seq2Seq
from irloom.rerankers.comparators.contract import FAILED, WRONG_FORMAT
from irloom.rerankers.comparators.prp import PairwisePrompting
from tests.fakes_llm import FakeGenerator
from tests.models.asked_decoders import save_asked
from tests.models.scorers.asked import causal, next_logits
from tests.models.tiny_t5 import save_t5

QUERY = Query("q", 'red "fox" {doc1}')
RED, BLUE, NONE = Document("r", "red fox", title="Fox"), Document("b", "blue whale sings"), Document("n", "")
PAIRS = [(QUERY, RED, BLUE), (QUERY, BLUE, NONE), (Query("p", "whale"), RED, NONE)]


def prompt(query: str, first: str, second: str) -> str:
    return (
        f'Given a query "{query}", which of the following two passages is more relevant to the query?\n\nPassage A: "{first}"\n\n'
        f'Passage B: "{second}"\n\nOutput Passage A or Passage B:'
    )


def test_the_prompt_in_both_orders() -> None:
    model = FakeGenerator(["Passage A"])
    PairwisePrompting(model).compare([(QUERY, RED, BLUE)])
    assert model.prompts == [prompt(QUERY.text, "Fox red fox", "blue whale sings"), prompt(QUERY.text, "blue whale sings", "Fox red fox")]


@pytest.mark.parametrize(
    ("answers", "value", "fault"),
    [
        (("Passage A", "Passage B"), 1.0, ""),
        (("Passage B", "Passage A"), 0.0, ""),
        (("Passage A", "Passage A"), 0.5, ""),
        (("Passage B", "Passage B"), 0.5, ""),
        (("Passage A", "neither"), 0.5, WRONG_FORMAT),
        (("Passage C", "Passage B"), 0.5, WRONG_FORMAT),
        (("", ""), 0.5, WRONG_FORMAT),
    ],
)
def test_a_win_needs_both_orders(answers: tuple[str, str], value: float, fault: str) -> None:
    (answer,) = PairwisePrompting(FakeGenerator(answers)).compare([(QUERY, RED, BLUE)])
    assert (answer.value, answer.fault) == (value, fault)
    assert answer.spent.calls == 2


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_asked(tmp_path_factory.mktemp("asked"))


@pytest.fixture(scope="module", params=[1, 2, 3])
def t5(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_t5(tmp_path_factory.mktemp("t5"), seed=request.param, gated=True)


def sides(first: Document, second: Document) -> list[tuple[str, str]]:
    return [(first.full_text, second.full_text), (second.full_text, first.full_text)]


def test_an_encoder_decoder_by_text_and_by_likelihood(t5: Path) -> None:
    import torch
    import transformers

    model = Seq2Seq(t5, device="cpu")
    public: Any = transformers.T5ForConditionalGeneration.from_pretrained(t5).eval()
    start = [0, *model.encode("Passage").tolist()]
    letters = [int(model.encode(f"Passage {letter}")[-1]) for letter in "AB"]
    by_text, by_likelihood = (PairwisePrompting(model, scoring=scoring).compare(PAIRS) for scoring in ("generation", "likelihood"))
    for (query, first, second), text, likelihood in zip(PAIRS, by_text, by_likelihood, strict=True):
        written, shares = [], []
        for one, other in sides(first, second):
            ids = torch.tensor([model.encode(prompt(query.text, one, other), special=True).tolist()])
            out = public.generate(ids, decoder_input_ids=torch.tensor([start]), max_new_tokens=2, do_sample=False)
            written.append(model.decode(out[0].tolist()))
            with torch.inference_mode():
                logits = public(input_ids=ids, decoder_input_ids=torch.tensor([start])).logits[0, -1].double().numpy()[letters]
            shares.append(1 / (1 + np.exp(logits[1] - logits[0])))
        expected = {("Passage A", "Passage B"): 1.0, ("Passage B", "Passage A"): 0.0}.get((written[0], written[1]), 0.5)
        assert text.value == expected
        assert likelihood.value == pytest.approx((shares[0] + 1 - shares[1]) / 2, abs=1e-4)


def test_a_decoder_by_text_and_by_likelihood(llama: Path) -> None:
    decoder, model = Decoder(llama, device="cpu"), causal(llama)
    tokens = [[decoder.token(f" {letter}", after=" Passage:"), decoder.token(letter, after=" Passage:")] for letter in "AB"]
    by_text, by_likelihood = (PairwisePrompting(decoder, scoring=scoring).compare(PAIRS) for scoring in ("generation", "likelihood"))
    for (query, first, second), text, likelihood in zip(PAIRS, by_text, by_likelihood, strict=True):
        shares, letters = [], ""
        for one, other in sides(first, second):
            frame = f"<|im_start|>user\n{prompt(query.text, one, other)}<|im_end|>\n<|im_start|>assistant\n Passage:"
            logits = next_logits(model, decoder.encode(frame))
            letters += decoder.decode(np.array([logits.argmax()])).strip().upper()[:1] or "?"
            first_side, second_side = (np.exp(logits[own]).sum() for own in tokens)
            shares.append(first_side / (first_side + second_side))
        assert text.value == {"AB": 1.0, "BA": 0.0}.get(letters, 0.5)
        assert likelihood.value == pytest.approx((shares[0] + 1 - shares[1]) / 2, abs=1e-4)


def test_swapping_the_documents_swaps_the_answer(llama: Path) -> None:
    comparator = PairwisePrompting(str(llama), scoring="likelihood")
    there = comparator.compare(PAIRS)
    back = comparator.compare([(query, second, first) for query, first, second in PAIRS])
    for one, other in zip(there, back, strict=True):
        assert one.value + other.value == pytest.approx(1, abs=1e-6)
        assert one.spent.prompt_tokens == other.spent.prompt_tokens > 100


def test_what_does_not_fit(llama: Path) -> None:
    comparator = PairwisePrompting(Decoder(llama, device="cpu", max_tokens=180), scoring="likelihood")
    long = Document("l", "sleeping " * 300)
    fine, full, other = comparator.compare([(QUERY, long, RED), (Query("x", "fox " * 300), RED, BLUE), (QUERY, RED, BLUE)])
    assert (fine.spent.cut_documents, fine.fault) == ({"l"}, "")
    assert (full.value, full.fault) == (0.5, FAILED)
    assert other.value == pytest.approx(
        PairwisePrompting(str(llama), scoring="likelihood").compare([(QUERY, RED, BLUE)])[0].value, abs=1e-6
    )


def test_settings(llama: Path, tmp_path: Path) -> None:
    with pytest.raises(BadValue, match="scoring is 'logits'"):
        PairwisePrompting(str(llama), scoring="logits")
    with pytest.raises(ModelError, match="compare by generated text instead"):
        PairwisePrompting(save_t5(tmp_path / "spelt", whole=False), scoring="likelihood").compare(PAIRS)
    made = [
        PairwisePrompting(str(llama)),
        PairwisePrompting(str(llama), scoring="likelihood"),
        PairwisePrompting(str(llama), query_tokens=32),
    ]
    assert len({one.fingerprint for one in made}) == 3
    assert PairwisePrompting(str(llama)).compare([]) == []
