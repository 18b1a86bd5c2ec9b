"""What heads are found on: queries with documents of which the relevant ones are known."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from irloom.core.types import Document, Query
from irloom.rerankers.attention.document_text import DocumentText
from irloom.rerankers.attention.lists import ListScorer


@dataclass(frozen=True, slots=True)
class Example:
    """A query with the texts of one prompt.

    Attributes:
        query: its text.
        texts: of the documents, in the order of the prompt.
        grades: of each document, 0 or less for those that are not relevant.
        judged: the grades of all documents that are relevant to the query, in the prompt or not.
    """

    query: str
    texts: tuple[str, ...]
    grades: tuple[int, ...]
    judged: tuple[int, ...]


def make_example(
    query: Query,
    candidates: Sequence[Document],
    grades: Mapping[str, int],
    scorer: ListScorer,
    *,
    text: DocumentText,
    seed: int,
    one_relevant: bool = False,
) -> Example | None:
    """The candidates that fit a prompt, in an order that the seed and the query's id decide.

    Args:
        query: the query.
        candidates: its documents, best first, the relevant ones among them.
        grades: the query's judgments by document id.
        scorer: reads them; says what fits.
        text: what is read of a document.
        seed: of the order.
        one_relevant: whether only the relevant document of the highest grade is kept, the first of these.

    Returns:
        None where no relevant document and another one fit together.
    """
    relevant = [document for document in candidates if grades.get(document.id, 0) > 0]
    if one_relevant:
        relevant = sorted(relevant, key=lambda document: -grades[document.id])[:1]
    others = [document for document in candidates if grades.get(document.id, 0) <= 0]
    texts = {document.id: text(document) for document in (*relevant, *others)}
    # the relevant ones first, but at least one other
    chosen = [*relevant[:1], *others[:1], *relevant[1:], *others[1:]]
    if not relevant or not others:
        return None
    chosen = chosen[: scorer.fitting(query.text, [texts[document.id] for document in chosen])]
    if len(chosen) < 2:
        return None
    random.Random(f"{seed} {query.id}").shuffle(chosen)
    return Example(
        query.text,
        tuple(texts[document.id] for document in chosen),
        tuple(grades.get(document.id, 0) for document in chosen),
        tuple(grade for grade in grades.values() if grade > 0),
    )
