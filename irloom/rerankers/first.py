"""FIRST: one forward pass orders a window, by the logits of its identifiers as the first token of the answer."""

from collections.abc import Sequence

from irloom.core.contracts import Corpus
from irloom.core.files import short_hash
from irloom.core.run import Run
from irloom.core.stage import Reranker
from irloom.core.types import Query
from irloom.models.decoders.decoder import Decoder
from irloom.models.settings import at_least
from irloom.rerankers.comparators.first import FirstToken
from irloom.rerankers.comparators.list_prompt import WORDS, ListPrompt
from irloom.rerankers.head import Head, Scored, rerank_head
from irloom.rerankers.scheduled import scheduled
from irloom.rerankers.schedules.contract import Schedule
from irloom.rerankers.schedules.drive import about_groups
from irloom.rerankers.schedules.lists import check_identifiers, list_schedule


class FIRST(Reranker):
    """Reranks by the first token's logits over the letters A to T, by default in windows from the end of the list to its head.

    Scores are n to 1 by place: logits of two windows cannot be compared.

    Args:
        model: a decoder's folder or hub id, or a Decoder.
        corpus: gives the documents' texts.
        depth: documents to rerank of each ranking, 1 or more.
        prompt: "authors", "rank_llm", "short", or a ListPrompt with letters; the one that the model was trained with.
        schedule: "window", "full", "top_down", "tournament", "self_consistency", or a Schedule for lists.
        window: documents of a window, a partition or a group at most; 20 at most, the letters there are; "full" has none.
        stride: places that windows move; for "window" and "self_consistency".
        passes: how often windows go over the ranking; for "window" and "self_consistency".
        repeats: how many of "tournament", or shuffles of each window of "self_consistency".
        seed: of the shuffles of these two.
        top: best documents wanted in order; for "top_down".
        words: words of a document that are shown, 1 or more.

    Raises:
        UnknownName: there is no such prompt or schedule.
        BadValue: a number is out of its range, or more documents are shown at once than there are letters.

    Paper:
        R. Reddy et al., FIRST: Faster Improved Listwise Reranking with Single Token Decoding, EMNLP 2024.
    """

    def __init__(
        self,
        model: str | Decoder,
        corpus: Corpus,
        *,
        depth: int = 100,
        prompt: str | ListPrompt = "authors",
        schedule: str | Schedule[list[int]] = "window",
        window: int = 20,
        stride: int = 10,
        passes: int = 1,
        repeats: int = 10,
        seed: int = 0,
        top: int = 10,
        words: int = WORDS,
    ) -> None:
        at_least("depth", depth, 1)
        at_least("top", top, 1)
        self.corpus, self.depth, self.top = corpus, depth, top
        self.comparator = FirstToken(model, prompt=prompt, words=words)
        self.schedule = list_schedule(schedule, window=window, stride=stride, passes=passes, repeats=repeats, seed=seed, top=top)
        check_identifiers(self.schedule, self.comparator.most, depth=depth)

    @property
    def fingerprint(self) -> str:
        """The comparator's, the schedule, depth and top, hashed."""
        return short_hash("first", self.comparator.fingerprint, repr(self.schedule), str(self.depth), str(self.top))

    def warm_up(self) -> None:
        """Loads the weights and looks the letters up.

        Raises:
            ModelError: a letter is not one token of this decoder.
        """
        self.comparator.warm_up()

    def rerank(self, queries: Sequence[Query], run: Run, *, k: int) -> Run:
        """The best `k` documents of each ranking after reordering.

        Raises:
            BadValue: `k` is negative or two queries share an id.
            UnknownDocument: the corpus lacks a document of the run.
            ModelError: a letter is not one token of this decoder, a logit is NaN, or every query failed.
        """
        return rerank_head(queries, run, self._score, depth=self.depth, k=k)

    def _score(self, heads: Sequence[Head]) -> list[Scored]:
        return scheduled(
            heads, self.corpus, self.schedule, lambda candidates: about_groups(self.comparator.order, candidates), top=self.top
        )
