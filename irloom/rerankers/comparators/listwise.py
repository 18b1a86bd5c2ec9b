"""ListwiseGeneration: the model is shown some documents and writes their identifiers in order."""

from collections.abc import Sequence

from irloom.core.errors import BadValue, UnknownName
from irloom.core.files import short_hash
from irloom.core.types import Document, Query
from irloom.models.decoders.messages import Message
from irloom.models.generators.generated import Generated
from irloom.models.naming import naming_query
from irloom.models.settings import at_least
from irloom.rerankers.comparators.contract import FAILED, REFUSED, Answer, Candidates, Spent
from irloom.rerankers.comparators.fitting import Fitted, fitted
from irloom.rerankers.comparators.list_answers import read_order
from irloom.rerankers.comparators.list_prompt import WORDS, ListPrompt
from irloom.rerankers.comparators.list_prompts import LIST_PROMPTS
from irloom.rerankers.comparators.narrowing import narrowed
from irloom.rerankers.comparators.writer import Model, Writer

ALPHABET = 26
"""Documents that letters can name."""


class ListwiseGeneration:
    """Orders lists by a permutation that a model writes; any text is read as one.

    Documents are cut to `words` words, and to fewer where the prompt would not fit a decoder's context beside the answer. Where one word
    a document is too much, the list is ordered in windows of fewer documents; a query that leaves no room for two fails. Prompts for
    servers are sent as they are.

    Args:
        model: a decoder's folder or hub id, a Decoder, or a Generator.
        prompt: a name of `LIST_PROMPTS`, or a prompt.
        words: words of a document that are shown, 1 or more.
        extra_tokens: tokens that an answer may have beside its list, for models that think first; 0 or more.

    Raises:
        UnknownName: there is no such prompt.
        BadValue: a number is out of its range.

    Paper:
        W. Sun et al., Is ChatGPT Good at Search? Investigating Large Language Models as Re-Ranking Agents, EMNLP 2023; R. Pradeep et
        al., RankZephyr: Effective and Robust Zero-Shot Listwise Reranking is a Breeze!, arXiv 2312.02724, 2023.

    Differs:
        An answer may end before it has as many tokens as the whole list; the toolkit forbids that, and the tokens that it forces are
        dropped as repetitions.
    """

    def __init__(self, model: Model, *, prompt: str | ListPrompt = "rank_zephyr", words: int = WORDS, extra_tokens: int = 0) -> None:
        if isinstance(prompt, str) and prompt not in LIST_PROMPTS:
            raise UnknownName("prompt for lists", prompt, LIST_PROMPTS)
        at_least("words", words, 1)
        at_least("extra_tokens", extra_tokens, 0)
        self.prompt = LIST_PROMPTS[prompt] if isinstance(prompt, str) else prompt
        self.words, self.extra_tokens = words, extra_tokens
        self.writer = Writer(model)

    @property
    def most(self) -> int | None:
        """Documents at once: 26 where they are named by letters."""
        return ALPHABET if self.prompt.letters else None

    @property
    def fingerprint(self) -> str:
        """The model's, the prompt and the settings, hashed."""
        return short_hash("listwise", self.writer.fingerprint, repr(self.prompt), str(self.words), str(self.extra_tokens))

    def warm_up(self) -> None:
        """Loads the weights, where there are any."""
        self.writer.warm_up()

    def order(self, requests: Sequence[Candidates]) -> list[Answer[list[int]]]:
        """The order of each request's documents; fewer than two need no call.

        Raises:
            BadValue: more documents than letters.
            ModelError: the model cannot answer any request.
        """
        answers = [Answer(list(range(len(documents)))) for _, documents in requests]
        waiting: dict[int, list[tuple[int, Fitted[list[Message]]]]] = {}
        for place, request in enumerate(requests):
            n = len(request[1])
            if self.most is not None and n > self.most:
                raise BadValue("documents", n, f"{self.most} at most at once, one for each letter; use windows")
            if n < 2:
                continue
            prompt = self._fitted(request)
            if prompt is None:
                answers[place] = narrowed(self.order, lambda some: self._fitted(some) is not None, request, self._too_long(request))
            else:
                waiting.setdefault(self._budget(n), []).append((place, prompt))
        for budget, some in waiting.items():
            written = self._written([(requests[place][0], one.prompt) for place, one in some], budget)
            for (place, one), text in zip(some, written, strict=True):
                documents = requests[place][1]
                answers[place] = self._read(text, len(documents), self._cut(documents, one.words))
        return answers

    def _budget(self, n: int) -> int:
        """Tokens that an answer about n documents may have."""
        return self.writer.tokens(self.prompt.answer(range(n))) + self.extra_tokens

    def _rendered(self, request: Candidates, words: int) -> list[Message]:
        query, documents = request
        return self.prompt.messages(query.text, [self.prompt.passage(document, words=words) for document in documents])

    def _count(self, chat: list[Message]) -> int:
        return self.writer.prompt_tokens(chat, start=self.prompt.start)

    def _fitted(self, request: Candidates) -> Fitted[list[Message]] | None:
        n = len(request[1])
        decoder = self.writer.decoder
        room = decoder.shape.context - self._budget(n) if decoder is not None else 0
        return fitted(lambda words: self._rendered(request, words), self._count, documents=n, words=self.words, room=room)

    def _too_long(self, request: Candidates) -> str:
        n, decoder = len(request[1]), self.writer.decoder
        context = decoder.shape.context if decoder is not None else 0
        tokens = self._count(self._rendered(request, 1))
        return f"the query and {n} documents of a word each are {tokens} tokens, and {self._budget(n)} of {context} are the answer's"

    def _written(self, asked: Sequence[tuple[Query, list[Message]]], budget: int) -> list[Generated]:
        """What the model writes."""
        return naming_query(lambda chats: self.writer.write(chats, start=self.prompt.start, max_new_tokens=budget), asked)

    def _cut(self, documents: Sequence[Document], words: int) -> frozenset[str]:
        return frozenset(one.id for one in documents if self.prompt.lost(one, words=words, usual=self.words))

    def _read(self, written: Generated, n: int, cut: frozenset[str]) -> Answer[list[int]]:
        """What was written as an answer; a model that refused leaves the list as it is, one that failed fails the query."""
        spent = Spent(written.prompt_tokens, written.new_tokens, 1, cut, written.usd, spans=written.spans)
        if written.fault:
            fault = REFUSED if written.fault.startswith(REFUSED) else FAILED
            return Answer(list(range(n)), spent, fault, written.fault)
        order, fault = read_order(written.text, n, self.prompt)
        return Answer(order, spent, fault, written.text)
