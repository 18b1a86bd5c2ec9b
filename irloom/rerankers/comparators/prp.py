"""PairwisePrompting: a language model is asked which of two passages is more relevant, in both orders (PRP)."""

from collections.abc import Sequence
from functools import cache

import numpy as np

from irloom.core.errors import NotANumber
from irloom.core.files import short_hash
from irloom.core.types import Document, Query
from irloom.models.generators.generated import Generated, LabelScores
from irloom.models.naming import naming_query
from irloom.models.prompting.asking import Asking
from irloom.models.prompting.fitting import Fitted, Shorten
from irloom.models.prompting.labels import log_share
from irloom.models.prompting.opening import LanguageModel
from irloom.models.scorers.points import NO_ROOM
from irloom.models.settings import one_of
from irloom.rerankers.comparators.contract import FAILED, WRONG_FORMAT, Answer
from irloom.rerankers.comparators.passage_labels import NEW_TOKENS, START, fault_of, fit_labelled, read_letter, spellings, spent_on

PROMPT = (
    'Given a query "{query}", which of the following two passages is more relevant to the query?\n\n'
    'Passage A: "{first}"\n\nPassage B: "{second}"\n\nOutput Passage A or Passage B:'
)
SCORINGS = ("generation", "likelihood")


class PairwisePrompting(Asking):
    """Compares two passages by two prompts, one in each order, so that a model's liking for one place cancels out.

    By "generation" the first passage wins where the model names it both times, loses where it names the other both times, and ties
    otherwise; an answer that is not exactly "Passage A" or "Passage B" names none. By "likelihood" the probabilities of the two labels
    are averaged over the orders: (p(A | a, b) + 1 - p(A | b, a)) / 2.

    The query stands first, so that prompts of one query share it.

    Args:
        model: a folder, a hub id, a Decoder, a Seq2Seq or a Generator.
        scoring: "generation", as published, or "likelihood".
        query_tokens: tokens of a query at most, 32 in the published numbers; None for all of it.
        document_tokens: tokens of a passage at most, 128 in the published numbers.

    Raises:
        BadValue: an argument is out of its range.

    Paper:
        Z. Qin et al., Large Language Models are Effective Text Rankers with Pairwise Ranking Prompting, Findings of NAACL 2024,
        section 3.1; prompt and reading are those of S. Zhuang et al.'s code, SIGIR 2024.
    """

    def __init__(
        self, model: LanguageModel, *, scoring: str = "generation", query_tokens: int | None = None, document_tokens: int = 128
    ) -> None:
        one_of("scoring", scoring, SCORINGS)
        super().__init__(model, query_tokens=query_tokens, document_tokens=document_tokens)
        self.scoring = scoring

    @property
    def fingerprint(self) -> str:
        """The model's and the settings, hashed."""
        return short_hash("prp", self.prompts.fingerprint, self.scoring, str(self.query_tokens), str(self.document_tokens))

    def compare(self, requests: Sequence[tuple[Query, Document, Document]]) -> list[Answer[float]]:
        """1.0 where the first document wins, 0.0 where the second does, 0.5 for neither, or a probability between them.

        Raises:
            ModelError: the model cannot be loaded or answers nothing, its numbers are NaN, or by likelihood: a label is not one token.
        """
        shorten = cache(self.prompts.shorten)  # for this call alone: a document is in many pairs
        fitted = [self._fitted(*request, shorten) for request in requests]
        asked = [(query, one.prompt) for (query, _, _), pair in zip(requests, fitted, strict=True) for one in pair or ()]
        by_likelihood = self.scoring == "likelihood"
        read = naming_query(lambda texts: self._by_likelihood(texts) if by_likelihood else self._by_text(texts), asked)
        answers, start = [], 0
        for (query, first, second), pair in zip(requests, fitted, strict=True):
            if pair is None:
                answers.append(Answer(0.5, fault=FAILED, detail=NO_ROOM))
                continue
            value, found, fault, detail = read[start]
            start += 1
            if np.isnan(value):
                raise NotANumber(f"query {query.id!r}: the comparison of documents {first.id!r} and {second.id!r} is NaN")
            shown = ((first, second), (second, first))
            cut = frozenset(documents[place].id for documents, one in zip(shown, pair, strict=True) for place in one.cut)
            answers.append(Answer(value, spent_on(found, cut), fault, detail))
        return answers

    def _fitted(self, query: Query, first: Document, second: Document, shorten: Shorten) -> tuple[Fitted, Fitted] | None:
        asked = self.shown_query(query.text, shorten)

        def render(texts: Sequence[str]) -> str:
            return PROMPT.format(query=asked, first=texts[0], second=texts[1])

        texts = [first.full_text, second.full_text]
        one, other = (
            fit_labelled(self.prompts, render, shown, most=self.document_tokens, shorten=shorten) for shown in (texts, texts[::-1])
        )
        return None if one is None or other is None else (one, other)

    def _by_text(self, prompts: list[str]) -> list[tuple[float, list[Generated], str, str]]:
        model = self.prompts
        found = model.answers(prompts, start=START[model.kind], max_new_tokens=NEW_TOKENS[model.kind])
        read = []
        for pair in (found[place : place + 2] for place in range(0, len(found), 2)):
            fault, detail = fault_of(pair)
            letters = [read_letter(one.text, model.kind, strict=True) for one in pair]
            if not fault and not all(letter in ("A", "B") for letter in letters):
                fault, detail = WRONG_FORMAT, " | ".join(one.text for one in pair)
            read.append(({"AB": 1.0, "BA": 0.0}.get("".join(letters), 0.5), pair, fault, detail))
        return read

    def _by_likelihood(self, prompts: list[str]) -> list[tuple[float, list[LabelScores], str, str]]:
        model = self.prompts
        labels = (spellings("A", model.kind), spellings("B", model.kind))
        found = model.label_scores(prompts, labels, start=START[model.kind]) if prompts else []
        read = []
        for pair in (found[place : place + 2] for place in range(0, len(found), 2)):
            scores = np.stack([one.scores for one in pair])
            first, second = np.exp(log_share(scores[:, 0], scores[:, 1]).astype(np.float64))
            fault, detail = fault_of(pair)
            read.append((0.5 if fault else float(first + 1 - second) / 2, pair, fault, detail))
        return read
