"""Attention as scores, against attention maps that transformers computes."""

from pathlib import Path

import numpy as np
import pytest

from irloom.core.errors import BadValue
from irloom.models.decoders.decoder import Decoder
from irloom.rerankers.attention.layouts import FAMILIES, core_layout, icr_layout
from irloom.rerankers.attention.prompt import Ids, Prompt, PromptWriter
from irloom.rerankers.attention.scoring import SCORINGS, Signal
from irloom.rerankers.attention.token_filter import document_sums
from tests.rerankers.attention.seeded import QUERY, TEXTS


@pytest.fixture(scope="module")
def maps(seeded_folder: Path):
    """float32 (layers, heads, rows, keys) of token ids, by eager attention over the whole prompt."""
    torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers")
    model = transformers.AutoModelForCausalLM.from_pretrained(str(seeded_folder), attn_implementation="eager").eval()

    def maps_of(ids: Ids) -> np.ndarray:
        with torch.no_grad():
            return torch.stack(model(torch.from_numpy(ids)[None], output_attentions=True).attentions)[:, 0].numpy()

    return maps_of


@pytest.fixture(scope="module")
def prompt(seeded: Decoder) -> tuple[Prompt, Ids, Ids]:
    writer = PromptWriter(seeded, icr_layout(FAMILIES["llama-3"]))
    pieces = [writer.piece(number, text) for number, text in enumerate(TEXTS, start=1)]
    return writer.prompt(pieces), writer.asked(QUERY), writer.asked("N/A")


@pytest.mark.parametrize("name", sorted(SCORINGS))
@pytest.mark.parametrize("heads", [None, ((1, 2), (0, 3))])
def test_against_attention_maps(seeded: Decoder, maps, prompt, name: str, heads) -> None:
    asked, query, blank = prompt
    how, n = SCORINGS[name], len(asked.ids)

    def tokens(tail: Ids) -> np.ndarray:
        whole = maps(np.concatenate([asked.ids, tail]))[:, :, n:, :n]
        rows = whole[:, :, -1] if how.last else whole.mean(axis=2)
        return rows.sum(axis=(0, 1)) if heads is None else sum(rows[layer, head] for layer, head in heads)

    signal = (tokens(query) if how.query else 0) - (tokens(blank) if how.query and how.blank else 0)
    signal = tokens(blank) if not how.query else signal
    expected = document_sums(np.asarray(signal, np.float32), asked.spans, filtered=how.filtered)
    assert Signal(seeded, name, heads).scores(asked, query, blank) == pytest.approx(expected, abs=1e-5)


def test_each_head_by_itself(seeded: Decoder, prompt) -> None:
    asked, query, blank = prompt
    whole = Signal(seeded).per_head(asked, query, blank)
    assert whole.shape == (4, 4, 3)
    for head in ((0, 0), (2, 3)):
        assert Signal(seeded, heads=(head,)).scores(asked, query, blank) == pytest.approx(whole[head], abs=1e-6)
    # before the filter scores add over heads; after it they need not
    apart = Signal(seeded, "no_calibration").per_head(asked, query, blank)
    assert Signal(seeded, "no_calibration").scores(asked, query, blank) == pytest.approx(apart.sum(axis=(0, 1)), abs=1e-5)
    assert Signal(seeded).scores(asked, query, blank) != pytest.approx(whole.sum(axis=(0, 1)), abs=1e-4)


def test_all_heads_are_no_choice(seeded: Decoder, prompt) -> None:
    asked, query, blank = prompt
    every = tuple((layer, head) for layer in range(4) for head in range(4))
    assert np.array_equal(Signal(seeded, heads=every[::-1]).scores(asked, query, blank), Signal(seeded).scores(asked, query, blank))


def test_a_query_without_content_scores_nothing(seeded: Decoder, prompt) -> None:
    asked, _, blank = prompt
    assert Signal(seeded).scores(asked, blank, blank).tolist() == [0.0, 0.0, 0.0]
    assert not Signal(seeded).per_head(asked, blank, blank).any()


def test_documents_get_no_more_than_there_is(seeded: Decoder, prompt) -> None:
    asked, query, blank = prompt
    assert 0 < Signal(seeded, "no_calibration").scores(asked, query, blank).sum() < 16  # layers x heads


def test_query_key(seeded: Decoder, prompt) -> None:
    asked, query, blank = prompt
    prefix = seeded.prefill(asked.ids)
    last = slice(len(query) - 1, len(query))
    products = seeded.query_key(prefix, query, heads=[(1, 2), (3, 0)], rows=last)[asked.last]
    own = Signal(seeded, "no_calibration", ((1, 2), (3, 0)), "query_key")
    assert own.scores(asked, query, blank) == pytest.approx(products, abs=1e-6)
    assert Signal(seeded, heads=((1, 2),), kind="query_key").scores(asked, blank, blank).tolist() == [0.0] * 3


def test_a_token_behind_the_last_document(seeded: Decoder) -> None:
    """CoRe's spans may reach one token into the question."""
    writer = PromptWriter(seeded, core_layout(FAMILIES["llama-3"]))
    prompt = writer.prompt([writer.piece(1, "Owls hunt at night.")])
    assert prompt.spans[0, 1] == len(prompt.ids) + 1  # the full stop and the blank line are one token
    assert np.isfinite(Signal(seeded).scores(prompt, writer.asked("owls"), writer.asked("N/A"))).all()


def test_bad_values(seeded: Decoder, prompt) -> None:
    for arguments in ({"scoring": "raw"}, {"kind": "keys"}, {"heads": ()}, {"heads": ((0, 1), (0, 1))}):
        with pytest.raises(BadValue):
            Signal(seeded, **arguments)
    for head in ((4, 0), (0, 4), (-1, 0)):
        with pytest.raises(BadValue, match="4 layers with 4 heads"):
            Signal(seeded, heads=(head,)).scores(*prompt)
