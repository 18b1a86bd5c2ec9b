from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from irloom.core.errors import BadValue
from irloom.training.samplers.corpus import TrainingCorpus, Words
from irloom.training.samplers.lists import ListSampler, ListSettings

NAMES = [f"d{number}" for number in range(30)]


def corpus(**changes: object) -> TrainingCorpus:
    """Thirty documents, each a number in tokens; two queries of three answer one, every third document has none, q0 answers two."""
    queries = {f"q{number}": (100 + number,) * 6 for number in range(30) if number % 3 != 1}
    relevant = {query: (f"d{query[1:]}",) for query in queries} | {"q0": ("d0", "d1")}
    asked: dict[str, tuple[str, ...]] = {}
    for query, names in relevant.items():
        for name in names:
            asked[name] = (*asked.get(name, ()), query)
    documents = {name: Words(tuple(range(10 * number, 10 * number + 10)), (0, 4, 8, 10)) for number, name in enumerate(NAMES)}
    given: dict[str, object] = {
        "name": "c",
        "queries": queries,
        "relevant": relevant,
        "candidates": dict.fromkeys(queries, tuple(NAMES)),
        "documents": documents,
        "asked": asked,
    }
    return TrainingCorpus(**{**given, **changes})  # type: ignore[arg-type]


def test_words() -> None:
    words = Words((5, 6, 7, 8), (0, 1, 3, 4))
    assert [words.first(count, most=9) for count in range(5)] == [[], [5], [5, 6, 7], [5, 6, 7, 8], [5, 6, 7, 8]]
    assert words.first(3, most=2) == [5, 6]


@given(st.integers(0, 1000), st.integers(2, 20))
def test_a_list_holds_what_its_queries_ask_for(seed: int, n: int) -> None:
    """Every query has one target, which is relevant to it; documents are different; the same seed gives the same list."""
    whole = corpus()
    sampler = ListSampler([whole], [1], ListSettings(dropped=0))
    drawn = sampler.draw(Random(seed), n=n)
    assert drawn == sampler.draw(Random(seed), n=n)
    assert len(set(drawn.names)) == len(drawn.documents) == n
    assert len(set(drawn.identifiers)) == n
    assert set(drawn.identifiers) <= set(range(20))
    assert any(drawn.query_names)
    for query, tokens, target in zip(drawn.query_names, drawn.queries, drawn.targets, strict=True):
        if query:
            assert tokens == whole.queries[query]
            assert [place for place, name in enumerate(drawn.names) if name in whole.relevant[query]] == [target]
        else:
            assert set(tokens) <= set(drawn.documents[target])
            # its own query has several answers in the list, or there is none
            assert whole.asked.get(drawn.names[target], ()) in ((), ("q0",))


def test_batches_have_one_kind_of_identifier() -> None:
    sampler = ListSampler([corpus()], [1], ListSettings(numbered=0.5))
    kinds = [{drawn.numbered for drawn in sampler.batch(Random(seed), n=4, count=3)} for seed in range(20)]
    assert all(len(kind) == 1 for kind in kinds)
    assert {True} in kinds
    assert {False} in kinds


def test_no_copies() -> None:
    sampler = ListSampler([corpus()], [1], ListSettings(copied=1))
    assert any("" in drawn.query_names for drawn in sampler.batch(Random(0), n=15, count=3))
    assert not any("" in drawn.query_names for drawn in sampler.batch(Random(0), n=15, count=3, copies=False))


def test_the_most_queries_of_a_list() -> None:
    """Some of those that there are, each still with its own target."""
    whole = corpus()
    sampler = ListSampler([whole], [1], ListSettings(dropped=0))
    for drawn in sampler.batch(Random(0), n=15, count=20, copies=False, most=3):
        assert len(drawn.queries) == len(drawn.targets) == len(drawn.query_names) == 3
        for query, tokens, target in zip(drawn.query_names, drawn.queries, drawn.targets, strict=True):
            assert tokens == whole.queries[query]
            assert drawn.names[target] in whole.relevant[query]


def test_held_out_queries_are_gone() -> None:
    kept = corpus().without({"q0", "q2"})
    assert "q0" not in kept.queries
    assert "q2" not in {query for asking in kept.asked.values() for query in asking}
    drawn = ListSampler([kept], [1], ListSettings()).batch(Random(0), n=20, count=5)
    assert not {"q0", "q2"} & {query for one in drawn for query in one.query_names}


def test_bad_values() -> None:
    with pytest.raises(BadValue, match="shares"):
        ListSampler([corpus()], [1, 2], ListSettings())
    with pytest.raises(BadValue, match="judged queries"):
        ListSampler([corpus(queries={})], [1], ListSettings())
    with pytest.raises(BadValue, match="fewer"):
        ListSampler([corpus(candidates=dict.fromkeys(corpus().queries, ("d0",)))], [1], ListSettings(easy=0)).draw(Random(0), n=9)
