"""What ICR, QRHead and CoRe heads share: a decoder, a prompt that holds a whole list, and the notes on it."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from time import perf_counter

from irloom.core.contracts import Corpus
from irloom.core.errors import BadValue, ModelError
from irloom.core.files import short_hash
from irloom.core.once import Once
from irloom.core.run import Run
from irloom.core.stage import Reranker
from irloom.core.types import Document, Query
from irloom.models.decoders.decoder import Decoder
from irloom.models.settings import one_of
from irloom.rerankers.attention.document_text import DocumentText
from irloom.rerankers.attention.layouts import CHOICES, Family, Layout, changed_layout, family_of
from irloom.rerankers.attention.lists import ListScorer, check_windows
from irloom.rerankers.attention.prompt import PromptWriter
from irloom.rerankers.attention.scoring import SCORINGS, SIGNALS, HeadId, Signal
from irloom.rerankers.failures import tell_failures
from irloom.rerankers.head import Head, Scored, rerank_head
from irloom.rerankers.portions import with_texts


class AttentionReranker(Reranker):
    """Sorts the first `depth` documents by the attention that a query pays to them in one prompt; equal ones keep the order given.

    Args:
        model: a Decoder, or the folder or hub id of one.
        corpus: gives the documents' texts.
        depth: documents to score of each ranking.
        layout: the prompt, or what differs from the method's own.
        family: how the model marks a turn, one of `layouts.CHOICES`.
        words: words of a document's body that are read; None for all.
        title: whether a document's title is read too.
        backwards: whether the first document stands last in the prompt.
        window: documents in a prompt; None for all.
        stride: by how many places windows move; None for half of one.
        scoring: one of `scoring.SCORINGS`.
        signal: one of `scoring.SIGNALS`.

    Raises:
        BadValue: an argument out of its range.
    """

    def __init__(
        self,
        model: str | Decoder,
        corpus: Corpus,
        *,
        depth: int,
        layout: Layout | Mapping[str, object],
        family: str,
        words: int | None,
        title: bool,
        backwards: bool,
        window: int | None,
        stride: int | None,
        scoring: str,
        signal: str,
    ) -> None:
        if depth < 1:
            raise BadValue("depth", depth, "1 or more")
        one_of("family", family, CHOICES)
        one_of("scoring", scoring, tuple(SCORINGS))
        one_of("signal", signal, SIGNALS)
        check_windows(window, stride)
        self.decoder = Decoder(model) if isinstance(model, str) else model
        self.corpus, self.depth = corpus, depth
        self.layout, self.family = layout, family
        self.document_text = DocumentText(words, title)
        self.backwards, self.window, self.stride = backwards, window, stride
        self.scoring, self.signal = scoring, signal
        self._scorer: Once[ListScorer] = Once()

    @abstractmethod
    def _layout(self, family: Family) -> Layout:
        """The method's own prompt."""

    @abstractmethod
    def _heads(self) -> tuple[HeadId, ...] | None:
        """The heads that are summed; None for all."""

    @property
    def scorer(self) -> ListScorer:
        """What scores a list, loaded.

        Raises:
            MissingExtra: the extra `models` is not installed.
            ModelError: the model cannot be used, or the heads are not for it.
        """
        return self._scorer.get(self._make_scorer)

    @property
    def fingerprint(self) -> str:
        """The model's, the prompt, the heads, and every setting that changes an order, hashed."""
        scorer = self.scorer
        settings = (self.depth, self.document_text, self.backwards, self.window, self.stride, self.scoring, self.signal)
        heads = scorer.signal.heads
        return short_hash(
            "attention", self.decoder.fingerprint, repr(scorer.writer.layout), repr(sorted(heads) if heads else heads), repr(settings)
        )

    def warm_up(self) -> None:
        """Loads tokenizer and weights."""
        _ = self.scorer
        self.decoder.warm_up()

    def rerank(self, queries: Sequence[Query], run: Run, *, k: int) -> Run:
        """The best `k` documents of each ranking after reordering.

        Notes of each query: "calls", "prompt_tokens", "windows", "cut_documents", "fallback", "seconds". A query that leaves no room
        for documents keeps the order given.

        Raises:
            BadValue: `k` is negative or two queries share an id.
            UnknownDocument: the corpus lacks a document of the run.
            ModelError: the model cannot be used, its attention is not finite, or no query leaves room for documents.
        """
        return rerank_head(queries, run, self._score, depth=self.depth, k=k)

    def _score(self, heads: Sequence[Head]) -> list[Scored]:
        scored = [self._score_one(query, documents) for some in with_texts(heads, self.corpus) for query, documents in some]
        tell_failures(heads, scored)
        return scored

    def _score_one(self, query: Query, documents: Sequence[Document]) -> Scored:
        texts = [self.document_text(document) for document in documents]
        scorer = self.scorer
        started = perf_counter()
        try:
            scored = scorer(query.text, texts)
        except ModelError as error:
            raise ModelError(f"query {query.id!r}: {error}") from error
        return Scored(scored.scores, {**scored.notes, "seconds": perf_counter() - started})

    def _make_scorer(self) -> ListScorer:
        decoder = self.decoder
        layout = changed_layout(self._layout(family_of(decoder, self.family)), self.layout)
        signal = Signal(decoder, self.scoring, self._heads(), self.signal)
        return ListScorer(PromptWriter(decoder, layout), signal, backwards=self.backwards, window=self.window, stride=self.stride)
