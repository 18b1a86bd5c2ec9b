"""Judgments by intent: a document may be relevant to one meaning of a query and not to another."""

from collections.abc import Iterable, Iterator, Mapping

from irloom.core.errors import DataError
from irloom.core.types import Qrel, Qrels


class IntentQrels(Mapping[str, Mapping[str, int]]):
    """Judgments of each document for each intent of its query, as in TREC's diversity tasks.

    As a mapping it is plain judgments, with the best grade that a document has for any intent, so every measure can read it.

    Attributes:
        intents: query id -> intent -> document id -> grade.

    >>> qrels = IntentQrels([Qrel("q", "d", 1, intent="1"), Qrel("q", "d", 0, intent="2")])
    >>> dict(qrels["q"]), sorted(qrels.intents["q"])
    ({'d': 1}, ['1', '2'])
    """

    def __init__(self, judgments: Iterable[Qrel]) -> None:
        """Takes judgments in any order; the same one twice counts once.

        Raises:
            DataError: a document has two grades for one intent.
        """
        intents: dict[str, dict[str, dict[str, int]]] = {}
        best: dict[str, dict[str, int]] = {}
        for judgment in judgments:
            grades = intents.setdefault(judgment.query_id, {}).setdefault(judgment.intent, {})
            if grades.setdefault(judgment.doc_id, judgment.grade) != judgment.grade:
                where = f"query {judgment.query_id!r}, intent {judgment.intent!r}, document {judgment.doc_id!r}"
                raise DataError(f"{where}: grades {grades[judgment.doc_id]} and {judgment.grade}; expected one grade for each intent")
            row = best.setdefault(judgment.query_id, {})
            row[judgment.doc_id] = max(judgment.grade, row.get(judgment.doc_id, judgment.grade))
        self.intents: Mapping[str, Mapping[str, Mapping[str, int]]] = intents
        self._best: Qrels = best

    def __getitem__(self, query_id: str) -> Mapping[str, int]:
        return self._best[query_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._best)

    def __len__(self) -> int:
        return len(self._best)
