"""Hosted: a reranker behind HTTP gives the scores."""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Event
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from irloom.core.contracts import Corpus
from irloom.core.errors import BadValue, ConfigError, ModelError
from irloom.core.files import short_hash
from irloom.core.notes import ORDER_GIVEN, kept_order
from irloom.core.run import Run
from irloom.core.stage import Reranker
from irloom.core.types import Document, Query
from irloom.models.budget import Budget
from irloom.models.concurrent_calls import call_each
from irloom.models.json_client import JsonClient
from irloom.models.waiting import Spans, merged, seconds_in
from irloom.rerankers.failures import tell_failures
from irloom.rerankers.head import Head, Scored, order_scores, rerank_head
from irloom.rerankers.hosted.cohere import Cohere
from irloom.rerankers.hosted.jina import Jina
from irloom.rerankers.hosted.provider import Provider
from irloom.rerankers.hosted.tei import TEI
from irloom.rerankers.hosted.vllm import VLLM, VLLMScore
from irloom.rerankers.hosted.voyage import Voyage
from irloom.rerankers.portions import PAIRS, with_texts

ProviderName = Literal["cohere", "jina", "voyage", "tei", "vllm", "vllm_score"]
PROVIDERS: Mapping[str, Provider] = {
    "cohere": Cohere(),
    "jina": Jina(),
    "voyage": Voyage(),
    "tei": TEI(),
    "vllm": VLLM(),
    "vllm_score": VLLMScore(),
}
BYTES_A_TOKEN = 3
"""Bytes of text that count as one token where a server counts none."""
DOCUMENTS_A_SEARCH = 100
"""Documents that count as one search where a server that bills searches counts none."""


@dataclass(frozen=True, slots=True)
class _Job:
    """One request: which head it belongs to, and the places of its documents there."""

    head: int
    query: str
    places: list[int]
    texts: list[str]


@dataclass(frozen=True, slots=True)
class _Done:
    """What a request gave."""

    scores: NDArray[np.float32]
    tokens: int
    usd: float
    spans: Spans


class Hosted(Reranker):
    """Sorts the first `depth` documents by the scores of a reranker behind HTTP; equal scores keep the order given.

    Many queries are asked at once within one call. A query whose request fails after all tries, or that comes after a spend limit, keeps
    its order, and its note `fallback` says why; where every query failed it is a ModelError, and the run that was given is as it was.
    Documents without text are not sent: they stand below the others. A query with more documents than a request holds is asked several
    times; a model that reads documents together (jina-reranker-v3) then sees each part alone.

    Args:
        model: the model's name at the server; a TEI server has one model and is not told its name.
        corpus: gives the documents' texts.
        provider: "cohere", "jina", "voyage", "tei", "vllm" (/rerank) or "vllm_score" (/score).
        base_url: the server's address up to its version; "" for the provider's own, which tei and vllm have not.
        api_key_env: environment variable that holds the key; None for the provider's usual one, "" for no key.
        depth: documents to score of each ranking, 1 or more.
        batch_size: documents of a request at most; None for what the provider allows.
        max_tokens: tokens at which the server cuts each document (cohere) or pair (vllm); None for the provider's own limit.
        workers: requests at once.
        timeout: seconds for a connection, and for a whole answer.
        retries: how often a failed request is tried again.
        first_wait: seconds before the first new try, doubled at each.
        spend_limit_tokens: tokens, over this object's life, at which nothing more is asked; None for no limit.
        spend_limit_usd: US dollars at which nothing more is asked; needs a price.
        price: US dollars for 1,000 searches (cohere) or a million tokens (the others).

    Raises:
        BadValue: an argument is out of its range, or not one that the provider takes.
    """

    def __init__(
        self,
        model: str,
        corpus: Corpus,
        *,
        provider: ProviderName,
        base_url: str = "",
        api_key_env: str | None = None,
        depth: int = 100,
        batch_size: int | None = None,
        max_tokens: int | None = None,
        workers: int = 8,
        timeout: float = 60.0,
        retries: int = 5,
        first_wait: float = 0.5,
        spend_limit_tokens: int | None = None,
        spend_limit_usd: float | None = None,
        price: float | None = None,
    ) -> None:
        if provider not in get_args(ProviderName):
            raise BadValue("provider", provider, f"one of {', '.join(get_args(ProviderName))}")
        self.wire: Provider = PROVIDERS[provider]
        for name, count in (("depth", depth), ("batch_size", batch_size), ("max_tokens", max_tokens), ("workers", workers)):
            if count is not None and count < 1:
                raise BadValue(name, count, "1 or more")
        if max_tokens is not None and not self.wire.takes_token_limit:
            raise BadValue("max_tokens", max_tokens, f"none: {provider} takes no such limit")
        if price is not None and not price >= 0:
            raise BadValue("price", price, "US dollars, 0 or more")
        if spend_limit_usd is not None and price is None:
            raise BadValue("spend_limit_usd", spend_limit_usd, "a price beside it")
        if not base_url and not self.wire.address:
            raise BadValue("base_url", base_url, f"the address of the {provider} server, such as http://localhost:8080")
        self.model, self.corpus, self.provider, self.depth = model, corpus, provider, depth
        self.api_key_env = self.wire.key_env if api_key_env is None else api_key_env
        self.batch_size = min(self.wire.most if batch_size is None else batch_size, PAIRS)
        self.max_tokens, self.workers, self.price = max_tokens, workers, price
        self.client = JsonClient(
            base_url or self.wire.address, api_key_env=self.api_key_env, timeout=timeout, retries=retries, first_wait=first_wait
        )
        self.budget = Budget(tokens=spend_limit_tokens, usd=spend_limit_usd)
        self._needs_key = not base_url and bool(self.api_key_env)

    @property
    def fingerprint(self) -> str:
        """Provider, server, model, depth, and what cuts documents, hashed; the key is no part of it."""
        settings = (self.model, str(self.depth), str(self.batch_size), str(self.max_tokens))
        return short_hash("hosted", self.provider, self.client.base_url, *settings)

    def rerank(self, queries: Sequence[Query], run: Run, *, k: int) -> Run:
        """The best `k` documents of each ranking after reordering; notes say what each query took, and whether it kept its order.

        Raises:
            BadValue: `k` is negative or two queries share an id.
            UnknownDocument: the corpus lacks a document of the run; nothing was asked then.
            ConfigError: the provider's own server is asked and the environment has no key.
            ModelError: every query failed, or (SpendLimit) a limit was reached before the first.
        """
        return rerank_head(queries, run, self._score, depth=self.depth, k=k)

    def _score(self, heads: Sequence[Head]) -> list[Scored]:
        if self._needs_key and not os.environ.get(self.api_key_env, "").strip():
            raise ConfigError(f"{self.provider} wants a key: set the environment variable {self.api_key_env}")
        if sum(len(doc_ids) for _, doc_ids in heads) > PAIRS:
            for _ in with_texts(heads, self.corpus):
                pass  # a document that is unknown is found before anything is paid for
        found: list[Scored | ModelError] = []
        for some in with_texts(heads, self.corpus):
            found += self._ask(some)
        scored = [
            Scored(order_scores(range(len(doc_ids))), {"fallback": f"{ORDER_GIVEN}: {one}"}) if isinstance(one, ModelError) else one
            for (_, doc_ids), one in zip(heads, found, strict=True)
        ]
        asked = [place for place, one in enumerate(scored) if kept_order(one.notes) or one.notes["calls"]]
        error = next((one for one in found if isinstance(one, ModelError)), None)
        tell_failures([heads[place] for place in asked], [scored[place] for place in asked], error=error)
        return scored

    def _ask(self, heads: Sequence[tuple[Query, Sequence[Document]]]) -> list[Scored | ModelError]:
        jobs = list(self._jobs(heads))
        parts: list[list[tuple[_Job, _Done | ModelError]]] = [[] for _ in heads]
        for job, done in zip(jobs, call_each(self._request, jobs, workers=self.workers), strict=True):
            parts[job.head].append((job, done))
        return [self._joined(documents, own) for (_, documents), own in zip(heads, parts, strict=True)]

    def _jobs(self, heads: Sequence[tuple[Query, Sequence[Document]]]) -> Iterator[_Job]:
        for head, (query, documents) in enumerate(heads):
            places = [place for place, document in enumerate(documents) if document.full_text.strip()]
            for start in range(0, len(places), self.batch_size):
                some = places[start : start + self.batch_size]
                yield _Job(head, query.text, some, [documents[place].full_text for place in some])

    def _request(self, job: _Job, stop: Event) -> _Done:
        body = self.wire.body(self.model, job.query, job.texts, max_tokens=self.max_tokens)
        with self.budget.request() as bill:
            begun = time.perf_counter()
            answer = self.client.post(self.wire.path, body, stop=stop)
            spans = ((begun, time.perf_counter()),)
            bill.tokens, bill.usd = self._cost(job)  # what cannot be read has its price too
            reply = self.wire.read(answer, len(job.texts), f"{self.client.base_url}{self.wire.path}")
            bill.tokens, bill.usd = self._cost(job, reply.tokens, reply.searches)
        return _Done(reply.scores, bill.tokens, bill.usd, spans)

    def _cost(self, job: _Job, tokens: int | None = None, searches: int | None = None) -> tuple[int, float]:
        """Tokens and US dollars of a request, as the server counts, else reckoned."""
        sent = sum(len(text.encode("utf-8", "replace")) for text in (*job.texts, job.query))
        tokens = -(-sent // BYTES_A_TOKEN) if tokens is None else tokens
        if self.wire.billed == "tokens":
            return tokens, (self.price or 0.0) * tokens / 1e6
        searches = -(-len(job.texts) // DOCUMENTS_A_SEARCH) if searches is None else searches
        return tokens, (self.price or 0.0) * searches / 1e3

    def _joined(self, documents: Sequence[Document], parts: Sequence[tuple[_Job, _Done | ModelError]]) -> Scored | ModelError:
        """The scores of a head out of its requests; those without text stand below."""
        scores = np.full(len(documents), np.nan, np.float32)
        done = []
        for job, part in parts:
            if isinstance(part, ModelError):
                return part
            scores[job.places] = part.scores
            done.append(part)
        least = np.float32(0) if not done else np.nanmin(scores)
        lowest = np.minimum(least - np.float32(1), np.nextafter(least, np.float32(-np.inf)))  # a great score less 1 can be the same
        scores[np.isnan(scores)] = lowest
        limit = self.max_tokens or self.wire.token_limit
        notes: dict[str, object] = {
            "calls": len(done),
            "prompt_tokens": sum(part.tokens for part in done),
            "seconds": seconds_in(merged(*(part.spans for part in done))),
            "cut_documents": sum(len(document.full_text.split()) > limit for document in documents) if limit else 0,
            "fallback": "",
        }
        return Scored(scores, notes if self.price is None else {**notes, "spent_usd": sum(part.usd for part in done)})
