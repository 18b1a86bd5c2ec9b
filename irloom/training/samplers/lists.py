"""Lists of documents with the queries that they answer: what one step of listwise training reads.

Documents stand first and a query last, so that one read list serves many queries: every document of the list whose own query is known
gives one, and others give a copy of some of their words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from irloom.core.errors import BadValue
from irloom.training.samplers.corpus import TrainingCorpus

MOST = 20
"""Documents of a list at most: the identifiers A to T."""

_TRIES = 1000


@dataclass(frozen=True, slots=True)
class ListSettings:
    """How lists are drawn.

    Attributes:
        words: the fewest and the most words of a document that are shown; each list draws its own number.
        tokens: tokens of a document at most.
        easy: the share of lists in which two thirds of the documents come from anywhere in the collection.
        copied: the chance that a document without a query of its own is asked for by a copy of some of its words.
        dropped: the chance of each token of a query to be left out.
        numbered: the share of batches whose documents have numbers as identifiers; the others have letters.
        published: the share of lists with ICR's published wording; the others have the short one.
        mixed: the share of lists whose identifiers are any of the twenty, in any order; the others have the first ones in order.
    """

    words: tuple[int, int] = (3, 8)
    tokens: int = 32
    easy: float = 0.3
    copied: float = 0.3
    dropped: float = 0.15
    numbered: float = 0.4
    published: float = 0.2
    mixed: float = 0.5

    def __post_init__(self) -> None:
        for name in ("easy", "copied", "dropped", "numbered", "published", "mixed"):
            if not 0 <= getattr(self, name) <= 1:
                raise BadValue(f"lists.{name}", getattr(self, name), "a share from 0 to 1")
        if not 1 <= self.words[0] <= self.words[1]:
            raise BadValue("lists.words", self.words, "the fewest and the most words, from 1")
        if self.tokens < 1:
            raise BadValue("lists.tokens", self.tokens, "1 or more")


@dataclass(frozen=True, slots=True)
class TrainingList:
    """Documents and the queries asked of them.

    Attributes:
        documents: token ids of each, cut.
        queries: token ids of each.
        targets: the place of each query's document.
        names: of the documents, to look up what else is known of them.
        query_names: the id of each query, "" for a copy.
        identifiers: which of the twenty identifiers each document has.
        numbered: whether these are numbers.
        corpus: the collection's name.
        published: whether the wording is ICR's published one.
    """

    documents: tuple[tuple[int, ...], ...]
    queries: tuple[tuple[int, ...], ...]
    targets: tuple[int, ...]
    names: tuple[str, ...]
    query_names: tuple[str, ...]
    identifiers: tuple[int, ...]
    numbered: bool
    published: bool
    corpus: str = ""


class ListSampler:
    """Draws lists from collections.

    Args:
        corpora: where they come from.
        shares: how often each, in any unit.
        settings: how they are drawn.

    Raises:
        BadValue: a collection has no query, or the shares are not one a collection.
    """

    def __init__(self, corpora: Sequence[TrainingCorpus], shares: Sequence[float], settings: ListSettings) -> None:
        if len(shares) != len(corpora) or not corpora or min(shares) < 0 or sum(shares) <= 0:
            raise BadValue("shares", list(shares), f"{len(corpora)} numbers, one a collection, of which one at least is above 0")
        for corpus in corpora:
            if not corpus.queries:
                raise BadValue("datasets", corpus.name, "a collection with judged queries to train on")
        self._corpora, self._shares, self.settings = tuple(corpora), tuple(shares), settings
        self._names = {corpus.name: list(corpus.queries) for corpus in corpora}

    def batch(self, rng: Random, *, n: int, count: int, copies: bool = True, most: int = MOST) -> list[TrainingList]:
        """Lists of n documents, all with numbers or all with letters.

        Args:
            rng: decides everything.
            n: documents of each list.
            count: how many lists.
            copies: whether documents without a query of their own may be asked for by a copy of their words.
            most: queries of each list.

        Raises:
            BadValue: no query of the collections has n candidates.
        """
        numbered = rng.random() < self.settings.numbered
        return [self.draw(rng, n=n, numbered=numbered, copies=copies, most=most) for _ in range(count)]

    def draw(self, rng: Random, *, n: int, numbered: bool = False, copies: bool = True, most: int = MOST) -> TrainingList:
        """A list of n documents; see `batch`."""
        for _ in range(_TRIES):
            (corpus,) = rng.choices(self._corpora, self._shares)
            query = rng.choice(self._names[corpus.name])
            found = self._documents(corpus, query, n, rng)
            if found is not None:
                return self._asked(corpus, query, found, rng, numbered=numbered, copies=copies, most=most)
        raise BadValue("documents", n, "fewer, since queries have not so many candidates")

    def _documents(self, corpus: TrainingCorpus, query: str, n: int, rng: Random) -> tuple[str, list[str]] | None:
        """The query's document and n documents in any order; None where there are not so many."""
        relevant = set(corpus.relevant[query])
        document = rng.choice(corpus.relevant[query])
        found = corpus.candidates[query]
        found = found if rng.random() < 0.8 else found[: len(found) // 2]
        # documents with a query of their own are worth more; the others are what most collections are full of
        pool = [name for name in found if name not in relevant and (corpus.asked.get(name) or rng.random() < 0.25)]
        if rng.random() < self.settings.easy:
            anywhere = [corpus.relevant[other][0] for other in rng.choices(self._names[corpus.name], k=n)]
            pool = [name for name in dict.fromkeys(pool[: n // 3] + anywhere) if name not in relevant]
        if len(pool) < n - 1:
            return None
        names = [document, *rng.sample(pool, n - 1)]
        rng.shuffle(names)
        return document, names

    def _asked(
        self, corpus: TrainingCorpus, query: str, found: tuple[str, list[str]], rng: Random, *, numbered: bool, copies: bool, most: int
    ) -> TrainingList:
        settings, (document, names) = self.settings, found
        words = rng.randint(*settings.words)
        shown = [tuple(corpus.documents[name].first(words, most=settings.tokens)) for name in names]
        queries: list[tuple[int, ...]] = []
        query_names, targets = [], []
        for place, name in enumerate(names):
            asking = [query] if name == document else corpus.asked.get(name, ())
            # a query that several documents of the list answer has no one target
            asking = [other for other in asking if sum(relevant in names for relevant in corpus.relevant[other]) == 1]
            chosen = rng.choice(asking) if asking else ""
            tokens = self._noisy(corpus.queries[chosen], rng) if chosen else self._copy(shown[place], rng) if copies else ()
            if tokens:
                queries.append(tokens)
                query_names.append(chosen)
                targets.append(place)
        if len(queries) > most:
            kept = sorted(rng.sample(range(len(queries)), most))
            queries, query_names = [queries[number] for number in kept], [query_names[number] for number in kept]
            targets = [targets[number] for number in kept]
        places = rng.sample(range(MOST), len(names)) if rng.random() < settings.mixed else range(len(names))
        published = rng.random() < settings.published
        return TrainingList(
            tuple(shown), tuple(queries), tuple(targets), tuple(names), tuple(query_names), tuple(places), numbered, published, corpus.name
        )

    def _noisy(self, query: tuple[int, ...], rng: Random) -> tuple[int, ...]:
        if len(query) <= 4:
            return query
        return tuple(token for token in query if rng.random() >= self.settings.dropped) or query

    def _copy(self, document: tuple[int, ...], rng: Random) -> tuple[int, ...]:
        """Some tokens in a row, a third of them left out, out of order every other time; empty where the document is too short."""
        if len(document) < 6 or rng.random() >= self.settings.copied:
            return ()
        start, length = rng.randrange(max(1, min(len(document) - 4, 20))), rng.randint(4, 10)
        kept = [token for token in document[start : start + length] if rng.random() > 0.3]
        if rng.random() < 0.5:
            rng.shuffle(kept)
        return tuple(kept)
