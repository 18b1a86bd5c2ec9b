"""The pairwise reranker: its sorts over fakes that know the order, and over models that say anything."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from irloom.core.errors import BadValue, ModelError, UnknownName
from irloom.core.ranking import Ranking
from irloom.core.run import Run
from irloom.core.types import Document, Query
from irloom.rerankers.comparators.contract import FAILED, Answer, Spent
from irloom.rerankers.pairwise import Method, Pairwise
from irloom.rerankers.schedules.heap import PairHeap
from tests.fakes import ListCorpus
from tests.fakes_llm import FakeDecoder, FakeGenerator
from tests.models.tiny_t5 import save_t5

VALUES = np.random.default_rng(2).permutation(100)
DOCUMENTS = [Document(f"d{place}", str(value)) for place, value in enumerate(VALUES)]
CORPUS = ListCorpus(DOCUMENTS)
QUERIES = [Query("q", "the greatest"), Query("r", "the smallest")]
RUN = Run.from_rankings({query.id: Ranking.from_order([document.id for document in DOCUMENTS]) for query in QUERIES})


class Knows:
    """A PairComparator that knows numbers; the query says which are good. A broken one fails for one query."""

    def __init__(self, broken: str = "") -> None:
        self.broken = broken
        self.fingerprint = f"knows:{broken}"

    def warm_up(self) -> None:
        pass

    def compare(self, requests: Sequence[tuple[Query, Document, Document]]) -> list[Answer[float]]:
        return [self._one(*request) for request in requests]

    def _one(self, query: Query, first: Document, second: Document) -> Answer[float]:
        if query.id == self.broken:
            return Answer(0.5, fault=FAILED, detail="no answer")
        greater = int(first.text) > int(second.text)
        return Answer(float(greater == (query.id == "q")), Spent(10, 1, 2))


@pytest.mark.parametrize("schedule", ["heap", "bubble", "all_pairs"])
def test_the_true_top_10_of_100(schedule: str) -> None:
    run = Pairwise(Knows(), CORPUS, schedule=schedule).rerank(QUERIES, RUN, k=100)
    best = [f"d{place}" for place in np.argsort(-VALUES)]
    assert run["q"].doc_ids[:10] == best[:10]
    assert run["r"].doc_ids[:10] == best[::-1][:10]
    assert run["q"].scores.tolist() == list(range(100, 0, -1))
    assert run.notes["calls"][0] == 9900 if schedule == "all_pairs" else run.notes["calls"][0] < 2000
    assert run.notes["prompt_tokens"][0] == 5 * run.notes["calls"][0]
    if schedule != "all_pairs":
        assert run["q"].doc_ids[10:] == [doc_id for doc_id in RUN["q"].doc_ids if doc_id not in best[:10]]


def test_a_model_that_always_says_passage_a_changes_nothing() -> None:
    for schedule in ("heap", "bubble", "all_pairs"):
        run = Pairwise(FakeGenerator(["Passage A"]), CORPUS, schedule=schedule, depth=20).rerank(QUERIES, RUN, k=100)
        for query in QUERIES:
            assert run[query.id].doc_ids == RUN[query.id].doc_ids
    assert run.notes["malformed"] == (0, 0)


@pytest.mark.parametrize("schedule", ["heap", "bubble", "all_pairs"])
@settings(max_examples=20)
@given(texts=st.lists(st.text(max_size=9) | st.sampled_from(["Passage A", "Passage B"]), min_size=1, max_size=7), n=st.integers(0, 12))
def test_no_document_is_lost_for_any_answer(schedule: str, texts: list[str], n: int) -> None:
    run = Run.from_rankings({"q": RUN["q"].cut(n)})
    found = Pairwise(FakeGenerator(texts), CORPUS, schedule=schedule, top=4).rerank(QUERIES[:1], run, k=20)
    assert sorted(found["q"].doc_ids) == sorted(run["q"].doc_ids)


def test_a_query_that_fails_keeps_its_order() -> None:
    run = Pairwise(Knows(broken="r"), CORPUS).rerank(QUERIES, RUN, k=100)
    assert run["r"].doc_ids == RUN["r"].doc_ids
    assert run.notes["fallback"] == ("", "order given: no answer")
    assert run["q"].doc_ids != RUN["q"].doc_ids
    with pytest.raises(ModelError, match="all 1 queries failed; the first, 'r': no answer"):
        Pairwise(Knows(broken="r"), CORPUS).rerank(QUERIES[1:], RUN, k=100)


@pytest.mark.parametrize("method", ["prp", "duot5"])
def test_threads_agree(method: Method, tmp_path: Path) -> None:
    reranker = Pairwise(str(save_t5(tmp_path)), CORPUS, method=method, depth=6, top=2)
    reranker.warm_up()
    with ThreadPoolExecutor(8) as pool:
        runs = list(pool.map(lambda _: reranker.rerank(QUERIES[:1], RUN, k=9), range(8)))
    assert all(run["q"].doc_ids == runs[0]["q"].doc_ids for run in runs)


def test_what_is_refused() -> None:
    with pytest.raises(UnknownName, match="unknown schedule for pairs 'heaps'"):
        Pairwise("model", CORPUS, schedule="heaps")
    with pytest.raises(UnknownName, match="unknown method 'duo'"):
        Pairwise("model", CORPUS, method="duo")  # type: ignore[arg-type]
    with pytest.raises(BadValue, match="model is 'FakeDecoder'; expected a folder, a hub id or a Seq2Seq for the method 'duot5'"):
        Pairwise(FakeDecoder(), CORPUS, method="duot5")  # type: ignore[arg-type]
    for name, value, method, other in (
        ("query_tokens", 32, "duot5", "prp"),
        ("document_tokens", 64, "duot5", "prp"),
        ("both_orders", False, "prp", "duot5"),
    ):
        with pytest.raises(BadValue, match=f"{name} is {value}; expected none for the method '{method}'; {other} has it"):
            Pairwise("model", CORPUS, method=method, **{name: value})  # type: ignore[arg-type]
    for name in ("top", "depth"):
        with pytest.raises(BadValue, match=f"{name} is 0"):
            Pairwise("model", CORPUS, **{name: 0})  # type: ignore[arg-type]
    made = [Pairwise(Knows(), CORPUS), Pairwise(Knows(), CORPUS, schedule="bubble"), Pairwise(Knows(), CORPUS, top=5)]
    assert len({one.fingerprint for one in made}) == 3
    assert made[0].fingerprint == Pairwise(Knows(), CORPUS, schedule=PairHeap()).fingerprint
