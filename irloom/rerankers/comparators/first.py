"""FirstToken: the order is read off the logits of the identifiers where the model would write the first of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import BadValue, NotANumber
from irloom.core.files import short_hash
from irloom.core.once import Once
from irloom.core.types import Document
from irloom.models.decoders.decoder import Decoder
from irloom.models.naming import naming_query
from irloom.models.settings import at_least
from irloom.rerankers.comparators.contract import FAILED, Answer, Candidates, Spent
from irloom.rerankers.comparators.first_prompt import MOST, best_first, first_prompt, identifier_tokens
from irloom.rerankers.comparators.fitting import Fitted, fitted
from irloom.rerankers.comparators.list_prompt import WORDS, ListPrompt
from irloom.rerankers.comparators.narrowing import narrowed

Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Letters:
    """What a decoder would begin its list with.

    Attributes:
        logits: float32 (n,), one for each document's letter.
        tokens: tokens that it read.
        cut_documents: ids of documents that were shortened so that the prompt fits.
    """

    logits: NDArray[np.float32]
    tokens: int = 0
    cut_documents: frozenset[str] = frozenset()


class FirstToken:
    """Orders lists by one forward pass: the prompt ends in "[", and the logits of A, B, C ... as the next token are the scores.

    All logits are read, so that every document has one; equal ones keep the order given.

    Documents are cut to `words` words, and to fewer where the prompt would not fit the context. Where one word a document is too much,
    the list is ordered in windows of fewer documents; a query that leaves no room for two fails.

    Args:
        model: a decoder's folder or hub id, or a Decoder.
        prompt: "authors", "rank_llm", "short", or a ListPrompt with letters.
        words: words of a document that are shown, 1 or more.

    Raises:
        UnknownName: there is no such prompt.
        BadValue: `words` is less than 1, or the prompt does not name documents by letters, or begins no answer.

    Paper:
        R. Reddy et al., FIRST: Faster Improved Listwise Reranking with Single Token Decoding, EMNLP 2024, section 3.

    Differs:
        The authors read the best 30 or 120 log-probabilities of a server and set documents whose letter is not among them behind the
        others; here each letter has its logit. The order is the same where all letters were among them.
    """

    labels = most = MOST
    """Documents at once, for sets and for lists."""

    def __init__(self, model: str | Decoder, *, prompt: str | ListPrompt = "authors", words: int = WORDS) -> None:
        self.prompt = first_prompt(prompt)
        at_least("words", words, 1)
        self.decoder = Decoder(model) if isinstance(model, str) else model
        self.words = words
        self._letters: Once[list[int]] = Once()

    @property
    def fingerprint(self) -> str:
        """The decoder's, the prompt and the settings, hashed."""
        return short_hash("first", self.decoder.fingerprint, repr(self.prompt), str(self.words))

    def warm_up(self) -> None:
        """Loads the weights and looks the letters up.

        Raises:
            ModelError: a letter is not one token of this decoder.
        """
        self.decoder.warm_up()
        _ = self.letter_tokens

    @property
    def letter_tokens(self) -> list[int]:
        """The token of each letter behind the prompt's `start`.

        Raises:
            ModelError: a letter is not one token of this decoder, or two share one.
        """
        return self._letters.get(lambda: identifier_tokens(self.decoder, after=self.prompt.start))

    def order(self, requests: Sequence[Candidates]) -> list[Answer[list[int]]]:
        """The order of each request's documents; fewer than two need no call.

        Raises:
            BadValue: more documents than letters.
            ModelError: a letter is not one token of this decoder, or a logit is NaN.
        """
        return [
            narrowed(self.order, lambda some: self._fitted(some) is not None, request, self._too_long(request))
            if found is None
            else Answer(best_first(found.logits), _spent(found))
            for request, found in zip(requests, self.read(requests), strict=True)
        ]

    def select(self, requests: Sequence[Candidates]) -> list[Answer[int]]:
        """The place of each request's best document.

        Raises:
            BadValue: more documents than letters.
            ModelError: a letter is not one token of this decoder, or a logit is NaN.
        """
        answers = []
        for request, found in zip(requests, self.read(requests), strict=True):
            if found is None:
                answers.append(Answer(0, fault=FAILED, detail=self._too_long(request)))
            else:
                answers.append(Answer(best_first(found.logits)[0], _spent(found)))
        return answers

    def read(self, requests: Sequence[Candidates]) -> list[Letters | None]:
        """The logits of each request's documents, None where the query leaves no room for them; zeros for fewer than two documents.

        Raises:
            BadValue: more documents than letters.
            ModelError: a letter is not one token of this decoder, or a logit is NaN.
        """
        found: list[Letters | None] = [Letters(np.zeros(len(documents), np.float32)) for _, documents in requests]
        asked: list[tuple[int, Fitted[Ids]]] = []
        for place, (query, documents) in enumerate(requests):
            if len(documents) > self.most:
                raise BadValue("documents", len(documents), f"{self.most} at most at once, one for each letter; use windows")
            if len(documents) > 1:
                prompt = self._fitted((query, documents))
                found[place] = None
                asked += [(place, prompt)] if prompt is not None else []
        logits = self._logits([(requests[place], prompt.prompt) for place, prompt in asked])
        for (place, prompt), row in zip(asked, logits, strict=True):
            documents = requests[place][1]
            found[place] = Letters(row[: len(documents)], prompt.tokens, self._cut(documents, prompt.words))
        return found

    def _rendered(self, request: Candidates, words: int) -> Ids:
        query, documents = request
        passages = [self.prompt.passage(document, words=words) for document in documents]
        return self.decoder.encode_chat(self.prompt.messages(query.text, passages), start=self.prompt.start)

    def _fitted(self, request: Candidates) -> Fitted[Ids] | None:
        room = self.decoder.shape.context
        return fitted(lambda words: self._rendered(request, words), len, documents=len(request[1]), words=self.words, room=room)

    def _too_long(self, request: Candidates) -> str:
        tokens, context = len(self._rendered(request, 1)), self.decoder.shape.context
        return f"the query and {len(request[1])} documents of a word each are {tokens} tokens, and the context has {context}"

    def _cut(self, documents: Sequence[Document], words: int) -> frozenset[str]:
        return frozenset(one.id for one in documents if self.prompt.lost(one, words=words, usual=self.words))

    def _logits(self, asked: Sequence[tuple[Candidates, Ids]]) -> list[NDArray[np.float32]]:
        """float32 (letters,) for each prompt, checked for the letters that it uses."""
        if not asked:
            return []
        letters = self.letter_tokens
        rows = naming_query(lambda tails: self.decoder.next_logits(tails, tokens=letters), [(query, ids) for (query, _), ids in asked])
        for ((query, documents), _), row in zip(asked, rows, strict=True):
            bad = np.flatnonzero(np.isnan(row[: len(documents)]))
            if len(bad):
                document = documents[int(bad[0])]
                raise NotANumber(f"query {query.id!r}: the logit of document {document.id!r} is NaN; are the model's weights sound?")
        return list(rows)


def _spent(found: Letters) -> Spent:
    return Spent(found.tokens, 0, 1 if found.tokens else 0, found.cut_documents)
