"""Prompts as text: the published layouts, families, and layouts of one's own."""

import pytest

from irloom.core.errors import BadValue, UnknownName
from irloom.models.decoders.decoder import Decoder
from irloom.rerankers.attention.layouts import FAMILIES, Layout, changed_layout, core_layout, family_of, icr_layout
from tests.fakes_llm import FakeDecoder
from tests.models.decoders.tiny_decoders import save_decoder


def test_the_prompt_of_icr() -> None:
    text = icr_layout(FAMILIES["llama-3"], "qa").text(["Kushva\nA town.", "Levikha"], " Which? ")
    assert text == (
        "<|start_header_id|>user<|end_header_id|> Here are some paragraphs: \n\n[1] Kushva\nA town. \n\n[2] Levikha \n\n"
        "Please answer the following question based on the information in the paragraphs above. \n\nQuery: Which?"
        "<|eot_id|><|start_header_id|>assistant<|end_header_id|>"
    )
    assert "relevant to the following query in the paragraphs above. \n\nQuery: x" in icr_layout(FAMILIES["llama-3"]).text([], "x")
    mistral = icr_layout(FAMILIES["mistral"]).text(["a"], "x")
    assert mistral.startswith("[INST] Here are some paragraphs:\n\n[1] a\n\nPlease find")
    assert mistral.endswith("Query: x[/INST]")
    assert icr_layout(FAMILIES["qwen"]).text([], "x").endswith("x<|im_end|>\n<|im_start|>assistant")


def test_the_prompt_of_core_heads() -> None:
    layout = core_layout(FAMILIES["llama-3"])
    text = layout.text(["a", "b"], "x")
    assert " Here are some paragraphs:\n\n[document 1] a\n\n[document 2] b\n\nPlease find" in text
    assert (layout.identifier_counts, layout.past, layout.end_rows) == (False, 1, 1)


def test_families_by_the_chat_template(seeded: Decoder, tmp_path) -> None:
    assert family_of(seeded) is FAMILIES["llama-3"]
    assert family_of(seeded, "qwen") is FAMILIES["qwen"]
    own = family_of(seeded, "template")
    assert (own.prefix, own.suffix) == ("<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\n", "<|eot_id|>")
    assert icr_layout(own).start.endswith("<|end_header_id|>\n\nHere are some paragraphs:")
    assert family_of(FakeDecoder()).prefix == family_of(seeded, "plain").prefix == ""
    assert icr_layout(family_of(FakeDecoder())).start == "Here are some paragraphs:"
    unknown = Decoder(save_decoder(tmp_path, "llama"), device="cpu")
    assert family_of(unknown).prefix == "<s><|user|>\n"
    with pytest.raises(BadValue, match="family"):
        family_of(seeded, "llama")


def test_documents_that_are_empty_or_look_like_the_prompt() -> None:
    layout = Layout("S", "\n", "[{}] ", "Query: ", "")
    assert layout.text(["", "[1] > [2]", "Query: {}"], "{}") == "S\n[1]\n[2] [1] > [2]\n[3] Query: {}\nQuery: {}"


def test_changes() -> None:
    own = icr_layout(FAMILIES["mistral"])
    assert changed_layout(own, {}) == own
    other = Layout("", " ", "{}", "", "")
    assert changed_layout(own, other) is other
    assert changed_layout(own, {"separator": "\n", "end_rows": None}).separator == "\n"
    with pytest.raises(UnknownName, match="separator"):
        changed_layout(own, {"seperator": "\n"})
    for bad in ({"past": "1"}, {"past": True}, {"start": 3}, {"separator": ""}, {"end_rows": -1}, "text"):
        with pytest.raises(BadValue):
            changed_layout(own, bad)  # type: ignore[arg-type]
    with pytest.raises(BadValue, match="wording"):
        icr_layout(FAMILIES["qwen"], "both")
