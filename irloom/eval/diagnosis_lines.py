"""A diagnosis query by query, as plain data for other tools: what became of each relevant document, what is unjudged, what is suspected."""

from collections.abc import Iterator, Mapping

from irloom.core.types import Json
from irloom.eval.diagnosis import Diagnosis, QueryDiagnosis


def diagnosis_lines(diagnosis: Diagnosis, texts: Mapping[str, str]) -> Iterator[dict[str, Json]]:
    """A mapping per query, in the judgments' order.

    Args:
        diagnosis: of a system.
        texts: of the queries, by id; "" stands for one that is not there.

    Yields:
        `id`, `text`, `value`, `causes`, `holes`; `relevant`, each with `id`, `grade`, `fate`, the deciding `stage` or null and `ranks` by
        stage in order, null where it is absent; `suspects`, each with `id`, `rank`, `reason`, `of`, `strength`; `near_duplicates`, each
        with both ids and their similarity.
    """
    for query in diagnosis.queries:
        yield {"id": query.query_id, "text": texts.get(query.query_id, ""), "value": query.value, **_told(query, diagnosis)}


def _told(query: QueryDiagnosis, diagnosis: Diagnosis) -> dict[str, Json]:
    names = [ceiling.stage for ceiling in diagnosis.ceilings]
    return {
        "causes": list(query.causes),
        "relevant": [
            {
                "id": document.doc_id,
                "grade": document.grade,
                "fate": document.fate,
                "stage": None if document.stage is None else names[document.stage],
                "ranks": list(document.ranks),
            }
            for document in query.relevant
        ],
        "holes": list(query.holes),
        "suspects": [
            {"id": one.doc_id, "rank": one.rank, "reason": one.reason, "of": one.of, "strength": one.strength} for one in query.suspects
        ],
        "near_duplicates": [[pair.first, pair.second, pair.jaccard] for pair in query.duplicates],
    }
