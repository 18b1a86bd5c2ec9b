"""ICR from texts to scores on several architectures, against attention maps that transformers computes of the whole prompts."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from irloom.core.types import Query
from irloom.models.decoders.decoder import Decoder
from irloom.rerankers.attention.icr import ICR
from irloom.rerankers.attention.qrhead import QRHead
from irloom.rerankers.attention.token_filter import document_sums
from tests.models.decoders.tiny_decoders import save_decoder
from tests.models.stories import save_stories
from tests.rerankers.attention.conftest import Texts
from tests.rerankers.attention.seeded import QUERY

SHORT = {"start": "Texts:", "question": "Which of them? Query: "}
"""The stories' context has 512 tokens."""

FAMILIES = ["gemma", "mistral", "stories", "gpt_neox"]


@pytest.fixture(params=FAMILIES)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param == "stories":
        return save_stories(tmp_path)
    return save_decoder(tmp_path, request.param, context=1024)  # the Mistral here has a sliding window of 12


def by_maps(folder: Path, reranker: ICR | QRHead, texts: list[str], heads: list[tuple[int, int]] | None) -> np.ndarray:
    """The sheet's formulas over whole attention maps, without a cache; documents stand in reverse."""
    torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers")
    model: Any = transformers.AutoModelForCausalLM.from_pretrained(str(folder), attn_implementation="eager").eval()
    writer = reranker.scorer.writer
    prompt = writer.prompt([writer.piece(number, text) for number, text in enumerate(texts[::-1], start=1)])
    n = len(prompt.ids)

    def tokens(query: str) -> np.ndarray:
        ids = torch.from_numpy(np.concatenate([prompt.ids, writer.asked(query)]))[None]
        with torch.no_grad():
            maps = torch.stack(model(ids, output_attentions=True).attentions)[:, 0, :, n:, :n].mean(dim=2).numpy()
        return maps.sum(axis=(0, 1)) if heads is None else sum(maps[layer, head] for layer, head in heads)

    return document_sums(np.asarray(tokens(QUERY) - tokens("N/A"), np.float32), prompt.spans, filtered=True)[::-1]


def test_scores(folder: Path, texts: Texts) -> None:
    decoder = Decoder(folder, device="cpu")
    both = [
        (ICR(decoder, texts, words=8, layout=SHORT), None),
        (QRHead(decoder, texts, heads=["1-2", "0-3"], words=8, layout=SHORT), [(1, 2), (0, 3)]),
    ]
    for reranker, heads in both:
        shown = [reranker.document_text(document) for document in texts.documents.values()]
        found = dict(reranker.rerank([Query("q", QUERY)], texts.run, k=3)["q"])
        assert [found[doc_id] for doc_id in texts.documents] == pytest.approx(by_maps(folder, reranker, shown, heads), abs=1e-5)
