"""FIRST: one forward pass orders a window, by the logits of its identifiers as the first token of the answer."""

from collections.abc import Sequence
from typing import cast

from irloom.core.contracts import Corpus, Generator
from irloom.core.errors import BadValue
from irloom.models.decoders.decoder import Decoder
from irloom.models.generators.generated import LabelScoring
from irloom.rerankers.comparators.contract import Candidates
from irloom.rerankers.comparators.first import FirstToken
from irloom.rerankers.comparators.first_served import ServedFirstToken
from irloom.rerankers.comparators.list_prompt import WORDS, ListPrompt
from irloom.rerankers.scheduled import ScheduledReranker
from irloom.rerankers.schedules.contract import Schedule
from irloom.rerankers.schedules.drive import Ask, about_groups
from irloom.rerankers.schedules.lists import check_identifiers, list_schedule


class FIRST(ScheduledReranker[list[int]]):
    """Reranks by the first token's logits over the letters A to T, by default in windows from the end of the list to its head.

    Scores are n to 1 by place: logits of two windows cannot be compared. A server names only its likely tokens: the letters among them
    are sorted, the others follow in the order given, and the note `unlisted` counts those.

    Args:
        model: a decoder's folder or hub id, a Decoder, or a Generator that tells label scores, such as OpenAIChat.
        corpus: gives the documents' texts.
        depth: documents to rerank of each ranking, 1 or more.
        prompt: "authors", "rank_llm", "short", or a ListPrompt with letters; the one that the model was trained with.
        schedule: "window", "full", "top_down", "tournament", "self_consistency", or a Schedule for lists.
        window: documents of a window, a partition or a group at most; 20, as many as there are letters, at most and when left out; "full"
            has none.
        stride: places that windows move, half a window when left out; for "window" and "self_consistency".
        passes: how often windows go over the ranking, once when left out; for "window" and "self_consistency".
        repeats: how many of "tournament", or shuffles of each window of "self_consistency"; 10 when left out.
        seed: of the shuffles of these two.
        top: best documents wanted in order; for "top_down".
        words: words of a document that are shown, 1 or more.

    Raises:
        UnknownName: there is no such prompt or schedule.
        BadValue: a number is out of its range or not one that the schedule uses, more documents are shown at once than there are letters,
            or the generator tells no label scores.

    Paper:
        R. Reddy et al., FIRST: Faster Improved Listwise Reranking with Single Token Decoding, EMNLP 2024.
    """

    name = "first"
    comparator: FirstToken | ServedFirstToken

    def __init__(
        self,
        model: str | Decoder | Generator,
        corpus: Corpus,
        *,
        depth: int = 100,
        prompt: str | ListPrompt = "authors",
        schedule: str | Schedule[list[int]] = "window",
        window: int | None = None,
        stride: int | None = None,
        passes: int | None = None,
        repeats: int | None = None,
        seed: int = 0,
        top: int = 10,
        words: int = WORDS,
    ) -> None:
        super().__init__(corpus, depth=depth, top=top)
        self.comparator = _comparator(model, prompt, words)
        self.schedule = list_schedule(schedule, window=window, stride=stride, passes=passes, repeats=repeats, seed=seed, top=top)
        check_identifiers(self.schedule, self.comparator.most, depth=depth)

    def _ask(self, candidates: Sequence[Candidates]) -> Ask[list[int]]:
        return about_groups(self.comparator.order, candidates)


def _comparator(model: str | Decoder | Generator, prompt: str | ListPrompt, words: int) -> FirstToken | ServedFirstToken:
    if isinstance(model, LabelScoring):
        return ServedFirstToken(model, prompt=prompt, words=words)
    if not isinstance(model, str) and not callable(getattr(model, "next_logits", None)):
        expected = "a decoder, or a generator that tells the log-probabilities of first tokens, such as openai_chat"
        raise BadValue("model", type(model).__name__, expected)
    return FirstToken(cast("str | Decoder", model), prompt=prompt, words=words)
