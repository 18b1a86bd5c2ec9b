"""The table of what can be built: name -> "module:Class", one table per layer. Listing it imports nothing heavy.

A package of its own adds to a table by an entry point in the group `irloom.<kind>`, for example `irloom.retriever`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from irloom.core.errors import MissingExtra, UnknownName


@dataclass(frozen=True, slots=True)
class Component:
    """One line of a table.

    Attributes:
        name: the registry name.
        kind: one of `KINDS`.
        target: "module:Class".
        summary: what it does, in one line.
        paper: authors, title and year; empty where there is none.
        extra: the extra that it needs; empty where the core is enough.
        config: an experiment that uses it; empty where there is none.
    """

    name: str
    kind: str
    target: str
    summary: str
    paper: str = ""
    extra: str = ""
    config: str = ""

    @property
    def file(self) -> str:
        """The file of the class, from the root of the repository."""
        return self.target.partition(":")[0].replace(".", "/") + ".py"

    def load(self) -> type[Any]:
        """Imports the class."""
        module, _, name = self.target.partition(":")
        try:
            loaded: type[Any] = getattr(import_module(module), name)
        except ModuleNotFoundError as error:
            if self.extra and error.name and not error.name.startswith("irloom"):
                raise MissingExtra(error.name, extra=self.extra, purpose=self.name) from None
            raise
        return loaded


_ROBERTSON = "Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond, 2009"
_RRF = "Cormack, Clarke and Buettcher, Reciprocal Rank Fusion Outperforms Condorcet and Individual Rank Learning Methods, 2009"
_DPR = "Karpukhin et al., Dense Passage Retrieval for Open-Domain Question Answering, 2020"
_SBERT = "Reimers and Gurevych, Sentence-BERT: Sentence Embeddings using Siamese BERT-Networks, 2019"
_MONOBERT = "Nogueira and Cho, Passage Re-ranking with BERT, 2019"
_COLBERT = "Khattab and Zaharia, ColBERT: Efficient and Effective Passage Search via Contextualized Late Interaction over BERT, 2020"
_COMB = "Fox and Shaw, Combination of Multiple Searches, 1994"
_CONVEX = "Bruch, Gai and Ingber, An Analysis of Fusion Functions for Hybrid Retrieval, 2023"
_MAXP = "Dai and Callan, Deeper Text Understanding for IR with Contextual Neural Language Modeling, 2019"
_ICR = "Chen, Gutierrez and Su, Attention in Large Language Models Yields Efficient Zero-Shot Re-Rankers, 2025"
_QRHEAD = "Zhang et al., Query-Focused Retrieval Heads Improve Long-Context Reasoning and Re-ranking, 2025"
_CORE = "Tran, Li, Florian and Sun, Contrastive Retrieval Heads Improve Attention-Based Re-Ranking, 2025"
_RANK_GPT = "Sun et al., Is ChatGPT Good at Search? Investigating Large Language Models as Re-Ranking Agents, 2023"
_SETWISE = "Zhuang et al., A Setwise Approach for Effective and Highly Efficient Zero-shot Ranking with Large Language Models, 2024"
_PRP = "Qin et al., Large Language Models are Effective Text Rankers with Pairwise Ranking Prompting, 2024"
_MONOT5 = "Nogueira, Jiang, Pradeep and Lin, Document Ranking with a Pretrained Sequence-to-Sequence Model, 2020"
_FIRST = "Reddy et al., FIRST: Faster Improved Listwise Reranking with Single Token Decoding, 2024"
_QUICK = "configs/experiments/quickstart.yaml"
_FUSION = "configs/experiments/fusion.yaml"

COMPONENTS = (
    Component(
        "bm25", "retriever", "irloom.retrievers.bm25:BM25", "BM25 and its variants on an inverted index, exact", _ROBERTSON, config=_QUICK
    ),
    Component(
        "dense", "retriever", "irloom.retrievers.dense:Dense", "one vector a text, searched exactly or by FAISS", _DPR, "models", _QUICK
    ),
    Component("filtered", "retriever", "irloom.retrievers.filtered:Filtered", "another retriever within a filter on metadata"),
    Component("passages", "retriever", "irloom.retrievers.passages:Passages", "document scores from passage scores", _MAXP),
    Component("rrf", "retriever", "irloom.fusion.rrf:RRF", "reciprocal rank fusion", _RRF, config=_QUICK),
    Component("weighted", "retriever", "irloom.fusion.weighted:Weighted", "weighted sum of normalised scores", _CONVEX, config=_QUICK),
    Component("fused", "retriever", "irloom.fusion.fused:Fused", "CombSUM and its kin, ISR, RBC, Borda, Condorcet", _COMB, config=_FUSION),
    Component(
        "first_feedback",
        "retriever",
        "irloom.feedback.first_feedback:FirstFeedback",
        "a reranker's view goes back into the query vector, and the search is done again",
        _FIRST,
    ),
    Component("cached", "retriever", "irloom.pipelines.cached:Cached", "rankings kept on disk"),
    Component("cached", "reranker", "irloom.pipelines.cached:CachedReranker", "rankings of a reranker kept on disk"),
    Component("cached", "scorer", "irloom.pipelines.cached:CachedScorer", "scores of query and document kept on disk"),
    Component(
        "cross_encoder",
        "reranker",
        "irloom.rerankers.cross_encoder:CrossEncoderReranker",
        "a transformer reads query and document together",
        _MONOBERT,
        "models",
    ),
    Component(
        "maxsim", "reranker", "irloom.rerankers.maxsim:MaxSimReranker", "late interaction over token vectors", _COLBERT, "models", _QUICK
    ),
    Component("hosted", "reranker", "irloom.rerankers.hosted.hosted:Hosted", "a reranker behind HTTP: Cohere, Jina, Voyage, TEI, vLLM"),
    Component("icr", "reranker", "irloom.rerankers.attention.icr:ICR", "attention of a query to a list in one prompt", _ICR, "models"),
    Component(
        "qrhead", "reranker", "irloom.rerankers.attention.qrhead:QRHead", "attention of the few heads that retrieve", _QRHEAD, "models"
    ),
    Component(
        "core_heads",
        "reranker",
        "irloom.rerankers.attention.core_heads:CoReHeads",
        "attention of heads that tell relevant documents from hard negatives",
        _CORE,
        "models",
    ),
    Component(
        "listwise", "reranker", "irloom.rerankers.listwise:Listwise", "a language model writes the order of a window", _RANK_GPT, "models"
    ),
    Component(
        "first",
        "reranker",
        "irloom.rerankers.first:FIRST",
        "one forward pass a window: logits of the identifiers as the first token",
        _FIRST,
        "models",
    ),
    Component("setwise", "reranker", "irloom.rerankers.setwise:Setwise", "a language model chooses the best of a few", _SETWISE, "models"),
    Component("pairwise", "reranker", "irloom.rerankers.pairwise:Pairwise", "a language model compares two documents", _PRP, "models"),
    Component(
        "pointwise",
        "reranker",
        "irloom.rerankers.pointwise:Pointwise",
        "a language model looks at one document: yes or no, query likelihood, monoT5, RankLLaMA, Qwen3-Reranker",
        _MONOT5,
        "models",
    ),
    Component(
        "dense_encoder",
        "encoder",
        "irloom.models.encoders.dense:DenseEncoder",
        "any sentence-transformers or transformers model",
        _SBERT,
        "models",
    ),
    Component("vector_file", "encoder", "irloom.models.encoders.vector_file:VectorFile", "vectors from a .npy file"),
    Component("openai", "encoder", "irloom.models.encoders.openai:OpenAIEncoder", "an OpenAI-compatible embeddings endpoint"),
    Component(
        "cross_encoder",
        "scorer",
        "irloom.models.scorers.cross_encoder:CrossEncoder",
        "any sequence-classification model or CrossEncoder",
        _MONOBERT,
        "models",
    ),
    Component("decoder", "generator", "irloom.models.decoders.decoder:Decoder", "any causal decoder of transformers", extra="models"),
    Component(
        "openai_chat", "generator", "irloom.models.generators.openai_chat:OpenAIChat", "an OpenAI-compatible chat/completions endpoint"
    ),
)
KINDS = ("retriever", "reranker", "encoder", "scorer", "generator")


@cache
def table(kind: str) -> Mapping[str, Component]:
    """The components of a kind by name, plug-ins included.

    Raises:
        UnknownName: there is no such kind.
    """
    if kind not in KINDS:
        raise UnknownName("kind of component", kind, KINDS)
    plugged = (
        Component(point.name, kind, point.value, f"from {point.dist.name if point.dist else 'a plug-in'}") for point in _points(kind)
    )
    own = (component for component in COMPONENTS if component.kind == kind)
    return {component.name: component for component in (*plugged, *own)}


def _points(kind: str) -> Any:
    return entry_points(group=f"irloom.{kind}")


def find(kind: str, name: str, *, where: str = "") -> Component:
    """The component of that kind and name.

    Raises:
        UnknownName: there is none; the text names the nearest one.
    """
    known = table(kind)
    if name not in known:
        raise UnknownName(kind, name, known, where=where)
    return known[name]
