"""Finding the heads of a model on a dataset: what `irloom heads learn` does."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import NoneType
from typing import Final, TypeAlias, get_args, get_type_hints

import numpy as np
from numpy.typing import NDArray

from irloom.core.config import check_keys
from irloom.core.errors import BadValue, DataError
from irloom.core.files import Progress, no_progress
from irloom.core.run import Run
from irloom.core.types import Document, Json, Qrels, Query
from irloom.data.dataset import Dataset
from irloom.data.named import load_dataset
from irloom.data.trec import read_run
from irloom.models.decoders.decoder import Decoder
from irloom.models.settings import at_least, one_of
from irloom.pipelines.dataset_corpus import documents_named
from irloom.pipelines.searcher import index_texts
from irloom.rerankers.attention.core_detection import core_scores
from irloom.rerankers.attention.document_text import DocumentText
from irloom.rerankers.attention.examples import Example, make_example
from irloom.rerankers.attention.head_set import HeadSet, ranked_heads
from irloom.rerankers.attention.layouts import Layout, changed_layout, core_layout, family_of, icr_layout
from irloom.rerankers.attention.lists import ListScorer
from irloom.rerankers.attention.prompt import PromptWriter
from irloom.rerankers.attention.qrhead_detection import CRITERIA, qrhead_scores
from irloom.rerankers.attention.retrieval_heads import default_lengths, find_retrieval_heads, sequence_of
from irloom.rerankers.attention.scoring import SIGNALS, Signal

Scores: TypeAlias = NDArray[np.float32]
"""float32 (layers, heads)."""

METHODS: Final = ("qrhead", "core_heads", "retrieval")


@dataclass(frozen=True, slots=True)
class HeadSearch:
    """How heads are looked for.

    Attributes:
        method: one of METHODS.
        queries: how many of the split's queries are read.
        split: whose judgments are used; None for "train" where it is there, else the dataset's own.
        depth: documents of a prompt at most; as many as fit the model's context.
        words: words of a document's body that are read; None for all.
        title: whether a document's title is read; None for as the method's reranker does, "core_heads" without, the others with it.
        seed: of the choice of queries, and of the order of the documents in each prompt.
        family: how the model marks a turn, one of `layouts.CHOICES`.
        layout: another prompt for "qrhead" and "core_heads", or fields of `layouts.Layout` that differ from the method's own; None for
            that one.
        criterion: what "qrhead" asks of a head, one of its CRITERIA.
        signal: what "qrhead" reads, one of SIGNALS.
        tau: the temperature of "core_heads".
        lengths: how many prompt lengths "retrieval" tries.
        depths: at how many depths "retrieval" hides each needle.

    Raises:
        BadValue: a value out of its range.
    """

    method: str = "qrhead"
    queries: int = 30
    split: str | None = None
    depth: int = 40
    words: int | None = 400
    title: bool | None = None
    seed: int = 42
    family: str = "auto"
    layout: Layout | Mapping[str, object] | None = None
    criterion: str = "ndcg"
    signal: str = "attention"
    tau: float = 0.1
    lengths: int = 20
    depths: int = 10

    def __post_init__(self) -> None:
        one_of("method", self.method, METHODS)
        one_of("criterion", self.criterion, CRITERIA)
        one_of("signal", self.signal, SIGNALS)
        at_least("queries", self.queries, 1)
        at_least("depth", self.depth, 2)
        at_least("lengths", self.lengths, 1)
        at_least("depths", self.depths, 1)
        if not self.tau > 0:
            raise BadValue("tau", self.tau, "more than 0")


def head_search(settings: Mapping[str, object]) -> HeadSearch:
    """A search by its attributes' names, as a user gives them.

    Raises:
        UnknownName: there is no such setting.
        BadValue: a value of another type, or out of its range.
    """
    hints = get_type_hints(HeadSearch)
    check_keys(settings, list(hints), where="heads")
    for name, value in settings.items():
        kinds = tuple(kind for kind in get_args(hints[name]) or (hints[name],) if isinstance(kind, type))
        fits = isinstance(value, kinds) or (float in kinds and isinstance(value, int))
        if not (fits and (bool in kinds or not isinstance(value, bool))) and name != "layout":
            raise BadValue(name, value, " or ".join("none" if kind is NoneType else kind.__name__ for kind in kinds))
    return HeadSearch(**settings)  # type: ignore[arg-type]


def learn_heads(
    model: str | Decoder,
    dataset: str | Dataset,
    search: HeadSearch,
    *,
    run: str | Path | Run | None = None,
    progress: Progress = no_progress,
) -> HeadSet:
    """Scores every head of a model.

    Args:
        model: a Decoder, or the folder or hub id of one.
        dataset: its name or folder; for "retrieval" its texts are the haystack and nothing else is read.
        search: how.
        run: the documents that the queries are asked with, as a run or a file in TREC's format; BM25 finds them where it is None.
        progress: called as it goes.

    Raises:
        DataError: nothing to learn from: no judgments, no relevant documents, no trial that was answered.
        UnknownName: no such split or dataset.
        ModelError: the model cannot be used.
    """
    decoder = Decoder(model) if isinstance(model, str) else model
    loaded = load_dataset(dataset, progress=progress) if isinstance(dataset, str) else dataset
    decoder.warm_up()
    if search.method == "retrieval":
        scores, settings = _by_needles(decoder, loaded, search, progress)
    else:
        scores, settings = _by_judgments(decoder, loaded, search, run, progress)
    heads, values = ranked_heads(scores)
    return HeadSet(
        heads,
        values,
        method=search.method,
        model=str(decoder.model),
        fingerprint=decoder.weights,
        layers=decoder.shape.layers,
        width=decoder.shape.heads,
        settings={"dataset": loaded.name, **settings},
    )


def _by_needles(decoder: Decoder, dataset: Dataset, search: HeadSearch, progress: Progress) -> tuple[Scores, dict[str, Json]]:
    lengths = default_lengths(decoder.shape.context, count=search.lengths)
    text = DocumentText(search.words, search.title is not False)
    haystack = sequence_of((text(document) for document in dataset.documents()), characters=8 * lengths[-1])
    depths = np.linspace(0, 1, search.depths).tolist()
    found = find_retrieval_heads(decoder, haystack, lengths=lengths, depths=depths, progress=progress)
    return found.scores, {"trials": found.trials, "answered": found.answered, "lengths": list(lengths), "depths": list(depths)}


def _by_judgments(
    decoder: Decoder, dataset: Dataset, search: HeadSearch, run: str | Path | Run | None, progress: Progress
) -> tuple[Scores, dict[str, Json]]:
    split = search.split or ("train" if "train" in dataset.splits else dataset.protocol.split)
    qrels = dataset.qrels(split)
    contrastive = search.method == "core_heads"
    layout = changed_layout((core_layout if contrastive else icr_layout)(family_of(decoder, search.family)), search.layout)
    if contrastive:
        layout = replace(layout, past=0)  # tokens behind a document count in reranking alone
    signal = Signal(decoder, "no_calibration" if contrastive else "calibrated", kind=search.signal)
    scorer = ListScorer(PromptWriter(decoder, layout), signal, backwards=False)
    queries = [query for query in dataset.queries(split) if query.text.strip() and max(qrels[query.id].values(), default=0) > 0]
    random.Random(search.seed).shuffle(queries)
    text = DocumentText(search.words, search.title if search.title is not None else not contrastive)
    used: list[str] = []

    def examples() -> Iterator[Example]:
        for query, documents in _candidates(dataset, queries, qrels, search.depth, run, progress):
            example = make_example(query, documents, qrels[query.id], scorer, text=text, seed=search.seed, one_relevant=contrastive)
            if example is not None:
                progress("queries", len(used), search.queries)
                used.append(query.id)
                yield example
            if len(used) == search.queries:
                return

    chosen: dict[str, Json]
    if contrastive:
        scores, chosen = core_scores(scorer, examples(), tau=search.tau), {"tau": search.tau}
    else:
        scores = qrhead_scores(scorer, examples(), criterion=search.criterion)
        chosen = {"criterion": search.criterion, "signal": search.signal}
    settings: dict[str, Json] = {
        "split": split,
        "queries": list(used),
        "depth": search.depth,
        "words": search.words,
        "title": text.title,
        "seed": search.seed,
        "layout": asdict(layout),
        **chosen,
    }
    return scores, settings


def _candidates(
    dataset: Dataset, queries: Sequence[Query], qrels: Qrels, depth: int, run: str | Path | Run | None, progress: Progress
) -> Iterator[tuple[Query, list[Document]]]:
    """Queries with their documents, best first; relevant ones that were not found stand in the place of the last others."""
    found, fetch = _by_bm25(dataset, depth) if run is None else _by_run(dataset, queries, qrels, depth, run, progress)
    for query in queries:
        doc_ids = [doc_id for doc_id in found(query) if not (dataset.protocol.remove_self_hits and doc_id == query.id)]
        missed = [doc_id for doc_id, grade in qrels[query.id].items() if grade > 0 and doc_id not in set(doc_ids)]
        there = fetch(missed[: depth - 1])
        documents = fetch(doc_ids)[: depth - len(there)] + there
        if documents:
            yield query, documents


Found: TypeAlias = tuple[Callable[[Query], Sequence[str]], Callable[[Sequence[str]], list[Document]]]
"""A query to its documents' ids, best first; ids to the documents of them that are there."""


def _by_bm25(dataset: Dataset, depth: int) -> Found:
    searcher = index_texts(dataset.documents())

    def fetch(doc_ids: Sequence[str]) -> list[Document]:
        missing = set(searcher.collection.missing(doc_ids))
        return searcher.collection.fetch([doc_id for doc_id in doc_ids if doc_id not in missing])

    return lambda query: searcher.retriever.retrieve([query], k=depth)[query.id].doc_ids, fetch


def _by_run(dataset: Dataset, queries: Sequence[Query], qrels: Qrels, depth: int, run: str | Path | Run, progress: Progress) -> Found:
    given = run if isinstance(run, Run) else read_run(run)
    asked = [query.id for query in queries if query.id in given]
    if not asked:
        raise DataError(f"the run has none of the {len(queries)} queries of {dataset.name!r} that have a relevant document")
    wanted = {doc_id for query_id in asked for doc_id in (*given[query_id].cut(depth).doc_ids, *qrels[query_id])}
    documents = documents_named(dataset, wanted, progress=progress)

    def found(query: Query) -> Sequence[str]:
        return given[query.id].cut(depth).doc_ids if query.id in given else []

    return found, lambda doc_ids: [documents[doc_id] for doc_id in doc_ids if doc_id in documents]
