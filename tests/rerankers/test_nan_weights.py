"""Weights that give NaN for one query: each language-model reranker says for which."""

from collections.abc import Callable
from pathlib import Path

import pytest

from irloom.core.contracts import Corpus
from irloom.core.errors import ModelError
from irloom.core.ranking import Ranking
from irloom.core.run import Run
from irloom.core.stage import Reranker
from irloom.core.types import Document, Query
from irloom.rerankers.first import FIRST
from irloom.rerankers.listwise import Listwise
from irloom.rerankers.pairwise import Pairwise
from irloom.rerankers.pointwise import Pointwise
from irloom.rerankers.setwise import Setwise
from tests.fakes import ListCorpus
from tests.models.asked_decoders import save_asked
from tests.models.tiny_t5 import save_t5

DOCUMENTS = [Document(f"d{place}", text) for place, text in enumerate(("red fox runs", "blue whale", "green owl"))]
QUERIES = [Query("sound", "red fox"), Query("broken", "~ blue"), Query("last", "owl")]
RUN = Run.from_rankings({query.id: Ranking.from_order([document.id for document in DOCUMENTS]) for query in QUERIES})

Make = Callable[[str, Corpus], Reranker]

BY_DECODERS: dict[str, Make] = {
    "first": lambda model, corpus: FIRST(model, corpus),
    "listwise": lambda model, corpus: Listwise(model, corpus),
}
BY_BOTH: dict[str, Make] = {
    "setwise": lambda model, corpus: Setwise(model, corpus),
    "setwise by likelihood": lambda model, corpus: Setwise(model, corpus, scoring="likelihood"),
    "pairwise": lambda model, corpus: Pairwise(model, corpus),
    "pairwise by likelihood": lambda model, corpus: Pairwise(model, corpus, scoring="likelihood"),
    "yes_no": lambda model, corpus: Pointwise(model, corpus),
    "query_likelihood": lambda model, corpus: Pointwise(model, corpus, layout="query_likelihood"),
}


@pytest.fixture(scope="module")
def decoder(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = save_asked(tmp_path_factory.mktemp("decoder"), "llama", context=2048)
    return spoilt(folder, "AutoModelForCausalLM")


@pytest.fixture(scope="module")
def seq2seq(tmp_path_factory: pytest.TempPathFactory) -> str:
    return spoilt(save_t5(tmp_path_factory.mktemp("t5"), gated=True), "AutoModelForSeq2SeqLM")


def spoilt(folder: Path, kind: str) -> str:
    """Makes the embedding of "~" NaN."""
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    token = transformers.AutoTokenizer.from_pretrained(folder)("~", add_special_tokens=False).input_ids[-1]
    model = getattr(transformers, kind).from_pretrained(folder)
    with torch.no_grad():
        model.get_input_embeddings().weight[token] = float("nan")
    model.save_pretrained(folder)
    return str(folder)


@pytest.mark.parametrize("method", [*BY_DECODERS, *BY_BOTH])
def test_a_decoder(method: str, decoder: str) -> None:
    reranker = {**BY_DECODERS, **BY_BOTH}[method](decoder, ListCorpus(DOCUMENTS))
    with pytest.raises(ModelError, match="query 'broken'"):
        reranker.rerank(QUERIES, RUN, k=3)


@pytest.mark.parametrize("method", BY_BOTH)
def test_an_encoder_decoder(method: str, seq2seq: str) -> None:
    """Its output weights are the embedding's, so that what reads the whole vocabulary is NaN from the first query on."""
    reranker = BY_BOTH[method](seq2seq, ListCorpus(DOCUMENTS))
    named = "sound" if method in ("setwise", "pairwise", "query_likelihood") else "broken"
    with pytest.raises(ModelError, match=f"query '{named}'"):
        reranker.rerank(QUERIES, RUN, k=3)
