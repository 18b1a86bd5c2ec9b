import random

import numpy as np

from irloom.core.run import Run
from irloom.eval.judged import judge


def test_columns_equal_a_walk_over_the_rankings() -> None:
    rng = random.Random(3)
    docs = [f"d{number}" for number in range(40)]
    run = Run.from_dict({f"q{i}": {doc: rng.random() for doc in rng.sample(docs, rng.randint(0, 40))} for i in (4, 2, 9, 0, 7)})
    qrels = {f"q{i}": {doc: rng.randint(-1, 3) for doc in rng.sample(docs, rng.randint(0, 20))} for i in (7, 1, 4, 2)}
    judged = judge(run, qrels)
    hits = [
        (row, rank, grades[doc_id])
        for row, (query_id, grades) in enumerate(qrels.items())
        if query_id in run
        for rank, (doc_id, _) in enumerate(run[query_id], start=1)
        if doc_id in grades
    ]
    found = [column.tolist() for column in (judged.hit_query, judged.hit_rank, judged.hit_grade)]
    assert list(zip(*found, strict=True)) == hits
    assert judged.retrieved.tolist() == [len(run[query_id]) if query_id in run else 0 for query_id in qrels]
    ideal = [(row, grade) for row, grades in enumerate(qrels.values()) for grade in sorted(grades.values(), reverse=True)]
    assert list(zip(judged.judgment_query.tolist(), judged.judgment_grade.tolist(), strict=True)) == ideal
    assert (judged.missing, judged.ignored) == (1, 2)


def test_counts_and_sums_cover_queries_without_hits() -> None:
    judged = judge(Run.from_dict({"q2": {"b": 2.0, "a": 1.0}}), {"q1": {"a": 1}, "q2": {"a": 1, "b": 2}})
    assert judged.relevant(1).tolist() == [1, 2]
    assert judged.relevant(2).tolist() == [0, 1]
    query, rank = judged.relevant_hits(1, 1)
    assert (query.tolist(), rank.tolist()) == ([1], [1])
    np.testing.assert_array_equal(judged.total(judged.hit_query, judged.hit_rank.astype(np.float64)), [0, 3])


def test_condensed_leaves_out_what_is_not_judged() -> None:
    run = Run.from_dict({"q1": {"a": 5.0, "x": 4.0, "b": 3.0, "c": 2.0}, "q2": {"x": 2.0, "d": 1.0}})
    judged = judge(run, {"q1": {"a": -1, "b": 0, "c": 2}, "q2": {"d": 1}, "q3": {"d": 1}}).condensed()
    assert judged.retrieved.tolist() == [2, 1, 0]
    assert judged.hit_query.tolist() == [0, 0, 1]
    assert judged.hit_rank.tolist() == [1, 2, 1]
    assert judged.hit_grade.tolist() == [0, 2, 1]
    assert judged.relevant(1).tolist() == [1, 1, 1]
