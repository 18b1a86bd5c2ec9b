"""One stage of every registry entry over one small collection."""

from collections.abc import Callable, Mapping
from pathlib import Path

from irloom.core.stage import Reranker, Retriever
from irloom.core.types import Document, Query
from irloom.feedback.first_feedback import FirstFeedback
from irloom.fusion.fused import Fused
from irloom.fusion.rrf import RRF
from irloom.fusion.weighted import Weighted
from irloom.indexing.bm25_part import BM25Part
from irloom.indexing.collection import Collection
from irloom.indexing.dense_part import DensePart
from irloom.indexing.writer import CollectionWriter
from irloom.pipelines.cached import Cached, CachedReranker
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
from tests.fakes import FakeEncoder, OverlapScorer
from tests.fakes_hosted import standing_server
from tests.fakes_llm import FakeDecoder

TEXTS = [
    "red fox",
    "red fox red",
    "blue whale sings",
    "",
    "green fox",
    "red whale",
    "the",
    "fox fox fox whale",
    "red fox",
    "owl \U0001f989",
]
DOCUMENTS = [Document(f"d{place}", text, parent=f"p{place // 2}", meta={"even": place % 2 == 0}) for place, text in enumerate(TEXTS)]
QUERIES = [
    Query("fox", "red fox"),
    Query("empty", ""),
    Query("unknown", "zebra"),
    Query("whale", "whale whale blue"),
    Query("blank", " \t\n"),
    Query("long", "fox " * 5000),
]


def write(path: Path) -> Collection:
    with CollectionWriter(path) as writer:
        writer.write_documents(DOCUMENTS)
        writer.build("bm25", BM25Part(Analyzer.english()))
        writer.build("dense", DensePart(FakeEncoder(), tokens=True))
        writer.commit()
    return Collection.open(path)


RETRIEVERS: Mapping[str, Callable[[Collection], Retriever]] = {
    "bm25": lambda collection: BM25(collection),
    "cached": lambda collection: Cached(Dense(collection, FakeEncoder()), path=collection.root.with_suffix(".sqlite")),
    "dense": lambda collection: Dense(collection, FakeEncoder()),
    "first_feedback": lambda collection: FirstFeedback(
        Dense(collection, FakeEncoder()),
        MaxSimReranker(FakeEncoder(), collection, depth=5),
        scorer=CrossEncoderReranker(OverlapScorer(), collection, depth=4),
        depth=6,
    ),
    "filtered": lambda collection: Filtered(BM25(collection), 'not id in ("d99")'),
    "passages": lambda collection: Passages(BM25(collection), collection),
    "rrf": lambda collection: RRF([BM25(collection), Dense(collection, FakeEncoder())]),
    "fused": lambda collection: Fused([BM25(collection), Dense(collection, FakeEncoder())], method="condorcet", depth=5),
    "weighted": lambda collection: Weighted([BM25(collection), Dense(collection, FakeEncoder())], weights=[0.4, 0.6]),
}
RERANKERS: Mapping[str, Callable[[Collection], Reranker]] = {
    "cached": lambda collection: CachedReranker(
        MaxSimReranker(FakeEncoder(), collection, depth=4), collection, path=collection.root.with_suffix(".sqlite")
    ),
    "cross_encoder": lambda collection: CrossEncoderReranker(OverlapScorer(), collection, depth=4),
    "hosted": lambda collection: Hosted("overlap", collection, provider="tei", base_url=standing_server(), depth=4),
    "core_heads": lambda collection: CoReHeads(FakeDecoder(context=500), collection, heads=["0-1", "1-0"], depth=4),
    "first": lambda collection: FIRST(FakeDecoder(), collection, depth=4, window=3, stride=2),
    "icr": lambda collection: ICR(FakeDecoder(context=500), collection, depth=4),
    "listwise": lambda collection: Listwise(FakeDecoder(), collection, depth=4, window=3, stride=2),
    "maxsim": lambda collection: MaxSimReranker(FakeEncoder(), collection, depth=4),
    "pairwise": lambda collection: Pairwise(FakeDecoder(), collection, scoring="likelihood", depth=4, top=2),
    "pointwise": lambda collection: Pointwise(FakeDecoder(), collection, layout="query_likelihood", depth=4),
    "qrhead": lambda collection: QRHead(FakeDecoder(context=500), collection, heads=["0-1", "1-0"], depth=4),
    "setwise": lambda collection: Setwise(FakeDecoder(), collection, scoring="likelihood", depth=4, top=2),
}
