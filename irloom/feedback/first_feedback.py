"""FirstFeedback: a reranker's view of the first ranking goes back into the dense query vector, and the search is done again."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import BadValue, ModelError
from irloom.core.files import short_hash
from irloom.core.ranking import Ranking
from irloom.core.run import Run
from irloom.core.stage import Reranker, Retriever, check_request
from irloom.core.types import Query
from irloom.feedback.query_distillation import ORDER_STEPS, SCORE_STEPS, Steps, Vectors, towards_order, towards_scores
from irloom.retrievers.dense import Dense

TOGETHER = 64
"""Queries whose passages' vectors are held together."""


class FirstFeedback(Retriever):
    """Searches, lets rerankers read the first documents, moves each query vector towards what they say, and searches again.

    First towards the scores of `scorer` (a cross-encoder), where there is one, then towards the order of `teacher` (such as FIRST). Both
    rerank the first ranking; of each counts what it reads: its own depth, or `depth` where that is less. The second search finds
    documents that the first one did not, which is what feedback is for: recall. The rankings carry the moved vectors' scores, not the
    teacher's order: put a reranker after it with `>>`. A teacher that leaves a ranking as it is (since it agrees, or since it failed)
    moves nothing. The teacher's notes are the run's; the scorer's have `scorer.` before their names.

    Args:
        retriever: a Dense retriever, exact or by FAISS.
        teacher: a reranker whose order is learnt; None for none.
        scorer: a reranker whose scores are learnt before that; None for none.
        depth: documents of the first ranking that are learnt from, 1 or more.
        order_rate: Adam's learning rate towards the order.
        order_updates: steps towards the order.
        score_rate: Adam's learning rate towards the scores.
        score_updates: steps towards the scores.

    Raises:
        BadValue: an argument is out of its range, there is neither teacher nor scorer, or the retriever is not a Dense one.

    Paper:
        R. Reddy et al., FIRST: Faster Improved Listwise Reranking with Single Token Decoding, EMNLP 2024, section 5; R. Reddy et al.,
        ReFIT: Relevance Feedback from a Reranker during Inference, arXiv 2305.11744, 2023.
    Differs:
        ranks are the teacher's own, where the authors take them from scores that stay with the places, so that a pair of equal scores
        teaches nothing there; float64 instead of float32; a query whose scores are all equal keeps its vector, where theirs fails; one
        whose order the teacher keeps does too, where theirs moves a little, and the best document can lose its place to its neighbour.
    """

    def __init__(
        self,
        retriever: Retriever,
        teacher: Reranker | None = None,
        *,
        scorer: Reranker | None = None,
        depth: int = 100,
        order_rate: float = ORDER_STEPS.learning_rate,
        order_updates: int = ORDER_STEPS.updates,
        score_rate: float = SCORE_STEPS.learning_rate,
        score_updates: int = SCORE_STEPS.updates,
    ) -> None:
        dense = retriever.bare
        if not isinstance(dense, Dense):
            raise BadValue("retriever", type(dense).__name__, "a Dense retriever, whose query vectors can be moved")
        if teacher is None and scorer is None:
            raise BadValue("teacher", None, "a reranker, here or as scorer")
        if depth < 1:
            raise BadValue("depth", depth, "1 or more")
        for name, rate, updates in (("order", order_rate, order_updates), ("score", score_rate, score_updates)):
            if not 0 < rate < np.inf:
                raise BadValue(f"{name}_rate", rate, "a number above 0")
            if updates < 0:
                raise BadValue(f"{name}_updates", updates, "0 or more")
        self.retriever, self.teacher, self.scorer, self.depth = dense, teacher, scorer, depth
        self.order_steps, self.score_steps = Steps(order_rate, order_updates), Steps(score_rate, score_updates)

    @property
    def fingerprint(self) -> str:
        """Those of retriever, teacher and scorer, with all settings, hashed."""
        readers = (reranker.fingerprint if reranker else "" for reranker in (self.teacher, self.scorer))
        return short_hash("first_feedback", self.retriever.fingerprint, *readers, repr((self.depth, self.order_steps, self.score_steps)))

    @property
    def exact_cuts(self) -> bool:
        """Whether the retriever's are: what is learnt does not depend on how many documents are wanted."""
        return self.retriever.exact_cuts

    def warm_up(self) -> None:
        """Warms the retriever, the scorer and the teacher."""
        for stage in (self.retriever, self.scorer, self.teacher):
            if stage is not None:
                stage.warm_up()

    def retrieve(self, queries: Sequence[Query], *, k: int) -> Run:
        """The best `k` documents of each query by its moved vector; filters hold for both searches.

        Raises:
            BadValue: `k` is negative, two queries share an id, or a filter compares a field with a value of another kind than it has.
            UnknownName: a filter names a field that no document has.
            SpaceMismatch: the encoder's vectors cannot be compared with the part's.
            ModelError: the scorer gives a score that is not finite.
        """
        check_request(queries, k)
        asked = [query for query in queries if query.text.strip()]
        if not asked or not k or not len(self.retriever.collection):
            return Run.from_rankings({query.id: Ranking.from_order([]) for query in queries})
        vectors = self.retriever.encoder.encode_queries(asked)
        moved = np.asarray(vectors, np.float64)
        first = self.retriever.search(asked, vectors, k=self.depth)
        notes: dict[str, Sequence[object]] = {}
        if self.scorer is not None:
            read = self._read(self.scorer, asked, first)
            moved = self._moved(moved, first, read, self._by_scores)
            notes |= {f"scorer.{name}": values for name, values in read.notes.items()}
        if self.teacher is not None:
            read = self._read(self.teacher, asked, first)
            moved = self._moved(moved, first, read, self._by_order)
            notes |= read.notes
        run = self.retriever.search(asked, moved.astype(np.float32), k=k)
        return _with_all(queries, run, notes)

    def _read(self, reranker: Reranker, queries: Sequence[Query], first: Run) -> Run:
        """What a reranker makes of the documents that it reads; the others are cut off."""
        n = min(self.depth, reranker.depth)
        return reranker.rerank(queries, first.cut(n), k=n)

    def _moved(
        self, vectors: Vectors, first: Run, read: Run, move: Callable[[Vectors, Vectors, Sequence[Ranking], Run], Vectors]
    ) -> Vectors:
        """The query vectors after `move`, which gets those with equally many documents together, some at a time."""
        rows: dict[int, list[int]] = defaultdict(list)
        for row, query_id in enumerate(first.query_ids):
            rows[len(read[query_id])].append(row)
        moved = vectors.copy()
        for n, own in rows.items():
            for start in range(0, len(own) if n else 0, TOGETHER):
                some = own[start : start + TOGETHER]
                rankings = [read[first.query_ids[row]] for row in some]
                wanted = self.retriever.vectors_of([doc_id for ranking in rankings for doc_id in ranking.doc_ids])
                passages = np.asarray(wanted, np.float64).reshape(len(some), n, -1)
                moved[some] = move(vectors[some], passages, rankings, first.rows([first.query_ids[row] for row in some]))
        return moved

    def _by_scores(self, vectors: Vectors, passages: Vectors, rankings: Sequence[Ranking], first: Run) -> Vectors:
        scores = np.array([ranking.scores for ranking in rankings], np.float64)
        bad = np.argwhere(~np.isfinite(scores))
        if len(bad):
            row, place = bad[0].tolist()
            raise ModelError(
                f"query {first.query_ids[row]!r}: the score of document {rankings[row].doc_ids[place]!r} is {scores[row, place]}"
            )
        return towards_scores(vectors, passages, scores, self.score_steps)

    def _by_order(self, vectors: Vectors, passages: Vectors, rankings: Sequence[Ranking], first: Run) -> Vectors:
        n = passages.shape[1]
        moved = towards_order(vectors, passages, _spread(first, n), self.order_steps)
        for row, (query_id, ranking) in enumerate(zip(first.query_ids, rankings, strict=True)):
            if list(ranking.doc_ids) == list(first[query_id].doc_ids[:n]):
                moved[row] = vectors[row]
        return moved


def _spread(first: Run, n: int) -> NDArray[np.float64]:
    """float64 (queries,): the range of the first ranking's scores down to the n-th."""
    heads = [ranking.scores[:n].astype(np.float64) for ranking in first.values()]
    return np.array([scores[0] - scores[-1] for scores in heads])


def _with_all(queries: Sequence[Query], run: Run, notes: Mapping[str, Sequence[object]]) -> Run:
    """The run with an empty ranking for each query that was not asked, in the order of the queries."""
    rows = {query_id: row for row, query_id in enumerate(run.query_ids)}
    if len(rows) < len(queries):
        run = Run.from_rankings({query.id: run.get(query.id, Ranking.from_order([])) for query in queries})
    noted = {name: [values[rows[query.id]] if query.id in rows else None for query in queries] for name, values in notes.items()}
    return run.with_notes(noted)
