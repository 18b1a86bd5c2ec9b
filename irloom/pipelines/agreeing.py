"""Files of judgments to how far their judges agree: what `irloom agreement` does."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np

from irloom.core.errors import BadValue, DataError
from irloom.core.types import Json, Qrels
from irloom.eval.agreement import Labels, cohen_kappa, fleiss_kappa, krippendorff_alpha, labels_of
from irloom.pipelines.judgments import open_judgments
from irloom.pipelines.label_provenance import unread_labels

RELEVANT = 2
"""The grade from which TREC Deep Learning's scale counts a passage as relevant."""


@dataclass(frozen=True, slots=True)
class PairAgreement:
    """Two judges, over the documents that both judged.

    Attributes:
        first: a judge.
        second: the other.
        items: how many documents of queries both judged.
        same: the share of them with the same grade.
        kappa: Cohen's; NaN where both use one grade only.
        weighted: Cohen's with squared distances of grades.
        table: how often the first gave the one grade and the second the other, by the two grades.
        relevant: Cohen's of whether a grade is `RELEVANT` or more; NaN where grades are compared as relevant or not already.
    """

    first: str
    second: str
    items: int
    same: float
    kappa: float
    weighted: float
    table: dict[tuple[int, int], int]
    relevant: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far judges agree.

    Attributes:
        judged: how many documents of queries each judged, by name.
        shared: how many all of them judged.
        compared: how many at least two of them judged.
        pairs: each two judges.
        fleiss: Fleiss' kappa over the shared ones; NaN where there is none, or one grade only.
        nominal: Krippendorff's alpha over the compared ones, grades as names.
        ordinal: Krippendorff's alpha, grades as ranks.
        grades: how often each judge gave each grade, over all that the judge judged.
        unread: how many of a model's labels stand as 0 since its answer could not be read, by judge; those without any left out.
    """

    judged: dict[str, int]
    shared: int
    compared: int
    pairs: tuple[PairAgreement, ...]
    fleiss: float
    nominal: float
    ordinal: float
    grades: dict[str, dict[int, int]]
    unread: dict[str, int]

    def to_json(self) -> dict[str, Json]:
        """Plain data; what is NaN is null."""
        pairs: list[Json] = [
            {
                "judges": [pair.first, pair.second],
                "items": pair.items,
                "same": pair.same,
                "cohen": _number(pair.kappa),
                "cohen_quadratic": _number(pair.weighted),
                f"cohen_relevant_from_{RELEVANT}": _number(pair.relevant),
                "table": [[first, second, count] for (first, second), count in pair.table.items()],
            }
            for pair in self.pairs
        ]
        return {
            "judged": dict(self.judged),
            "shared": self.shared,
            "compared": self.compared,
            "pairs": pairs,
            "fleiss": _number(self.fleiss),
            "krippendorff_nominal": _number(self.nominal),
            "krippendorff_ordinal": _number(self.ordinal),
            "grades": {name: {str(grade): count for grade, count in row.items()} for name, row in self.grades.items()},
            "unread": dict(self.unread),
        }


def agreement_of(paths: Sequence[str | Path], *, min_grade: int | None = None) -> Agreement:
    """Compares judgments, a judge each, named by the file without its suffix or by the dataset.

    Args:
        paths: two or more files of judgments, or datasets.
        min_grade: compares only whether a grade is at least this one; None compares grades.

    Raises:
        BadValue: fewer than two, or two of one name.
        UnknownName: there is no such dataset.
        DataError: a file cannot be read, or no document was judged by two.
    """
    names = judge_names(paths)
    judges = [_binary(open_judgments(str(path)).qrels, min_grade) for path in paths]
    labels = labels_of(judges)
    present = ~np.isnan(labels)
    shared, compared = present.all(axis=0), present.sum(axis=0) >= 2
    if not compared.any():
        raise DataError(
            f"no document of a query was judged by two of {', '.join(names)}; were they made for the same queries and documents?"
        )
    numbered = list(zip(names, labels, strict=True))
    binary = min_grade is not None
    pairs = tuple(
        _pair(*first, *second, binary=binary) for first, second in combinations(numbered, 2) if (~np.isnan(first[1] + second[1])).any()
    )
    return Agreement(
        judged=dict(zip(names, present.sum(axis=1).tolist(), strict=True)),
        shared=int(shared.sum()),
        compared=int(compared.sum()),
        pairs=pairs,
        fleiss=fleiss_kappa(labels[:, shared]) if shared.any() else math.nan,
        nominal=krippendorff_alpha(labels),
        ordinal=krippendorff_alpha(labels, level="ordinal"),
        grades={name: dict(sorted(Counter(row[~np.isnan(row)].astype(int).tolist()).items())) for name, row in numbered},
        unread={name: count for name, path in zip(names, paths, strict=True) if (count := unread_labels(Path(path)))},
    )


def judge_names(paths: Sequence[str | Path]) -> list[str]:
    """What judges are called: their files without suffixes, or their datasets.

    Raises:
        BadValue: fewer than two, or two of one name.
    """
    names = [Path(path).name.removesuffix(".gz").rsplit(".", 1)[0] for path in paths]
    if len(paths) < 2 or len(set(names)) < len(names):
        raise BadValue("judgments", [str(path) for path in paths], "two files or more, of different names, since each is a judge")
    return names


def _pair(name: str, first: Labels, other: str, second: Labels, *, binary: bool) -> PairAgreement:
    both = ~(np.isnan(first) | np.isnan(second))
    grades, counts = np.unique(np.stack([first[both], second[both]]).astype(np.int64), axis=1, return_counts=True)
    table = {(one, two): count for one, two, count in zip(*grades.tolist(), counts.tolist(), strict=True)}
    same = float(np.mean(first[both] == second[both]))
    weighted = cohen_kappa(first, second, weights="quadratic")
    relevant = math.nan if binary else cohen_kappa(first[both] >= RELEVANT, second[both] >= RELEVANT)
    return PairAgreement(name, other, int(both.sum()), same, cohen_kappa(first, second), weighted, table, relevant)


def _binary(qrels: Qrels, min_grade: int | None) -> Qrels:
    if min_grade is None:
        return qrels
    return {query_id: {doc_id: int(grade >= min_grade) for doc_id, grade in row.items()} for query_id, row in qrels.items()}


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value
