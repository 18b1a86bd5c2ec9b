"""Pointwise: a language model looks at one document at a time."""

from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Literal, TypeAlias, cast, get_args

import numpy as np

from irloom.core.contracts import Corpus, Generator, Scorer
from irloom.core.errors import BadValue, EndpointError, ModelError, SpendLimit, UnknownName
from irloom.core.files import short_hash
from irloom.core.notes import ORDER_GIVEN
from irloom.core.run import Run
from irloom.core.stage import Reranker
from irloom.core.types import Document, Query
from irloom.models.decoders.decoder import Decoder
from irloom.models.decoders.sequence_head import SequenceHead
from irloom.models.scorers.monot5 import MonoT5
from irloom.models.scorers.points import Points
from irloom.models.scorers.query_likelihood import QueryLikelihood
from irloom.models.scorers.qwen3_reranker import INSTRUCTION, Qwen3Reranker
from irloom.models.scorers.rankllama import PASSAGE, RankLLaMA
from irloom.models.scorers.yes_no import YesNo
from irloom.models.seq2seq import Seq2Seq
from irloom.models.settings import at_least
from irloom.models.waiting import seconds_in
from irloom.rerankers.failures import tell_failures
from irloom.rerankers.head import Head, Scored, rerank_head
from irloom.rerankers.portions import with_texts

Layout: TypeAlias = Literal["yes_no", "query_likelihood", "monot5", "rankllama", "qwen3"]

_TAKES: Mapping[Layout, tuple[str, str]] = {
    "yes_no": ("generate", "a Decoder, a Seq2Seq or a Generator"),
    "query_likelihood": ("log_likelihood", "a Decoder or a Seq2Seq"),
    "monot5": ("generate_fused", "a Seq2Seq"),
    "rankllama": ("scores", "a SequenceHead"),
    "qwen3": ("encode_chat", "a Decoder"),
}
"""The method that tells the kind of model that a layout takes, and that kind in words."""


class Pointwise(Reranker):
    """Sorts the first `depth` documents by what a language model says of each alone; equal ones keep the order given.

    Layouts and the speed of what their prompts share:

    - "yes_no": "Does the passage answer the query?"; the passage stands first, so that prompts share their frame alone.
    - "query_likelihood": how likely the query is, given the passage; the same holds.
    - "monot5": "true" or "false"; an encoder-decoder shares nothing.
    - "rankllama": a linear head on the last token; the query is read once for all of its documents.
    - "qwen3": "yes" or "no" to an instruction, a query and a document; instruction and query are read once.

    Args:
        model: a folder, a hub id, a Decoder, a Seq2Seq, a SequenceHead for "rankllama", a Generator that tells label scores for
            "yes_no"; or any Scorer, for which the layout does not count.
        corpus: gives the documents' texts.
        layout: how the model is asked.
        depth: documents to score of each ranking, 1 or more.
        query_tokens: tokens of a query at most, for "yes_no", "query_likelihood" and "rankllama"; the published numbers of the first
            two cut it to 32; None for all of it.
        document_tokens: tokens of a document at most, for all but "monot5"; the layout's own number when left out.
        instruction: the task, for "qwen3"; the published one when left out.

    Raises:
        UnknownName: there is no such layout.
        BadValue: a number is out of its range, a setting that the layout does not have, or a model of another kind.
    """

    def __init__(
        self,
        model: str | Decoder | Seq2Seq | SequenceHead | Generator | Scorer,
        corpus: Corpus,
        *,
        layout: Layout = "yes_no",
        depth: int = 100,
        query_tokens: int | None = None,
        document_tokens: int | None = None,
        instruction: str | None = None,
    ) -> None:
        for name, number in (("depth", depth), ("query_tokens", query_tokens), ("document_tokens", document_tokens)):
            at_least(name, number, 1)
        if layout not in get_args(Layout):
            raise UnknownName("layout", layout, get_args(Layout))
        for name, value, layouts in (
            ("query_tokens", query_tokens, ("yes_no", "query_likelihood", "rankllama")),
            ("document_tokens", document_tokens, ("yes_no", "query_likelihood", "rankllama", "qwen3")),
            ("instruction", instruction, ("qwen3",)),
        ):
            if value is not None and layout not in layouts:
                raise BadValue(name, value, f"none for the layout {layout!r}; {', '.join(layouts)} have it")
        self.corpus, self.depth, self.layout = corpus, depth, layout
        self.scorer = _scorer(model, layout, query_tokens, document_tokens, instruction)

    @property
    def fingerprint(self) -> str:
        """The scorer's and the depth, hashed."""
        return short_hash("pointwise", self.scorer.fingerprint, str(self.depth))

    def warm_up(self) -> None:
        """Loads the weights, where there are any."""
        self.scorer.warm_up()

    def rerank(self, queries: Sequence[Query], run: Run, *, k: int) -> Run:
        """The best `k` documents of each ranking after reordering.

        Raises:
            BadValue: `k` is negative or two queries share an id.
            UnknownDocument: the corpus lacks a document of the run.
            ModelError: the model cannot be loaded or asked, every query failed, or a score is NaN.
        """
        return rerank_head(queries, run, self._score, depth=self.depth, k=k)

    def _score(self, heads: Sequence[Head]) -> list[Scored]:
        scored: list[Scored] = []
        gone: ModelError | None = None
        for groups in with_texts(heads, self.corpus):
            started = perf_counter()
            try:
                points = _measure(self.scorer, groups)
            except (EndpointError, SpendLimit) as error:  # a server that gave all of these up; those before are done
                gone = error
                points = [Points(np.zeros(len(documents), np.float32), fallback=str(error)) for _, documents in groups]
            seconds = (perf_counter() - started) / max(1, sum(len(documents) for _, documents in groups))
            scored += [
                Scored(one.scores, _notes(one, seconds * len(documents))) for one, (_, documents) in zip(points, groups, strict=True)
            ]
        tell_failures(heads, scored, error=gone)
        return scored


def _scorer(
    model: str | Decoder | Seq2Seq | SequenceHead | Generator | Scorer,
    layout: Layout,
    query_tokens: int | None,
    document_tokens: int | None,
    instruction: str | None,
) -> Scorer:
    """The scorer of that layout; what is a scorer already comes back as it is.

    Raises:
        BadValue: the model is not of the layout's kind.
    """
    if callable(getattr(model, "score", None)):
        return cast("Scorer", model)
    method, kind = _TAKES[layout]
    if not isinstance(model, str) and not callable(getattr(model, method, None)):
        raise BadValue("model", type(model).__name__, f"a folder, a hub id, a Scorer, or for the layout {layout!r} {kind}")
    if layout == "monot5":
        return MonoT5(cast("str | Seq2Seq", model))
    if layout == "rankllama":
        return RankLLaMA(
            cast("str | SequenceHead", model),
            query_tokens=query_tokens,
            document_tokens=PASSAGE if document_tokens is None else document_tokens,
        )
    if layout == "qwen3":
        return Qwen3Reranker(
            cast("str | Decoder", model),
            instruction=INSTRUCTION if instruction is None else instruction,
            document_tokens=document_tokens,
        )
    asked = cast("str | Decoder | Seq2Seq | Generator", model)
    most = 128 if document_tokens is None else document_tokens
    make = YesNo if layout == "yes_no" else QueryLikelihood
    return make(asked, query_tokens=query_tokens, document_tokens=most)


def _measure(scorer: Scorer, groups: Sequence[tuple[Query, Sequence[Document]]]) -> list[Points]:
    """What the scorer gives, with its costs where it tells them."""
    measure = getattr(scorer, "measure", None)
    if measure is not None:
        points: list[Points] = measure(groups)
        return points
    return [Points(np.asarray(scores, np.float32), calls=len(scores)) for scores in scorer.score(groups)]


def _notes(points: Points, seconds: float) -> dict[str, object]:
    notes: dict[str, object] = {
        "calls": points.calls,
        "prompt_tokens": points.prompt_tokens,
        "new_tokens": points.new_tokens,
        "seconds": seconds_in(points.spans) if points.spans else seconds,
        "cut_documents": points.cut_documents,
        "fallback": f"{ORDER_GIVEN}: {points.fallback}" if points.fallback else "",
    }
    return {**notes, "spent_usd": points.usd} if points.usd else notes
