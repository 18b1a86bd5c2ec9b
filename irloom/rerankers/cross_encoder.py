"""CrossEncoderReranker: a transformer reads query and document together and gives one score."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from irloom.core.contracts import Corpus, Scorer
from irloom.core.errors import BadValue
from irloom.core.files import short_hash
from irloom.core.once import Once
from irloom.core.run import Run
from irloom.core.stage import Reranker
from irloom.core.types import Query
from irloom.rerankers.head import Head, rerank_head
from irloom.rerankers.portions import with_texts


class CrossEncoderReranker(Reranker):
    """Sorts the first `depth` documents by a Scorer's scores; equal ones keep the order given.

    Args:
        model: a Scorer, or the folder or hub id of a Hugging Face sequence-classification model or sentence-transformers
            CrossEncoder.
        corpus: gives the documents' texts.
        depth: documents to score of each ranking, 1 or more.

    Raises:
        BadValue: `depth` is less than 1.

    Paper:
        R. Nogueira and K. Cho, Passage Re-ranking with BERT, arXiv 1901.04085, 2019, section 2.
    """

    def __init__(self, model: str | Scorer, corpus: Corpus, *, depth: int = 100) -> None:
        if depth < 1:
            raise BadValue("depth", depth, "1 or more")
        self.model, self.corpus, self.depth = model, corpus, depth
        self._scorer: Once[Scorer] = Once()

    @property
    def scorer(self) -> Scorer:
        """The Scorer; its weights load at first use.

        Raises:
            MissingExtra: the extra `models` is not installed.
        """
        return self._scorer.get(self._make_scorer)

    @property
    def fingerprint(self) -> str:
        """The scorer's and the depth, hashed."""
        return short_hash("cross_encoder", self.scorer.fingerprint, str(self.depth))

    def warm_up(self) -> None:
        """Loads the weights."""
        self.scorer.warm_up()

    def rerank(self, queries: Sequence[Query], run: Run, *, k: int) -> Run:
        """The best `k` documents of each ranking after reordering.

        Raises:
            BadValue: `k` is negative or two queries share an id.
            UnknownDocument: the corpus lacks a document of the run.
            ModelError: a score is NaN.
        """
        return rerank_head(queries, run, self._score, depth=self.depth, k=k)

    def _make_scorer(self) -> Scorer:
        if not isinstance(self.model, str):
            return self.model
        from irloom.models.scorers.cross_encoder import CrossEncoder

        return CrossEncoder(self.model)

    def _score(self, heads: Sequence[Head]) -> list[NDArray[np.float32]]:
        scores: list[NDArray[np.float32]] = []
        for some in with_texts(heads, self.corpus):
            scores += self.scorer.score(some)
        return scores
