"""CoRe heads: their own prompt, in the order given, without titles."""

import pytest

from irloom.core.errors import ModelError
from irloom.core.types import Query
from irloom.rerankers.attention.core_heads import CoReHeads
from irloom.rerankers.attention.head_set import HeadSet
from tests.fakes_llm import FakeDecoder
from tests.rerankers.attention.conftest import Texts
from tests.rerankers.attention.seeded import QUERY


def test_the_prompt(texts: Texts) -> None:
    reranker = CoReHeads(FakeDecoder(), texts, heads=["0-0"])
    assert reranker.scorer.writer.layout.identifier == "[document {}] "
    assert not reranker.backwards
    assert reranker.document_text(texts.fetch(["0"])[0]).startswith("Kushva is")
    run = reranker.rerank([Query("q", QUERY)], texts.run, k=3)
    assert sorted(run["q"].doc_ids) == ["0", "1", "2"]


def test_heads_of_another_prompt(texts: Texts) -> None:
    heads = HeadSet(((0, 0),), (0.5,), "qrhead", "fake_decoder", "fake_decoder:2:2", 2, 2)
    with pytest.raises(ModelError, match="prompt is another"):
        CoReHeads(FakeDecoder(), texts, heads=heads).warm_up()
    CoReHeads(FakeDecoder(), texts, heads=heads, force=True).warm_up()
