"""ModelJudge: a language model that grades how relevant documents are to queries, from 0 to 3."""

import hashlib
import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from irloom.core.errors import BadValue, ModelError
from irloom.core.files import short_hash
from irloom.core.types import Json
from irloom.data.pool import PoolItem
from irloom.eval.grade_text import How, ReadGrade, read_grade
from irloom.models.decoders.messages import Message
from irloom.models.generators.generated import Generated
from irloom.pipelines.cache_store import CacheStore
from irloom.pipelines.judge_prompts import JudgePrompt
from irloom.rerankers.comparators.writer import Model, Writer

_FAILED = "failed"
"""How the fault of a call begins that gave no answer at all and may be tried again."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a model says of one pair.

    Attributes:
        grade: 0 to 3: the commonest grade of the answers, the first one of several; an answer that cannot be read counts 0.
        how: how it was read: the worst of the answers' ways; "empty" for a passage without text, which no model is asked about.
        answers: what the model wrote, once for each sample.
        cut: whether the passage was cut to fit.
        fault: "" or why there is no verdict: nothing of the others holds then.
        prompt_tokens: that were read for it now; 0 where the answers were kept from before.
        new_tokens: that were written for it now.
    """

    grade: int
    how: How | str
    answers: tuple[str, ...] = ()
    cut: bool = False
    fault: str = ""
    prompt_tokens: int = 0
    new_tokens: int = 0


@dataclass(frozen=True, slots=True)
class _Answer:
    """One text, wherever it is from."""

    text: str
    prompt_tokens: int = 0
    new_tokens: int = 0
    fault: str = ""


class ModelJudge:
    """Grades pairs of query and passage by one prompt a pair. Answers are kept by prompt, model and parameters, and not asked for twice.

    Args:
        model: a Decoder or what names one, or a Generator such as an endpoint.
        prompt: how it is asked.
        samples: answers a pair; the commonest grade counts. More than one needs a model that does not answer alike each time.
        max_words: words of a passage at most; None for all. A Decoder's passages are cut to its context in any case.
        cache: where answers are kept; None to keep none.
        name: of the model, for people; None for what it calls itself.

    Raises:
        BadValue: `samples` or `max_words` is below 1.

    Paper: Upadhyay et al., "UMBRELA", arXiv 2406.06519, 2024; Rahmani et al., "LLMJudge", arXiv 2408.08896, 2024.
    Differs: the answer is read strictly first, see `read_grade`; a passage without text is 0 without a call; a Decoder writes greedily,
        without UMBRELA's frequency penalty of 0.5.
    """

    def __init__(
        self,
        model: Model,
        prompt: JudgePrompt,
        *,
        samples: int = 1,
        max_words: int | None = None,
        cache: CacheStore | None = None,
        name: str | None = None,
    ) -> None:
        for setting, value in (("samples", samples), ("max_words", max_words)):
            if value is not None and value < 1:
                raise BadValue(setting, value, "1 or more")
        self._writer, self.prompt = Writer(model), prompt
        self.samples, self.max_words, self._cache = samples, max_words, cache
        self._name = name

    @property
    def name(self) -> str:
        """The prompt's name and the model's, such as "umbrela by gpt-4o"."""
        model = self._name or str(getattr(self._writer.model, "model", type(self._writer.model).__name__))
        return f"{self.prompt.name} by {model}"

    @property
    def fingerprint(self) -> str:
        """Changes with the model, the prompt and every setting that changes a grade."""
        texts = (self.prompt.system, self.prompt.user, str(self.prompt.max_new_tokens))
        return short_hash("judge", self._writer.fingerprint, *texts, str(self.samples), str(self.max_words))

    @property
    def settings(self) -> dict[str, Json]:
        """What the log says of the judge beside its name."""
        return {
            "prompt": self.prompt.name,
            "model": self._writer.fingerprint,
            "judge": self.fingerprint,
            "samples": self.samples,
            "max_words": self.max_words,
        }

    def warm_up(self) -> None:
        """Loads the weights.

        Raises:
            BadValue: several samples of a Decoder, which writes the same each time.
        """
        if self.samples > 1 and self._writer.decoder is not None:
            raise BadValue(
                "samples", self.samples, "1: a model of this process writes the same each time; ask an endpoint at a temperature"
            )
        self._writer.warm_up()

    def judge(self, items: Sequence[PoolItem]) -> list[Verdict]:
        """A verdict for each pair, in their order; equal pairs are asked once.

        Raises:
            ModelError: the model cannot answer any, or a prompt does not fit even without its passage.
        """
        chats = {place: self._chat(item) for place, item in enumerate(items) if _passage(item).strip()}
        keys = {place: [self._key(chat, sample) for sample in range(self.samples)] for place, (chat, _) in chats.items()}
        by_key = {key: chats[place][0] for place, row in keys.items() for key in row}
        found = self._kept(list(by_key))
        missing = [key for key in by_key if key not in found]
        if missing:
            found.update(self._asked(missing, by_key))
        fresh = set(missing)
        verdicts = []
        for place in range(len(items)):
            if place not in chats:
                verdicts.append(Verdict(0, "empty"))
                continue
            row = keys[place]
            verdicts.append(_verdict([found[key] for key in row], cut=chats[place][1], fresh=not fresh.isdisjoint(row)))
            fresh.difference_update(row)  # an equal pair costs nothing more
        return verdicts

    def _chat(self, item: PoolItem) -> tuple[list[Message], bool]:
        """The prompt of a pair, and whether its passage was cut."""
        whole = _passage(item)
        words = whole.split()
        passage = whole if self.max_words is None or len(words) <= self.max_words else " ".join(words[: self.max_words])
        decoder = self._writer.decoder
        if decoder is None:
            return self.prompt.messages(item.query, passage), passage != whole
        room = decoder.shape.context - self.prompt.max_new_tokens
        chat = self.prompt.messages(item.query, passage)
        while (excess := len(decoder.encode_chat(chat)) - room) > 0:
            ids = decoder.encode(passage)
            if len(ids) <= excess:
                problem = f"query {item.query_id!r}: the prompt {self.prompt.name!r} and {self.prompt.max_new_tokens} tokens to answer"
                advice = f"leave no room for a passage in the model's context of {decoder.shape.context}; name a model of a larger one"
                raise ModelError(f"{problem} {advice}")
            passage = decoder.decode(ids[: len(ids) - excess])
            chat = self.prompt.messages(item.query, passage)
        return chat, passage != whole

    def _key(self, chat: Sequence[Message], sample: int) -> bytes:
        content = json.dumps([self._writer.fingerprint, self.prompt.max_new_tokens, sample, [list(turn) for turn in chat]])
        return hashlib.sha256(content.encode()).digest()

    def _kept(self, keys: Sequence[bytes]) -> dict[bytes, _Answer]:
        kept = self._cache.get(keys) if self._cache is not None else {}
        return {key: _Answer(value.decode("utf-8")) for key, value in kept.items()}

    def _asked(self, keys: Sequence[bytes], chats: Mapping[bytes, Sequence[Message]]) -> dict[bytes, _Answer]:
        written = self._writer.write([chats[key] for key in keys], start="", max_new_tokens=self.prompt.max_new_tokens)
        answers = {key: _answer(one) for key, one in zip(keys, written, strict=True)}
        if self._cache is not None:
            self._cache.put({key: one.text.encode() for key, one in answers.items() if not one.fault})
        return answers


def _passage(item: PoolItem) -> str:
    """Title and text joined by one blank, as every model reads documents."""
    return f"{item.title} {item.text}".strip() if item.title else item.text


def _answer(one: Generated) -> _Answer:
    """A refusal or an empty answer is an answer that cannot be read; a call that failed is none."""
    text = one.text.encode("utf-8", "replace").decode()
    return _Answer(text, one.prompt_tokens, one.new_tokens, one.fault if one.fault.startswith(_FAILED) else "")


def _verdict(answers: Sequence[_Answer], *, cut: bool, fresh: bool) -> Verdict:
    fault = next((one.fault for one in answers if one.fault), "")
    if fault:
        return Verdict(0, "invalid", fault=fault)
    read: list[ReadGrade] = [read_grade(one.text) for one in answers]
    ways: tuple[How, ...] = ("invalid", "fallback", "strict")
    how = next(way for way in ways if any(one.how == way for one in read))
    spent = [sum(counts) if fresh else 0 for counts in zip(*((one.prompt_tokens, one.new_tokens) for one in answers), strict=True)]
    grade = statistics.mode(one.grade for one in read)
    return Verdict(grade, how, tuple(one.text for one in answers), cut, "", spent[0], spent[1])
