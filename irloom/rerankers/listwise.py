"""Listwise: a language model writes the order of some documents at a time."""

from collections.abc import Mapping, Sequence

from irloom.core.contracts import Corpus, Generator
from irloom.core.errors import BadValue, UnknownName
from irloom.models.decoders.decoder import Decoder
from irloom.models.seq2seq import Seq2Seq
from irloom.rerankers.comparators.contract import Candidates, ListOrderer
from irloom.rerankers.comparators.list_prompt import WORDS, ListPrompt
from irloom.rerankers.comparators.list_prompts import LIST_PROMPTS
from irloom.rerankers.comparators.listwise import ListwiseGeneration
from irloom.rerankers.comparators.lit5 import LiT5Distill, LiT5Score
from irloom.rerankers.scheduled import ScheduledReranker
from irloom.rerankers.schedules.contract import Schedule
from irloom.rerankers.schedules.drive import Ask, about_groups
from irloom.rerankers.schedules.lists import check_identifiers, list_schedule

_LIT5: Mapping[str, type[LiT5Distill] | type[LiT5Score]] = {"lit5_distill": LiT5Distill, "lit5_score": LiT5Score}


class Listwise(ScheduledReranker[list[int]]):
    """Reranks by permutations that a model writes, by default in windows from the end of the list to its head.

    Scores are n to 1 by place: a permutation has none. Malformed answers are repaired and counted in the notes `malformed` and
    `answers`; a query whose calls fail keeps the order given.

    Args:
        model: a decoder's folder or hub id, a Decoder, or a Generator; for LiT5 an encoder-decoder's folder or hub id, or a Seq2Seq.
        corpus: gives the documents' texts.
        depth: documents to rerank of each ranking, 1 or more.
        prompt: "rank_zephyr", "rank_vicuna", "rank_zephyr_letters", "rank_gpt", "rank_gpt_toolkit", "lrl", "apeer", "open_model", a
            ListPrompt; or "lit5_distill", "lit5_score" for LiT5, which cuts passages to 150 tokens and reads neither `words` nor
            `extra_tokens`.
        schedule: "window", "full", "top_down", "tournament", "self_consistency", or a Schedule for lists.
        window: documents of a window, a partition or a group at most, 20 when left out; "full" has none.
        stride: places that windows move, half a window when left out; for "window" and "self_consistency".
        passes: how often windows go over the ranking, once when left out; for "window" and "self_consistency".
        repeats: how many of "tournament", or shuffles of each window of "self_consistency"; 10 when left out.
        seed: of the shuffles of these two.
        top: best documents wanted in order; for "top_down".
        words: words of a document that are shown, 1 or more; 300 when left out.
        extra_tokens: tokens that an answer may have beside its list, for models that think first.

    Raises:
        UnknownName: there is no such prompt or schedule.
        BadValue: a number is out of its range or not one that the schedule or the prompt uses, or more documents are shown at once than
            there are letters.

    Paper:
        W. Sun et al., Is ChatGPT Good at Search? Investigating Large Language Models as Re-Ranking Agents, EMNLP 2023.
    """

    name = "listwise"
    comparator: ListOrderer

    def __init__(
        self,
        model: str | Decoder | Generator | Seq2Seq,
        corpus: Corpus,
        *,
        depth: int = 100,
        prompt: str | ListPrompt = "rank_zephyr",
        schedule: str | Schedule[list[int]] = "window",
        window: int | None = None,
        stride: int | None = None,
        passes: int | None = None,
        repeats: int | None = None,
        seed: int = 0,
        top: int = 10,
        words: int | None = None,
        extra_tokens: int = 0,
    ) -> None:
        super().__init__(corpus, depth=depth, top=top)
        self.comparator = _comparator(model, prompt, words=words, extra_tokens=extra_tokens)
        self.schedule = list_schedule(schedule, window=window, stride=stride, passes=passes, repeats=repeats, seed=seed, top=top)
        check_identifiers(self.schedule, self.comparator.most, depth=depth)

    def _ask(self, candidates: Sequence[Candidates]) -> Ask[list[int]]:
        return about_groups(self.comparator.order, candidates)


def _comparator(
    model: str | Decoder | Generator | Seq2Seq, prompt: str | ListPrompt, *, words: int | None, extra_tokens: int
) -> ListwiseGeneration | LiT5Distill | LiT5Score:
    if isinstance(prompt, str) and prompt not in (*_LIT5, *LIST_PROMPTS):
        raise UnknownName("prompt for lists", prompt, (*_LIT5, *LIST_PROMPTS))
    if isinstance(prompt, str) and prompt in _LIT5:
        if not isinstance(model, str | Seq2Seq):
            raise BadValue("model", type(model).__name__, f"an encoder-decoder such as T5 for the prompt {prompt!r}")
        for name, value in (("words", words), ("extra_tokens", extra_tokens)):
            if value:
                raise BadValue(name, value, f"none for the prompt {prompt!r}, which shows 150 tokens of each passage")
        return _LIT5[prompt](model)
    if isinstance(model, Seq2Seq):
        raise BadValue("prompt", prompt, f"one of {', '.join(_LIT5)} for an encoder-decoder")
    return ListwiseGeneration(model, prompt=prompt, words=WORDS if words is None else words, extra_tokens=extra_tokens)
