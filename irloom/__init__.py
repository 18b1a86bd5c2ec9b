"""irloom: retrieval and reranking behind two verbs, composed with one operator.

    import irloom
    searcher = irloom.index(["a text", "another text"])
    searcher.search("text", k=10)

Nothing is imported before it is asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_PUBLIC = {
    "open": "irloom.pipelines.searcher:open_searcher",
    "index": "irloom.pipelines.searcher:index_texts",
    "add": "irloom.pipelines.growing:add",
    "update": "irloom.pipelines.growing:update",
    "delete": "irloom.pipelines.growing:delete",
    "sync": "irloom.pipelines.syncing:sync",
    "compact": "irloom.pipelines.growing:compact",
    "NearDuplicates": "irloom.pipelines.intake:NearDuplicates",
    "Searcher": "irloom.pipelines.searcher:Searcher",
    "Hit": "irloom.pipelines.searcher:Hit",
    "Query": "irloom.core.types:Query",
    "Document": "irloom.core.types:Document",
    "Qrel": "irloom.core.types:Qrel",
    "Filter": "irloom.core.types:Filter",
    "Run": "irloom.core.run:Run",
    "Ranking": "irloom.core.ranking:Ranking",
    "Retriever": "irloom.core.stage:Retriever",
    "Reranker": "irloom.core.stage:Reranker",
    "Pipeline": "irloom.core.stage:Pipeline",
    "IrloomError": "irloom.core.errors:IrloomError",
    "Collection": "irloom.indexing.collection:Collection",
    "BM25": "irloom.retrievers.bm25:BM25",
    "Dense": "irloom.retrievers.dense:Dense",
    "Passages": "irloom.retrievers.passages:Passages",
    "Filtered": "irloom.retrievers.filtered:Filtered",
    "count_facet": "irloom.indexing.facets:count_facet",
    "RRF": "irloom.fusion.rrf:RRF",
    "Weighted": "irloom.fusion.weighted:Weighted",
    "Fused": "irloom.fusion.fused:Fused",
    "FirstFeedback": "irloom.feedback.first_feedback:FirstFeedback",
    "fuse": "irloom.fusion.fuse:fuse",
    "CrossEncoderReranker": "irloom.rerankers.cross_encoder:CrossEncoderReranker",
    "MaxSimReranker": "irloom.rerankers.maxsim:MaxSimReranker",
    "ICR": "irloom.rerankers.attention.icr:ICR",
    "QRHead": "irloom.rerankers.attention.qrhead:QRHead",
    "CoReHeads": "irloom.rerankers.attention.core_heads:CoReHeads",
    "Listwise": "irloom.rerankers.listwise:Listwise",
    "FIRST": "irloom.rerankers.first:FIRST",
    "Setwise": "irloom.rerankers.setwise:Setwise",
    "Pairwise": "irloom.rerankers.pairwise:Pairwise",
    "Pointwise": "irloom.rerankers.pointwise:Pointwise",
    "Hosted": "irloom.rerankers.hosted.hosted:Hosted",
    "DenseEncoder": "irloom.models.encoders.dense:DenseEncoder",
    "Decoder": "irloom.models.decoders.decoder:Decoder",
    "SequenceHead": "irloom.models.decoders.sequence_head:SequenceHead",
    "Seq2Seq": "irloom.models.seq2seq:Seq2Seq",
    "OpenAIChat": "irloom.models.generators.openai_chat:OpenAIChat",
    "Analyzer": "irloom.text.analyzer:Analyzer",
    "load_dataset": "irloom.data.named:load_dataset",
    "read_run": "irloom.data.trec:read_run",
    "write_run": "irloom.data.trec:write_run",
    "evaluate": "irloom.eval.evaluate:evaluate",
    "Cached": "irloom.pipelines.cached:Cached",
    "CachedReranker": "irloom.pipelines.cached:CachedReranker",
    "run_experiment": "irloom.pipelines.running:run_experiment",
    "replay_experiment": "irloom.pipelines.replay:replay_experiment",
}
__all__ = ["__version__", *_PUBLIC]

if TYPE_CHECKING:
    from irloom.core.errors import IrloomError
    from irloom.core.ranking import Ranking
    from irloom.core.run import Run
    from irloom.core.stage import Pipeline, Reranker, Retriever
    from irloom.core.types import Document, Filter, Qrel, Query
    from irloom.data.named import load_dataset
    from irloom.data.trec import read_run, write_run
    from irloom.eval.evaluate import evaluate
    from irloom.feedback.first_feedback import FirstFeedback
    from irloom.fusion.fuse import fuse
    from irloom.fusion.fused import Fused
    from irloom.fusion.rrf import RRF
    from irloom.fusion.weighted import Weighted
    from irloom.indexing.collection import Collection
    from irloom.indexing.facets import count_facet
    from irloom.models.decoders.decoder import Decoder
    from irloom.models.decoders.sequence_head import SequenceHead
    from irloom.models.encoders.dense import DenseEncoder
    from irloom.models.generators.openai_chat import OpenAIChat
    from irloom.models.seq2seq import Seq2Seq
    from irloom.pipelines.cached import Cached, CachedReranker
    from irloom.pipelines.growing import add, compact, delete, update
    from irloom.pipelines.intake import NearDuplicates
    from irloom.pipelines.replay import replay_experiment
    from irloom.pipelines.running import run_experiment
    from irloom.pipelines.searcher import Hit, Searcher
    from irloom.pipelines.searcher import index_texts as index
    from irloom.pipelines.searcher import open_searcher as open
    from irloom.pipelines.syncing import sync
    from irloom.rerankers.attention.core_heads import CoReHeads
    from irloom.rerankers.attention.icr import ICR
    from irloom.rerankers.attention.qrhead import QRHead
    from irloom.rerankers.cross_encoder import CrossEncoderReranker
    from irloom.rerankers.first import FIRST
    from irloom.rerankers.hosted.hosted import Hosted
    from irloom.rerankers.listwise import Listwise
    from irloom.rerankers.maxsim import MaxSimReranker
    from irloom.rerankers.pairwise import Pairwise
    from irloom.rerankers.pointwise import Pointwise
    from irloom.rerankers.setwise import Setwise
    from irloom.retrievers.bm25 import BM25
    from irloom.retrievers.dense import Dense
    from irloom.retrievers.filtered import Filtered
    from irloom.retrievers.passages import Passages
    from irloom.text.analyzer import Analyzer


def __getattr__(name: str) -> Any:
    target = _PUBLIC.get(name)
    if target is None:
        raise AttributeError(f"module 'irloom' has no attribute {name!r}")
    module, _, attribute = target.partition(":")
    value = getattr(import_module(module), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_PUBLIC])
