"""What is trained is what is asked later: packed lists give the logits that FIRST reads, and the attention that ICR reads."""

from pathlib import Path

import numpy as np
import pytest
import torch

from irloom.core.errors import BadValue
from irloom.core.types import Document, Query
from irloom.models.decoders.decoder import Decoder
from irloom.rerankers.comparators.first import FirstToken
from irloom.training.losses.ranknet import weighted_ranknet
from irloom.training.objective import Objective, _Reading
from irloom.training.packing import PROMPT_TEXTS, Packer
from irloom.training.recipes.recipe import Shape
from irloom.training.samplers.lists import TrainingList
from irloom.training.small_reranker import new_model
from irloom.training.vocabulary import save_tokenizer, small_tokenizer

TEXTS = (("read file path", "open port", "merge sort tree"), ("queue lock", "hash table", "list"))
QUERIES = (("file", "sort a tree"), ("lock the queue",))
TARGETS = ((0, 2), (0,))


@pytest.fixture(scope="module")
def made(source: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[object, object, Path]:
    tokenizer = small_tokenizer(str(source), ["read write"], always=PROMPT_TEXTS, most=500)
    shape = Shape(dim=24, layers=3, heads=2, inner=16, context=256, quiet=1.0)
    model = new_model(shape, str(source), tokenizer, seed=0)
    folder = tmp_path_factory.mktemp("model")
    model.save_pretrained(str(folder))
    save_tokenizer(tokenizer, folder)
    return model, tokenizer, folder


def lists(tokenizer: object, *, numbered: bool = False) -> list[TrainingList]:
    def ids(text: str) -> tuple[int, ...]:
        return tuple(tokenizer.encode(text, add_special_tokens=False).ids)  # type: ignore[attr-defined]

    return [
        TrainingList(
            tuple(map(ids, texts)), tuple(map(ids, queries)), targets, texts, queries, tuple(range(len(texts))), numbered, published=False
        )
        for texts, queries, targets in zip(TEXTS, QUERIES, TARGETS, strict=True)
    ]


def test_packed_logits_are_those_of_the_prompt(made: tuple[object, object, Path]) -> None:
    """Queries of one list do not see each other, and padding changes nothing."""
    model, tokenizer, folder = made
    with torch.no_grad():
        packed = _Reading(model, Packer(tokenizer).pack(lists(tokenizer))).logits().numpy()
    asked = [
        (Query("q", query), [Document(str(place), text) for place, text in enumerate(texts)])
        for texts, queries in zip(TEXTS, QUERIES, strict=True)
        for query in queries
    ]
    found = FirstToken(Decoder(str(folder)), prompt="query_last").read(asked)
    np.testing.assert_allclose(packed, np.stack([letters.logits for letters in found if letters is not None]), atol=1e-4)


def test_packed_attention_is_that_of_the_prompt(made: tuple[object, object, Path]) -> None:
    """The mass that a query's tokens give the documents, by eager attention over the one prompt."""
    model, tokenizer, _ = made
    [drawn, _] = lists(tokenizer)
    packer = Packer(tokenizer)
    packed = packer.pack([drawn])
    with torch.no_grad():
        mass = _Reading(model, packed).mass(1, None)
        one = packer.pack([drawn])
        prefix, tail = one.ids[0].tolist(), one.asked[0][one.query_of[0] == 1].tolist()
        rows = model.model(input_ids=torch.tensor([prefix + tail]), output_attentions=True).attentions[1:]  # type: ignore[attr-defined]
    given = sum(layer[0].sum(0)[len(prefix) :, : len(prefix)] for layer in rows).mean(0)
    expected = [float(given[one.document_of[0] == place].sum()) for place in range(3)]
    np.testing.assert_allclose(mass[1].numpy(), expected, rtol=1e-4)


def test_answers(made: tuple[object, object, Path]) -> None:
    """Behind the bracket that the prompt ends in stands the rest of `[C] > [A] > [B]`, and the token that ends it."""
    _, tokenizer, _ = made
    packed = Packer(tokenizer).pack(lists(tokenizer)[:1], orders=[[2, 0, 1], [0, 1, 2]])
    text = tokenizer.decode(packed.answers[0].tolist(), skip_special_tokens=False)  # type: ignore[attr-defined]
    assert text.replace(" ", "") == "C]>[A]>[B]<|end|>"
    assert packed.answers.shape == (2, 11)
    assert Packer(tokenizer).pack(lists(tokenizer)).answers.shape == (3, 0)


def test_every_loss_has_a_gradient(made: tuple[object, object, Path]) -> None:
    model, tokenizer, _ = made
    packer = Packer(tokenizer)
    for name in ("answer", "best", "match", "attention", "reach", "owner", "identifier", "early", "gather"):
        measured = Objective(model, {name: 1.0}).measure(packer.pack(lists(tokenizer)))
        assert measured.loss.item() == pytest.approx(measured.parts[name])
        assert measured.loss.item() > 0
        found = torch.autograd.grad(measured.loss, list(model.parameters()), allow_unused=True)  # type: ignore[attr-defined]
        assert any(one is not None and bool(one.abs().sum() > 0) for one in found)


def test_numbers_train_attention_alone(made: tuple[object, object, Path]) -> None:
    model, tokenizer, _ = made
    measured = Objective(model, {"best": 1.0, "match": 1.0}).measure(Packer(tokenizer).pack(lists(tokenizer, numbered=True)), numbered=True)
    assert measured.loss.item() == pytest.approx(measured.parts["match"])
    assert "best" not in measured.parts


def test_bad_weights(made: tuple[object, object, Path]) -> None:
    with pytest.raises(BadValue, match="one of answer"):
        Objective(made[0], {"ranks": 1.0})
    with pytest.raises(BadValue, match="0 or more"):
        Objective(made[0], {"best": float("nan")})


def test_answers_leave_the_other_losses_alone(made: tuple[object, object, Path]) -> None:
    """What is read of the queries is the same with whole orders behind them."""
    model, tokenizer, _ = made
    packer, drawn = Packer(tokenizer), lists(tokenizer)
    orders, ranks = [[2, 0, 1], [0, 1, 2], [1, 0, 2]], [[2, 3, 1], [1, 2, 3], [2, 1, 3]]
    objective = Objective(model, {"match": 1.0})
    alone, whole = objective.measure(packer.pack(drawn)), objective.measure(packer.pack(drawn, orders=orders), ranks=ranks)
    for name in ("match", "attention", "reach", "owner", "identifier", "early", "gather", "found", "attended"):
        assert whole.parts[name] == pytest.approx(alone.parts[name], rel=1e-4)
    assert whole.parts["best"] == pytest.approx(alone.parts["best"], rel=1e-4)
    assert whole.parts["answer"] != pytest.approx(alone.parts["answer"])
    assert "ranknet" not in alone.parts


def test_first_joint_objective(made: tuple[object, object, Path]) -> None:
    """Weighted RankNet of each query's order on the logits that `best` reads, its mean over queries."""
    model, tokenizer, _ = made
    packed = Packer(tokenizer).pack(lists(tokenizer), orders=[[2, 0, 1], [0, 1, 2], [1, 0, 2]])
    ranks = [[2, 3, 1], [1, 2, 3], [2, 1, 3]]
    measured = Objective(model, {"ranknet": 10.0, "answer": 1.0}).measure(packed, ranks=ranks)
    with torch.no_grad():
        logits = _Reading(model, packed).logits()
    losses = [float(weighted_ranknet(row, torch.tensor(order))) for row, order in zip(logits, ranks, strict=True)]
    assert measured.parts["ranknet"] == pytest.approx(sum(losses) / 3, rel=1e-5)
    assert measured.loss.item() == pytest.approx(10 * measured.parts["ranknet"] + measured.parts["answer"], rel=1e-5)
