from pathlib import Path

import pytest

from irloom.core.errors import BadValue
from irloom.data.named import load_dataset
from irloom.eval.suspects import Suspect, SuspectRule, find_suspects
from irloom.text.minhash import by_document, near_duplicates

SIMILAR = {"b": {"rel": 0.9, "rel2": 0.85, "x": 1.0}, "e": {"rel": 0.95}, "c": {"bad": 1.0}}
GRADES = {"rel": 1, "rel2": 2, "bad": 0, "a": 1}


def find(ranked: list[str], **rule: int) -> list[tuple[str, int, str, str, float]]:
    tops = [{"b", "c", "a"}, {"c", "a"}, {"c"}]
    found = find_suspects(ranked, GRADES, min_grade=1, rule=SuspectRule(**{"top": 3, "systems": 3, **rule}), similar=SIMILAR, tops=tops)
    return [(one.doc_id, one.rank, one.reason, one.of, one.strength) for one in found]


def test_both_reasons() -> None:
    """a is judged; b is like rel, by 0.9, more than like rel2; c only resembles a document of grade 0, but three voters have it."""
    assert find(["a", "b", "c", "d", "e"]) == [
        ("b", 2, "near_duplicate", "rel", 0.9),
        ("c", 3, "systems", "", 3.0),
        ("e", 5, "near_duplicate", "rel", 0.95),
    ]


def test_parameters() -> None:
    assert find(["a", "b", "c", "d", "e"], within=4, systems=4) == [("b", 2, "near_duplicate", "rel", 0.9)]
    assert find(["a", "b", "c"], within=1, top=2, systems=2) == []
    assert find(["a", "b", "c"], within=1, top=3, systems=2) == [("c", 3, "systems", "", 3.0)]


def test_the_least_relevant_grade_counts() -> None:
    found = find_suspects(["b"], GRADES, min_grade=2, rule=SuspectRule(), similar=SIMILAR, tops=[])
    assert found == (Suspect("b", 1, "near_duplicate", "rel2", 0.85),)


@pytest.mark.parametrize("rule", [{"within": 0}, {"top": 0}, {"systems": 1}])
def test_bad_rule(rule: dict[str, int]) -> None:
    with pytest.raises(BadValue, match=next(iter(rule))):
        SuspectRule(**rule)


def test_near_duplicates_find_what_judges_called_relevant(data_root: Path) -> None:
    """TREC DL 2019: each judgment in turn is hidden and asked for. Of all judged documents 27 % are relevant (grade 2 or 3), of those that
    are near-duplicates of a relevant one 91 %.
    """
    dataset = load_dataset(data_root / "trec-dl-2019")
    qrels = dataset.qrels()
    similar = by_document(near_duplicates({document.id: document.full_text for document in dataset.documents()}))
    flagged = []
    for row in qrels.values():
        for doc_id, grade in row.items():
            known = {other: value for other, value in row.items() if other != doc_id}
            if find_suspects([doc_id], known, min_grade=2, rule=SuspectRule(), similar=similar, tops=[]):
                flagged.append(grade >= 2)
    assert len(flagged) == 598
    assert sum(flagged) / len(flagged) == pytest.approx(0.910, abs=0.001)
