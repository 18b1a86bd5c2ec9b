"""OpenAIChat: texts and label scores from an OpenAI-compatible chat/completions endpoint."""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from threading import Event
from time import perf_counter
from typing import Any, Literal, TypeVar, get_args

import numpy as np

from irloom.core.errors import BadValue, ModelError, shortened
from irloom.core.files import short_hash
from irloom.models.budget import Bill, Budget
from irloom.models.concurrent_calls import call_each
from irloom.models.decoders.messages import Message
from irloom.models.generators.chat_answers import first_choice, scores_of, text_of, tokens_of
from irloom.models.generators.generated import Generated, LabelScores, Prompt
from irloom.models.json_client import JsonClient

logger = logging.getLogger(__name__)
T = TypeVar("T", Generated, LabelScores)
LengthField = Literal["max_tokens", "max_completion_tokens"]
_OWN_FIELDS = ("model", "messages", "stream", "n")


class OpenAIChat:
    """A Generator over a server that speaks OpenAI's chat protocol (OpenAI, vLLM, llama.cpp, Ollama, TGI, ...).

    Several prompts are asked at once within one call, and answers come in the order of the prompts. What a server makes of temperature 0
    is its own affair: two calls may differ where its batches do.

    Args:
        model: the model's name at the server.
        base_url: up to and including the version, such as "http://localhost:8000/v1".
        api_key_env: environment variable that holds the key; without one no key is sent.
        temperature: of sampling; None to send none, for models that refuse it.
        stop: texts at which an answer ends, as the server cuts them.
        length_field: what the server calls the most new tokens; newer models of OpenAI want "max_completion_tokens".
        top_logprobs: tokens whose log-probability is asked for by `label_scores`; OpenAI and vLLM allow 20 (vLLM more with its option
            --max-logprobs), TGI 5.
        continues: the server goes on with a last turn of the assistant where vLLM's fields `continue_final_message` and
            `add_generation_prompt` ask for it; they are then sent with such prompts. OpenAI's own server does not and refuses them.
        workers: requests at once.
        timeout: seconds for a connection, and for a whole answer.
        retries: how often a failed request is tried again.
        first_wait: seconds before the first new try, doubled at each.
        spend_limit_tokens: tokens read and written, over this object's life, at which nothing more is asked; None for no limit.
        spend_limit_usd: US dollars at which nothing more is asked; needs prices.
        prompt_price: US dollars for a million tokens read.
        new_price: US dollars for a million tokens written.
        extra: fields added to each request as they are, such as {"seed": 1} or vLLM's {"chat_template_kwargs": {...}}.

    Raises:
        BadValue: an argument is out of its range, or a limit in dollars has no prices.
    """

    def __init__(
        self,
        model: str,
        *,
        base_url: str = "https://api.openai.com/v1",
        api_key_env: str = "OPENAI_API_KEY",
        temperature: float | None = 0.0,
        stop: Sequence[str] = (),
        length_field: LengthField = "max_tokens",
        top_logprobs: int = 20,
        continues: bool = False,
        workers: int = 8,
        timeout: float = 120.0,
        retries: int = 5,
        first_wait: float = 0.5,
        spend_limit_tokens: int | None = None,
        spend_limit_usd: float | None = None,
        prompt_price: float | None = None,
        new_price: float | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        if length_field not in get_args(LengthField):
            raise BadValue("length_field", length_field, f"one of {', '.join(get_args(LengthField))}")
        if temperature is not None and not temperature >= 0:
            raise BadValue("temperature", temperature, "0 or more, or none")
        for name, count in (("workers", workers), ("top_logprobs", top_logprobs)):
            if count < 1:
                raise BadValue(name, count, "1 or more")
        for name, price in (("prompt_price", prompt_price), ("new_price", new_price)):
            if price is not None and not price >= 0:
                raise BadValue(name, price, "US dollars for a million tokens, 0 or more")
        if spend_limit_usd is not None and (prompt_price is None or new_price is None):
            raise BadValue("spend_limit_usd", spend_limit_usd, "prompt_price and new_price beside it")
        self.extra = _checked_extra(extra or {})
        self.client = JsonClient(base_url, api_key_env=api_key_env, timeout=timeout, retries=retries, first_wait=first_wait)
        self.budget = Budget(tokens=spend_limit_tokens, usd=spend_limit_usd)
        self.model, self.temperature, self.stop = model, temperature, tuple(stop)
        self.length_field, self.top_logprobs, self.continues, self.workers = length_field, top_logprobs, continues, workers
        self.prompt_price, self.new_price = prompt_price or 0.0, new_price or 0.0

    @property
    def fingerprint(self) -> str:
        """Server, model and what goes with each request, hashed; the key is no part of it."""
        sent = [self.temperature, self.stop, self.length_field, self.top_logprobs, self.continues, self.extra]
        settings = json.dumps(sent, sort_keys=True)
        return short_hash("openai_chat", self.client.base_url, self.model, settings)

    def warm_up(self) -> None:
        """Nothing loads here."""

    def generate(self, prompts: Sequence[Prompt], *, max_new_tokens: int) -> list[str]:
        """One text a prompt; "" where the model refused or wrote nothing.

        Raises:
            BadValue: `max_new_tokens` is less than 1, or a prompt has no turn.
            ModelError: a prompt got no answer after all tries, or a spend limit is reached. `answers` keeps what came for the others.
        """
        found = self._asked(prompts, self._answer, {self.length_field: _positive(max_new_tokens)})
        for one in found:
            if isinstance(one, ModelError):
                raise one
        return [one.text for one in found if isinstance(one, Generated)]

    def answers(self, prompts: Sequence[Prompt], *, max_new_tokens: int) -> list[Generated]:
        """One answer a prompt; where it failed after all tries, or a spend limit was reached, its fault says so.

        Raises:
            BadValue: `max_new_tokens` is less than 1, or a prompt has no turn.
            ModelError: all prompts failed.
        """
        found = self._asked(prompts, self._answer, {self.length_field: _positive(max_new_tokens)})
        _refuse_all_failed(found)
        return [Generated("", fault=f"failed: {one}") if isinstance(one, ModelError) else one for one in found]

    def label_scores(self, prompts: Sequence[Prompt], labels: Sequence[str], *, after: str = "") -> list[LabelScores]:
        """How likely each label is to be the first token of the answer, of those tokens that the server names.

        Tokens that differ from a label by a blank before or after it count as the label. A label that the server does not name stands
        below all that it names, by 1 in natural logarithms; such labels tie, and `listed` tells them.

        Args:
            prompts: what is asked.
            labels: one token each, such as "A" or "Yes".
            after: what the answer begins with before the label, such as "[". A server that continues is given it as the beginning of its
                answer; of another the label is read behind it where the answer begins so, and else as the first token.

        Raises:
            BadValue: there are no labels, or a prompt has no turn.
            ModelError: all prompts failed, as where the server gives no log-probabilities.
        """
        if not labels:
            raise BadValue("labels", labels, "at least one label")

        def read(answer: Any, sent: int, bill: Bill) -> LabelScores:
            choice = first_choice(answer, self._url)
            scores, listed = scores_of(choice, labels, self._url, after=after, begun=self.continues)
            return LabelScores(scores, listed, *self._billed(bill, answer, sent, "x"))

        if after and self.continues:
            prompts = [[*_chat(prompt), Message("assistant", after)] for prompt in prompts]
        most = 1 + len(after)  # each token of `after` has a character at least
        found = self._asked(prompts, read, {self.length_field: most, "logprobs": True, "top_logprobs": self.top_logprobs})
        _refuse_all_failed(found)
        none = LabelScores(np.zeros(len(labels), np.float32), np.zeros(len(labels), np.bool_))
        return [LabelScores(none.scores, none.listed, fault=f"failed: {one}") if isinstance(one, ModelError) else one for one in found]

    @property
    def _url(self) -> str:
        return f"{self.client.base_url}/chat/completions"

    def _answer(self, answer: Any, sent: int, bill: Bill) -> Generated:
        text, fault = text_of(first_choice(answer, self._url), self._url)
        return Generated(text, *self._billed(bill, answer, sent, text), fault=fault)

    def _billed(self, bill: Bill, answer: Any, sent: int, text: str) -> tuple[int, int, float]:
        read, written = tokens_of(answer, sent=sent, text=text)
        bill.tokens, bill.usd = read + written, (read * self.prompt_price + written * self.new_price) / 1e6
        return read, written, bill.usd

    def _asked(self, prompts: Sequence[Prompt], read: Callable[[Any, int, Bill], T], fields: Mapping[str, Any]) -> list[T | ModelError]:
        def ask(messages: list[dict[str, str]], stop: Event) -> T:
            body = self._body(messages, fields)
            with self.budget.request() as bill:
                begun = perf_counter()
                answer = self.client.post("/chat/completions", body, stop=stop)
                spans = ((begun, perf_counter()),)
                sent = sum(len(message["content"].encode("utf-8", "replace")) for message in messages)
                self._billed(bill, answer, sent, "")  # what cannot be read has its price too
                return replace(read(answer, sent, bill), spans=spans)

        chats = [[message._asdict() for message in _chat(prompt)] for prompt in prompts]
        found = call_each(ask, chats, workers=self.workers)
        failed = [one for one in found if isinstance(one, ModelError)]
        if failed:
            logger.warning("%s: %d of %d prompts failed; the first: %s", self._url, len(failed), len(found), shortened(str(failed[0])))
        return found

    def _body(self, messages: list[dict[str, str]], fields: Mapping[str, Any]) -> dict[str, Any]:
        body: dict[str, Any] = {"model": self.model, "messages": messages}
        if self.temperature is not None:
            body["temperature"] = self.temperature
        if self.stop:
            body["stop"] = list(self.stop)
        if self.continues and messages[-1]["role"] == "assistant":
            body |= {"continue_final_message": True, "add_generation_prompt": False}
        return {**body, **fields, **self.extra}


def _chat(prompt: Prompt) -> Sequence[Message]:
    if not prompt and not isinstance(prompt, str):
        raise BadValue("prompt", prompt, "a text, or at least one turn")
    return [Message("user", prompt)] if isinstance(prompt, str) else prompt


def _positive(max_new_tokens: int) -> int:
    if max_new_tokens < 1:
        raise BadValue("max_new_tokens", max_new_tokens, "1 or more")
    return max_new_tokens


def _refuse_all_failed(found: Sequence[object]) -> None:
    if found and all(isinstance(one, ModelError) for one in found):
        raise next(one for one in found if isinstance(one, ModelError))


def _checked_extra(extra: Mapping[str, Any]) -> dict[str, Any]:
    for name in _OWN_FIELDS:
        if name in extra:
            raise BadValue("extra", name, f"other fields than {', '.join(_OWN_FIELDS)}, which are set here")
    try:
        json.dumps(extra, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise BadValue("extra", extra, f"what JSON can hold ({error})") from None
    return dict(extra)
