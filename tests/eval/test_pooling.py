import pytest
from hypothesis import given
from hypothesis import strategies as st

from irloom.core.errors import BadValue
from irloom.core.run import Run
from irloom.eval.pooling import pool_runs

RUNS = st.dictionaries(
    st.sampled_from(["a", "b", "c"]),
    st.dictionaries(st.sampled_from(["q1", "q2"]), st.dictionaries(st.sampled_from("uvwxyz"), st.integers(0, 3).map(float))).map(
        Run.from_dict
    ),
    min_size=1,
)


@given(RUNS, st.integers(1, 4), st.integers(0, 3))
def test_a_pool_is_the_union_of_the_heads(runs: dict[str, Run], depth: int, seed: int) -> None:
    judged = {"q1": {"u": 0, "v": 1}}
    expected: dict[tuple[str, str], dict[str, int]] = {}
    for name, run in runs.items():
        for query_id, ranking in run.items():
            for rank, doc_id in enumerate(ranking.doc_ids[:depth], 1):
                if doc_id not in judged.get(query_id, {}):
                    expected.setdefault((query_id, doc_id), {})[name] = rank
    pool = pool_runs(runs, depth=depth, seed=seed, judged=judged)
    assert {(one.query_id, one.doc_id): dict(one.sources) for one in pool} == expected
    assert len(pool) == len(expected)
    queries = [one.query_id for one in pool]
    assert queries == sorted(queries, key=list(dict.fromkeys(queries)).index)  # a query's documents stand together


def ten(prefix: str) -> Run:
    return Run.from_dict({"q": {f"{prefix}{number}": float(number) for number in range(10)}})


def test_the_order_tells_nothing_of_ranks_and_runs() -> None:
    """It differs between seeds, is the same for the same seed, and does not stand run by run."""
    runs = {"a": ten("a"), "b": ten("b")}
    orders = {seed: [one.doc_id for one in pool_runs(runs, seed=seed)] for seed in range(20)}
    assert [one.doc_id for one in pool_runs(runs, seed=3)] == orders[3]
    assert len({tuple(order) for order in orders.values()}) == 20
    firsts = [order[0][0] for order in orders.values()]
    assert 4 <= firsts.count("a") <= 16


def test_the_order_survives_another_run() -> None:
    fewer = [one.doc_id for one in pool_runs({"a": ten("a")})]
    more = [one.doc_id for one in pool_runs({"a": ten("a"), "b": ten("b")}) if one.doc_id.startswith("a")]
    assert fewer == more


def test_refused() -> None:
    with pytest.raises(BadValue, match="runs"):
        pool_runs({})
    with pytest.raises(BadValue, match="depth"):
        pool_runs({"a": ten("a")}, depth=0)
