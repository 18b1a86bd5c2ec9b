"""SetwisePrompting: a language model is asked which of some passages is the most relevant one."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import BadValue, NotANumber
from irloom.core.files import short_hash
from irloom.models.generators.generated import Generated, LabelScores
from irloom.models.naming import naming_query
from irloom.models.prompting.asking import Asking
from irloom.models.prompting.fitting import Fitted, Shorten
from irloom.models.prompting.opening import LanguageModel
from irloom.models.scorers.points import NO_ROOM
from irloom.models.settings import at_least, one_of
from irloom.rerankers.comparators.contract import FAILED, WRONG_FORMAT, Answer, Candidates
from irloom.rerankers.comparators.passage_labels import (
    LETTERS,
    NEW_TOKENS,
    START,
    fault_of,
    fit_labelled,
    read_letter,
    spellings,
    spent_on,
)

BEFORE = 'Given a query "{query}", which of the following passages is the most relevant one to the query?\n\n'
AFTER = "\n\nOutput only the passage label of the most relevant passage:"
SCORINGS = ("generation", "likelihood")


@dataclass(frozen=True, slots=True)
class Shown:
    """One prompt about a set.

    Attributes:
        prompt: the text.
        letters: the letter of each document, in the order of the set.
        cut: ids of the documents that were cut to make the prompt fit.
    """

    prompt: str
    letters: str
    cut: frozenset[str]


class SetwisePrompting(Asking):
    """Chooses the best of a set of at most 23 passages, or orders the set, by the letters of its passages.

    By "generation" the letter that the model writes is read; where it is no letter of the set no passage is chosen, -1. By "likelihood"
    the letters' logits are compared in one pass. With several `permutations` the passages are shown as often in a random order under
    random letters, and the passage with most votes is chosen, ties by chance; the chance depends on `seed`, the query's and the
    documents' ids alone. `order` sorts a set by its letters' log-probabilities, summed over permutations.

    The query stands first, so that prompts of one query share it.

    Args:
        model: a folder, a hub id, a Decoder, a Seq2Seq or a Generator.
        scoring: "generation" or "likelihood".
        query_tokens: tokens of a query at most, 32 in the published numbers; None for all of it.
        document_tokens: tokens of a passage at most, 128 in the published numbers.
        permutations: prompts a set, 1 or more; 1 shows the passages in the order given.
        seed: of the permutations.

    Raises:
        BadValue: an argument is out of its range.

    Paper:
        S. Zhuang et al., A Setwise Approach for Effective and Highly Efficient Zero-shot Ranking with Large Language Models,
        SIGIR 2024, section 3; prompt and reading are those of its code.
    Differs:
        likelihood works for decoders too; it is published for T5 alone.
    """

    labels = most = len(LETTERS)
    """Documents at once, for sets and for lists."""

    def __init__(
        self,
        model: LanguageModel,
        *,
        scoring: str = "generation",
        query_tokens: int | None = None,
        document_tokens: int = 128,
        permutations: int = 1,
        seed: int = 0,
    ) -> None:
        one_of("scoring", scoring, SCORINGS)
        at_least("permutations", permutations, 1)
        super().__init__(model, query_tokens=query_tokens, document_tokens=document_tokens)
        self.scoring, self.permutations, self.seed = scoring, permutations, seed

    @property
    def fingerprint(self) -> str:
        """The model's and the settings, hashed."""
        settings = (self.scoring, self.query_tokens, self.document_tokens, self.permutations, self.seed)
        return short_hash("setwise", self.prompts.fingerprint, *map(str, settings))

    def select(self, requests: Sequence[Candidates]) -> list[Answer[int]]:
        """The place of the best document of each set, -1 where the model names none; a set of one needs no call.

        Raises:
            BadValue: a set is empty or has more documents than there are letters.
            ModelError: the model cannot be loaded or answers nothing, or by likelihood: a letter is not one token, or a logit is NaN.
        """
        shown = self._all_shown(requests)
        if self.scoring == "likelihood":
            return [
                self._answer(request, some, found, self._votes(some, found))
                for request, some, found in zip(requests, shown, self._scores(requests, shown), strict=True)
            ]
        model = self.prompts
        asked = [(query, one.prompt) for (query, _), some in zip(requests, shown, strict=True) for one in some or ()]
        begin, most = START[model.kind], NEW_TOKENS[model.kind]
        written = naming_query(lambda texts: model.answers(texts, start=begin, max_new_tokens=most), asked) if asked else []
        answers, start = [], 0
        for request, some in zip(requests, shown, strict=True):
            mine = written[start : start + len(some or ())]
            start += len(mine)
            votes = [self._vote(one, text) for one, text in zip(some or (), mine, strict=True)]
            answers.append(self._answer(request, some, mine, votes))
        return answers

    def order(self, requests: Sequence[Candidates]) -> list[Answer[list[int]]]:
        """The places of each set, best first, by the logits of their letters; ties keep the order given.

        Raises:
            BadValue: a set is empty or has more documents than there are letters.
            ModelError: the model cannot be loaded, tells no label scores, a letter is not one token, or a logit is NaN.
        """
        shown = self._all_shown(requests)
        answers: list[Answer[list[int]]] = []
        for (_, documents), some, found in zip(requests, shown, self._scores(requests, shown), strict=True):
            order = list(range(len(documents)))
            if some is None:
                answers.append(Answer(order, fault=FAILED, detail=NO_ROOM))
                continue
            fault, detail = fault_of(found)
            if some and not fault:
                sums = np.sum([_by_place(one, scores) for one, scores in zip(some, found, strict=True)], axis=0)
                order = [int(place) for place in np.argsort(-sums, kind="stable")]
            answers.append(Answer(order, spent_on(found, _cut(some)), fault, detail))
        return answers

    def _all_shown(self, requests: Sequence[Candidates]) -> list[list[Shown] | None]:
        shorten = cache(self.prompts.shorten)  # for this call alone: a document may be in many sets
        return [self._shown(request, shorten) for request in requests]

    def _shown(self, request: Candidates, shorten: Shorten) -> list[Shown] | None:
        """The prompts about a set: none for a set of one, None where they do not fit."""
        query, documents = request
        n = len(documents)
        if not 1 <= n <= len(LETTERS):
            raise BadValue("documents", n, f"1 to {len(LETTERS)} at once, one for each letter")
        if n == 1:
            return []
        plain = [(list(range(n)), LETTERS[:n])]
        shown = []
        for places, letters in plain if self.permutations == 1 else self._permuted(request):
            fitted = self._fitted(query.text, [documents[place].full_text for place in places], letters, shorten)
            if fitted is None:
                return None
            by_place = "".join(letters[places.index(place)] for place in range(n))
            shown.append(Shown(fitted.prompt, by_place, frozenset(documents[places[row]].id for row in fitted.cut)))
        return shown

    def _permuted(self, request: Candidates) -> list[tuple[list[int], str]]:
        """Places of documents in the order in which they are shown, and the letters in that order."""
        rng, n = self._chance(request), len(request[1])
        drawn = [(rng.permutation(n), rng.permutation(list(LETTERS[:n]))) for _ in range(self.permutations)]
        return [([int(place) for place in places], "".join(letters)) for places, letters in drawn]

    def _chance(self, request: Candidates) -> np.random.Generator:
        query, documents = request
        return np.random.default_rng([self.seed, int(short_hash(query.id, *(document.id for document in documents)), 16)])

    def _fitted(self, query: str, texts: list[str], letters: str, shorten: Shorten) -> Fitted | None:
        asked = self.shown_query(query, shorten)

        def render(passages: Sequence[str]) -> str:
            blocks = [f'Passage {letter}: "{passage}"' for letter, passage in zip(letters, passages, strict=True)]
            return BEFORE.format(query=asked) + "\n\n".join(blocks) + AFTER

        return fit_labelled(self.prompts, render, texts, most=self.document_tokens, shorten=shorten)

    def _scores(self, requests: Sequence[Candidates], shown: Sequence[list[Shown] | None]) -> list[list[LabelScores]]:
        """The scores of letters for each prompt: of as many as the largest set has."""
        model = self.prompts
        asked = [(row, one) for row, some in enumerate(shown) for one in some or ()]
        most = max((len(one.letters) for _, one in asked), default=0)
        labels = [spellings(letter, model.kind) for letter in LETTERS[:most]]
        questions = [(requests[row][0], one.prompt) for row, one in asked]
        scores = naming_query(lambda texts: model.label_scores(texts, labels, start=START[model.kind]), questions) if asked else []
        found: list[list[LabelScores]] = [[] for _ in requests]
        for (row, _), told in zip(asked, scores, strict=True):
            if np.isnan(told.scores).any():
                raise NotANumber(f"query {requests[row][0].id!r}: the logits of its passages' letters are NaN")
            found[row].append(told)
        return found

    def _vote(self, shown: Shown, written: Generated) -> int:
        letter = read_letter(written.text, self.prompts.kind, strict=False)
        return shown.letters.find(letter) if letter else -1

    def _votes(self, some: list[Shown] | None, found: list[LabelScores]) -> list[int]:
        return [int(np.argmax(_by_place(one, scores))) for one, scores in zip(some or (), found, strict=True)]

    def _answer(
        self, request: Candidates, some: list[Shown] | None, found: list[Generated] | list[LabelScores], votes: list[int]
    ) -> Answer[int]:
        if some is None:
            return Answer(-1, fault=FAILED, detail=NO_ROOM)
        if not some:
            return Answer(0)
        fault, detail = fault_of(found)
        valid = Counter(vote for vote in votes if vote >= 0)
        if not fault and -1 in votes:
            fault, detail = WRONG_FORMAT, " | ".join(one.text for one in found if isinstance(one, Generated))
        most = [vote for vote, count in valid.items() if count == max(valid.values())]
        best = -1 if not most or fault == FAILED else most[0] if len(most) == 1 else int(self._chance(request).choice(sorted(most)))
        return Answer(best, spent_on(found, _cut(some)), fault, detail)


def _cut(shown: Sequence[Shown]) -> frozenset[str]:
    return frozenset().union(*(one.cut for one in shown))


def _by_place(shown: Shown, scores: LabelScores) -> NDArray[np.float64]:
    """float64 (n,): the log-probability of each document's letter among the letters shown."""
    values = scores.scores[: len(shown.letters)].astype(np.float64)
    values = values - np.logaddexp.reduce(values)
    return np.array([values[LETTERS.index(letter)] for letter in shown.letters])
