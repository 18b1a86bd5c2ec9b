"""ICR, QRHead and CoRe heads against the authors' own code, on a small Llama and a small Qwen2 that a seed fixes.

The figures were made by the public implementations (OSU-NLP-Group/In-Context-Reranking `InContextReranker`, princeton-pli/QRHead
`AttnBasedRetriever`, linhhtran/CoRe-Reranking `Reranker` and `HeadDetector`) under transformers 4.44.2 and torch 2.13 on the CPU, on the
folder that `save_seeded` writes, with three changes that leave their arithmetic alone: float32 for float16, "cpu" for "cuda", and
torch's scaled_dot_product_attention in the place of flash attention's kernel, which the CPU lacks.
"""

from pathlib import Path

import numpy as np
import pytest

from irloom.core.ranking import Ranking
from irloom.core.run import Run
from irloom.core.types import Document, Query
from irloom.models.decoders.decoder import Decoder
from irloom.rerankers.attention.core_detection import contrast
from irloom.rerankers.attention.core_heads import CoReHeads
from irloom.rerankers.attention.icr import ICR
from irloom.rerankers.attention.layouts import FAMILIES, changed_layout, core_layout
from irloom.rerankers.attention.lists import ListScorer
from irloom.rerankers.attention.prompt import PromptWriter
from irloom.rerankers.attention.qrhead import QRHead
from irloom.rerankers.attention.scoring import Signal
from tests.rerankers.attention.conftest import Texts
from tests.rerankers.attention.seeded import DOCUMENTS, QUERY, TEXTS, save_seeded

pytestmark = pytest.mark.parity

HEADS = ["1-2", "2-0", "2-3"]
QUERIES = [Query("q", QUERY)]

ICR_SCORES = {
    ("qa", True): [-0.125927, -0.14094485, -0.02268851],
    ("qa", False): [-0.05320391, -0.06466191, -0.20738304],
    ("ie", True): [-0.28095451, -0.16553858, -0.05928653],
    ("ie", False): [-0.08458787, -0.0781317, -0.24446531],
}
QRHEAD_SCORES = {
    ("llama", "all"): [-0.08458805084228516, -0.07813160866498947, -0.2444653958082199],
    ("llama", "some"): [-0.028994709253311157, 0.012968575581908226, 0.0017374842427670956],
    ("qwen2", "all"): [-0.21936827898025513, -0.1477947235107422, -0.08579505980014801],
    ("qwen2", "some"): [-0.03677813336253166, 0.007916104979813099, 0.006569679360836744],
}
FIRST_HEADS = {  # of layers 0 and 1, for the first document, as head detection has them
    "llama": [0.02307444, 0.00155590, 0.00560681, 0.02238150, 0.00139998, 0.01534185, 0.00255144, 0.00800037],
    "qwen2": [0.00432366, 0.00288714, -0.00086119, 0.00902751, 0.00654169, 0.00079886, -0.00156991, 0.00892383],
}
CORE_SCORES = {
    "all": [-0.0051828548312187195, -0.15795080363750458, -0.27784621715545654],
    "some": [-0.02003604546189308, -0.010677631013095379, -0.0640886053442955],
}
CORE_HEADS = [  # tau 0.1, the second document relevant
    *(0.3466736078262329, 0.3548169732093811, 0.20822949707508087, 0.22050893306732178),
    *(0.26574209332466125, 0.16329506039619446, 0.7118542194366455, 0.5048406720161438),
    *(0.3762827217578888, 0.2998899519443512, 0.3519054055213928, 0.08841551095247269),
    *(0.4931838810443878, 0.48476842045783997, 0.2775399088859558, 0.2803311347961426),
]
WINDOWS = [2, 17, 11, 3, 1, 8, 4, 6, 18, 0, 7, 9, 20, 5, 12, 13, 14, 19, 24, 10, 15, 21, 16, 23, 22]
"""25 documents in windows of 10, stride 5, reversed, "ie": places, best first."""


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Decoder]:
    folder: Path = tmp_path_factory.mktemp("seeded")
    return {kind: Decoder(save_seeded(folder / kind, kind=kind), device="cpu") for kind in ("llama", "qwen2")}


def scores(reranker: ICR | QRHead | CoReHeads) -> list[float]:
    texts = Texts()
    found = dict(reranker.rerank(QUERIES, texts.run, k=3)["q"])
    return [found[doc_id] for doc_id in texts.documents]


@pytest.mark.parametrize(("wording", "backwards"), sorted(ICR_SCORES))
def test_icr(models: dict[str, Decoder], wording: str, backwards: bool) -> None:
    ours = scores(ICR(models["llama"], Texts(), wording=wording, backwards=backwards))
    assert ours == pytest.approx(ICR_SCORES[wording, backwards], abs=1e-5)


def test_icr_in_windows(models: dict[str, Decoder]) -> None:
    texts = [f"{text} ({number})" for number in range(9) for text in TEXTS][:25]
    corpus = Texts([Document(str(place), text) for place, text in enumerate(texts)])
    run = Run.from_rankings({"q": Ranking.from_order(list(corpus.documents))})
    ours = ICR(models["llama"], corpus, window=10, stride=5, words=None).rerank(QUERIES, run, k=25)
    assert [int(doc_id) for doc_id in ours["q"].doc_ids] == WINDOWS
    assert ours.notes["windows"] == (4,)


@pytest.mark.parametrize(("kind", "heads"), sorted(QRHEAD_SCORES))
def test_qrhead(models: dict[str, Decoder], kind: str, heads: str) -> None:
    family = "llama-3" if kind == "llama" else "qwen"
    every = [f"{layer}-{head}" for layer in range(4) for head in range(4)]
    reranker = QRHead(models[kind], Texts(), heads=every if heads == "all" else HEADS, family=family, backwards=False)
    assert scores(reranker) == pytest.approx(QRHEAD_SCORES[kind, heads], abs=1e-5)
    apart = reranker.scorer.per_head(QUERY, TEXTS)
    assert apart[:2, :, 0].reshape(-1) == pytest.approx(FIRST_HEADS[kind], abs=1e-5)


def test_core_heads(models: dict[str, Decoder]) -> None:
    every = [f"{layer}-{head}" for layer in range(4) for head in range(4)]
    assert scores(CoReHeads(models["llama"], Texts(), heads=every)) == pytest.approx(CORE_SCORES["all"], abs=1e-5)
    assert scores(CoReHeads(models["llama"], Texts(), heads=HEADS)) == pytest.approx(CORE_SCORES["some"], abs=1e-5)


def test_how_core_heads_are_found(models: dict[str, Decoder]) -> None:
    layout = changed_layout(core_layout(FAMILIES["llama-3"]), {"past": 0})
    writer = PromptWriter(models["llama"], layout)
    scorer = ListScorer(writer, Signal(models["llama"], "no_calibration"), backwards=False)
    masses = scorer.per_head(QUERY, [body for _, body in DOCUMENTS])
    assert np.asarray(contrast(masses, 1, tau=0.1)).reshape(-1) == pytest.approx(CORE_HEADS, abs=1e-5)
