"""Setwise prompting: letters written and letters' logits, votes, and answers that name nothing."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from irloom.core.errors import BadValue, ModelError
from irloom.core.types import Document, Query
from irloom.models.decoders.decoder import Decoder
from irloom.models.seq2seq import Seq2Seq
from irloom.rerankers.comparators.contract import FAILED, WRONG_FORMAT
from irloom.rerankers.comparators.setwise import SetwisePrompting
from tests.fakes_llm import FakeDecoder, FakeGenerator
from tests.models.asked_decoders import save_asked
from tests.models.scorers.asked import causal, next_logits
from tests.models.tiny_t5 import save_t5

QUERY = Query("q", "red fox {text}")
DOCUMENTS = [Document(f"d{place}", text) for place, text in enumerate(["red fox", "", "blue whale sings", 'Passage A: "owl"', "red fox"])]
REQUESTS = [(QUERY, DOCUMENTS[:3]), (QUERY, DOCUMENTS), (Query("p", "whale"), DOCUMENTS[1:3]), (QUERY, DOCUMENTS[:1])]


def prompt(query: str, texts: list[str]) -> str:
    blocks = "\n\n".join(f'Passage {chr(ord("A") + place)}: "{text}"' for place, text in enumerate(texts))
    return (
        f'Given a query "{query}", which of the following passages is the most relevant one to the query?\n\n{blocks}\n\n'
        "Output only the passage label of the most relevant passage:"
    )


def test_the_prompt_and_what_answers_choose() -> None:
    model = FakeGenerator(["C", "Passage B", "nothing", "Passage D"])
    requests = [(QUERY, DOCUMENTS[:3])] * 4 + [(QUERY, DOCUMENTS[:1])]
    answers = SetwisePrompting(model).select(requests)
    assert model.prompts == [prompt(QUERY.text, [document.text for document in DOCUMENTS[:3]])] * 4
    assert [answer.value for answer in answers] == [2, 1, -1, -1, 0]
    assert [answer.fault for answer in answers] == ["", "", WRONG_FORMAT, WRONG_FORMAT, ""]
    assert [answer.spent.calls for answer in answers] == [1, 1, 1, 1, 0]
    assert answers[2].detail == "nothing"


def test_an_encoder_decoder_by_text_and_by_likelihood(tmp_path: Path) -> None:
    import torch
    import transformers

    model = Seq2Seq(save_t5(tmp_path / "t5", gated=True), device="cpu")
    public: Any = transformers.T5ForConditionalGeneration.from_pretrained(tmp_path / "t5").eval()
    start = torch.tensor([[0, *model.encode("Passage").tolist()]])
    by_text, by_likelihood = (SetwisePrompting(model, scoring=scoring).select(REQUESTS) for scoring in ("generation", "likelihood"))
    orders = SetwisePrompting(model).order(REQUESTS)
    for (query, documents), text, likelihood, order in zip(REQUESTS, by_text, by_likelihood, orders, strict=True):
        ids = torch.tensor([model.encode(prompt(query.text, [document.text for document in documents]), special=True).tolist()])
        with torch.inference_mode():
            logits = public(input_ids=ids, decoder_input_ids=start).logits[0, -1].numpy()
        letters = [int(model.encode(f"Passage {chr(ord('A') + place)}")[-1]) for place in range(len(documents))]
        assert likelihood.value == int(logits[letters].argmax())
        assert order.value == np.argsort(-logits[letters], kind="stable").tolist()
        written = model.decode(public.generate(ids, decoder_input_ids=start, max_new_tokens=2, do_sample=False)[0].tolist()).strip()
        place = ord(written[-1]) - ord("A")
        assert text.value == (0 if len(documents) == 1 else place if 0 <= place < len(documents) else -1)


def test_a_decoder_by_likelihood(tmp_path: Path) -> None:
    decoder = Decoder(save_asked(tmp_path / "asked"), device="cpu")
    model = causal(tmp_path / "asked")
    orders = SetwisePrompting(decoder).order(REQUESTS)
    choices = SetwisePrompting(decoder, scoring="likelihood").select(REQUESTS)
    for (query, documents), order, choice in zip(REQUESTS, orders, choices, strict=True):
        text = prompt(query.text, [document.text for document in documents])
        logits = next_logits(model, decoder.encode(f"<|im_start|>user\n{text}<|im_end|>\n<|im_start|>assistant\n Passage:"))
        letters = [chr(ord("A") + place) for place in range(len(documents))]
        own = [np.logaddexp(*(logits[decoder.token(form, after=" Passage:")] for form in (f" {letter}", letter))) for letter in letters]
        assert order.value == np.argsort(-np.array(own), kind="stable").tolist()
        assert choice.value == order.value[0]
    assert [answer.spent.calls for answer in orders] == [1, 1, 1, 0]


def test_votes_do_not_depend_on_the_call(tmp_path: Path) -> None:
    selector = SetwisePrompting(Decoder(save_asked(tmp_path / "asked"), device="cpu"), scoring="likelihood", permutations=5, seed=3)
    together = selector.select(REQUESTS)
    assert [answer.value for answer in together] == [selector.select([request])[0].value for request in REQUESTS]
    assert [answer.spent.calls for answer in together] == [5, 5, 5, 0]
    other = SetwisePrompting(selector.model, scoring="likelihood", permutations=5, seed=4)
    assert other.fingerprint != selector.fingerprint
    assert sorted(selector.order(REQUESTS)[1].value) == [0, 1, 2, 3, 4]


def test_a_vote_finds_the_document_wherever_it_stands() -> None:
    """A model that knows the best passage, whatever its letter and place, gets all votes; one that likes a letter does not decide."""

    def knows(prompt: str) -> str:
        return next(line for line in prompt.splitlines() if "whale" in line)[: len("Passage X")]

    asked = (Query("q", "red"), DOCUMENTS)
    assert SetwisePrompting(FakeGenerator(knows), permutations=7).select([asked])[0].value == 2
    chosen = {SetwisePrompting(FakeGenerator(["A"]), permutations=1, seed=seed).select([asked])[0].value for seed in range(8)}
    assert chosen == {0}
    assert len({SetwisePrompting(FakeGenerator(["A"]), permutations=3, seed=seed).select([asked])[0].value for seed in range(8)}) > 1


@settings(max_examples=60)
@given(st.lists(st.text(max_size=12), min_size=1, max_size=4), st.integers(1, 3), st.integers(1, 5))
def test_any_answer_chooses_one_of_the_set(texts: list[str], permutations: int, n: int) -> None:
    selector = SetwisePrompting(FakeGenerator(texts), permutations=permutations)
    (answer,) = selector.select([(QUERY, DOCUMENTS[:n])])
    assert -1 <= answer.value < n


def test_what_does_not_fit(tmp_path: Path) -> None:
    decoder = Decoder(save_asked(tmp_path / "asked"), device="cpu", max_tokens=300)
    long, other = (Document(name, "sleeping " * 300) for name in ("l", "m"))
    for ask in (SetwisePrompting(decoder, scoring="likelihood").select, SetwisePrompting(decoder).select, SetwisePrompting(decoder).order):
        fine, full = ask([(QUERY, [long, DOCUMENTS[0], other]), (Query("x", "fox " * 400), DOCUMENTS[:2])])  # type: ignore[operator]
        assert (fine.fault in ("", WRONG_FORMAT), fine.spent.cut_documents) == (True, {"l", "m"})
        assert fine.spent.prompt_tokens <= 300
        assert full.fault == FAILED


def test_bad_sets_and_settings(tmp_path: Path) -> None:
    selector = SetwisePrompting(FakeDecoder())  # type: ignore[arg-type]
    for documents in ([], DOCUMENTS * 5):
        with pytest.raises(BadValue, match="1 to 23 at once"):
            selector.select([(QUERY, documents)])
    assert selector.select([]) == []
    with pytest.raises(BadValue, match="permutations is 0"):
        SetwisePrompting(FakeDecoder(), permutations=0)  # type: ignore[arg-type]
    with pytest.raises(ModelError, match="FakeGenerator gives texts alone"):
        SetwisePrompting(FakeGenerator(["A"]), scoring="likelihood").select(REQUESTS)

    class Broken(Seq2Seq):
        def next_logits(self, inputs, *, tokens=None, start=()):  # type: ignore[no-untyped-def]
            return super().next_logits(inputs, tokens=tokens, start=start) * np.nan

    with pytest.raises(ModelError, match="query 'q': the logits of its passages' letters are NaN"):
        SetwisePrompting(Broken(save_t5(tmp_path / "t5")), scoring="likelihood").select(REQUESTS)
