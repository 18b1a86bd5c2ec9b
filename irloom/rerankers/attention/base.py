"""What ICR, QRHead and CoRe heads share: a decoder, a prompt that holds a whole list, and the notes on it."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from time import perf_counter

from irloom.core.contracts import Corpus
from irloom.core.errors import ModelError
from irloom.core.files import short_hash
from irloom.core.once import Once
from irloom.core.run import Run
from irloom.core.stage import Reranker
from irloom.core.types import Document, Query
from irloom.models.decoders.decoder import Decoder
from irloom.models.settings import at_least, one_of
from irloom.rerankers.attention.document_text import DocumentText
from irloom.rerankers.attention.layouts import CHOICES, Family, Layout, changed_layout, family_of
from irloom.rerankers.attention.lists import ListScorer, check_windows
from irloom.rerankers.attention.prompt import PromptWriter
from irloom.rerankers.attention.scoring import SCORINGS, HeadId, Signal
from irloom.rerankers.failures import tell_failures
from irloom.rerankers.head import Head, Scored, rerank_head
from irloom.rerankers.portions import with_texts


@dataclass(eq=False, repr=False)
class AttentionReranker(Reranker):
    """Sorts the first `depth` documents by the attention that a query pays to them in one prompt; equal ones keep the order given.

    A method's own class has other defaults where the published ones differ, and says what its prompt and its heads are.

    Args:
        model: a Decoder, or the folder or hub id of one.
        corpus: gives the documents' texts.
        depth: documents to score of each ranking, 1 or more.
        family: how the model marks a turn, one of `layouts.CHOICES`.
        layout: another prompt altogether, or fields of `layouts.Layout` by name that differ from the method's own; None for that one.
        words: words of a document's body that are read; None for all.
        title: whether a document's title is read too.
        backwards: whether the first document stands last in the prompt.
        window: documents in a prompt, 2 or more; None for all.
        stride: by how many places windows move; None for half of one.
        scoring: one of `scoring.SCORINGS`.

    Raises:
        BadValue: an argument out of its range.
    """

    model: str | Decoder
    corpus: Corpus
    _: KW_ONLY
    depth: int = 100
    family: str = "auto"
    layout: Layout | Mapping[str, object] | None = None
    words: int | None = 300
    title: bool = True
    backwards: bool = True
    window: int | None = None
    stride: int | None = None
    scoring: str = "calibrated"

    def __post_init__(self) -> None:
        at_least("depth", self.depth, 1)
        one_of("family", self.family, CHOICES)
        one_of("scoring", self.scoring, tuple(SCORINGS))
        check_windows(self.window, self.stride)
        self.decoder = Decoder(self.model) if isinstance(self.model, str) else self.model
        self.document_text = DocumentText(self.words, self.title)
        self._scorer: Once[ListScorer] = Once()

    @abstractmethod
    def _layout(self, family: Family) -> Layout:
        """The method's own prompt."""

    @abstractmethod
    def _heads(self) -> tuple[HeadId, ...] | None:
        """The heads that are summed; None for all."""

    def _signal(self) -> str:
        """What is read of them, one of `scoring.SIGNALS`."""
        return "attention"

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
        settings = (self.depth, self.document_text, self.backwards, self.window, self.stride, self.scoring, self._signal())
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
        signal = Signal(decoder, self.scoring, self._heads(), self._signal())
        return ListScorer(PromptWriter(decoder, layout), signal, backwards=self.backwards, window=self.window, stride=self.stride)
