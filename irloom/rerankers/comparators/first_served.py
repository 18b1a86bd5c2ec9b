"""ServedFirstToken: FIRST over a server, by the log-probabilities of the letters that it names where its answer has the first one."""

from collections.abc import Sequence
from dataclasses import replace

from irloom.core.errors import BadValue
from irloom.core.files import short_hash
from irloom.models.generators.generated import LabelScores, LabelScoring
from irloom.models.settings import at_least
from irloom.rerankers.comparators.contract import WRONG_FORMAT, Answer, Candidates
from irloom.rerankers.comparators.first_prompt import MOST, best_first, first_prompt
from irloom.rerankers.comparators.list_prompt import WORDS, ListPrompt
from irloom.rerankers.comparators.passage_labels import fault_of, spent_on


class ServedFirstToken:
    """Orders lists by one short answer of a server: the likely tokens that it names where the answer has its first letter.

    A server that goes on with a begun answer is given the prompt's "["; of another the letter is read behind the "[" that it writes.
    Letters that it does not name are the least likely ones: their documents follow in the order given, and are counted. An answer
    without any letter is malformed and leaves the order as it is.

    Documents are cut to `words` words. A server's context is not known here: a prompt that it refuses fails its query.

    Args:
        generator: tells label scores, such as OpenAIChat.
        prompt: "authors", "rank_llm", "short", "query_last", or a ListPrompt with letters.
        words: words of a document that are shown, 1 or more.

    Raises:
        UnknownName: there is no such prompt.
        BadValue: `words` is less than 1, or the prompt does not name documents by letters, or begins no answer.

    Paper:
        R. Reddy et al., FIRST: Faster Improved Listwise Reranking with Single Token Decoding, EMNLP 2024, section 3; the authors' code
        reads letters so, the best 120 tokens behind "[" or the best 30 of the second token.
    """

    labels = most = MOST
    """Documents at once, for sets and for lists."""

    def __init__(self, generator: LabelScoring, *, prompt: str | ListPrompt = "authors", words: int = WORDS) -> None:
        self.prompt = first_prompt(prompt)
        at_least("words", words, 1)
        self.generator, self.words = generator, words

    @property
    def fingerprint(self) -> str:
        """The generator's, its class's name where it has none, the prompt and the settings, hashed."""
        model = str(getattr(self.generator, "fingerprint", type(self.generator).__name__))
        return short_hash("first served", model, repr(self.prompt), str(self.words))

    def warm_up(self) -> None:
        """Warms the generator up, where it can be."""
        if warm_up := getattr(self.generator, "warm_up", None):
            warm_up()

    def order(self, requests: Sequence[Candidates]) -> list[Answer[list[int]]]:
        """The order of each request's documents; fewer than two need no call.

        Raises:
            BadValue: more documents than letters.
            ModelError: the server cannot answer any request, as where it tells no log-probabilities.
        """
        answers = [Answer(list(range(len(documents)))) for _, documents in requests]
        asked = [place for place, (_, documents) in enumerate(requests) if len(documents) > 1]
        if not asked:
            return answers
        most = max(len(requests[place][1]) for place in asked)
        if most > self.most:
            raise BadValue("documents", most, f"{self.most} at most at once, one for each letter; use windows")
        chats = []
        for query, documents in (requests[place] for place in asked):
            chats.append(self.prompt.messages(query.text, [self.prompt.passage(document, words=self.words) for document in documents]))
        scores = self.generator.label_scores(chats, self.prompt.identifiers(most), after=self.prompt.start)
        for place, found in zip(asked, scores, strict=True):
            answers[place] = self._read(requests[place], found)
        return answers

    def select(self, requests: Sequence[Candidates]) -> list[Answer[int]]:
        """The place of each request's best document; see `order`."""
        return [Answer(answer.value[0], answer.spent, answer.fault, answer.detail) for answer in self.order(requests)]

    def _read(self, request: Candidates, found: LabelScores) -> Answer[list[int]]:
        n = len(request[1])
        given, spent = list(range(n)), spent_on([found])
        fault, detail = fault_of([found])
        if fault:
            return Answer(given, spent, fault, detail)
        unlisted = n - int(found.listed[:n].sum())
        spent = replace(spent, unlisted=unlisted)
        if unlisted == n:
            return Answer(given, spent, WRONG_FORMAT, f"none of the letters A to {chr(ord('A') + n - 1)} is among the likely first tokens")
        return Answer(best_first(found.scores[:n]), spent)
