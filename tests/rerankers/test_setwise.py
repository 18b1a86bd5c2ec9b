"""The setwise reranker: its sorts over fakes that know the order, and over models that say anything."""

import gc
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from irloom.core.errors import BadValue, UnknownName
from irloom.core.ranking import Ranking
from irloom.core.run import Run
from irloom.core.types import Document, Query
from irloom.models.decoders.prefix import Prefix
from irloom.rerankers.comparators.contract import Answer, Candidates, Spent
from irloom.rerankers.schedules.heap import PairHeap, SetHeap
from irloom.rerankers.setwise import Setwise
from tests.fakes import ListCorpus
from tests.fakes_llm import FakeDecoder, FakeGenerator
from tests.models.tiny_t5 import save_t5

VALUES = np.random.default_rng(4).permutation(100)
DOCUMENTS = [Document(f"d{place}", str(value)) for place, value in enumerate(VALUES)]
CORPUS = ListCorpus(DOCUMENTS)
QUERIES = [Query("q", "the greatest"), Query("r", "the greatest again")]
RUN = Run.from_rankings({query.id: Ranking.from_order([document.id for document in DOCUMENTS]) for query in QUERIES})


class Knows:
    """A SetSelector that knows numbers."""

    fingerprint = "knows"
    labels = 10

    def warm_up(self) -> None:
        pass

    def select(self, requests: Sequence[Candidates]) -> list[Answer[int]]:
        return [Answer(int(np.argmax([int(document.text) for document in documents])), Spent(10, 1, 1)) for _, documents in requests]


class Orders(Knows):
    """One that orders lists too."""

    most = 10

    def order(self, requests: Sequence[Candidates]) -> list[Answer[list[int]]]:
        return [Answer(np.argsort([-int(document.text) for document in documents]).tolist()) for _, documents in requests]


@pytest.mark.parametrize("schedule", ["heap", "bubble"])
@pytest.mark.parametrize("children", [2, 3, 9])
def test_the_true_top_10_of_100(schedule: str, children: int) -> None:
    run = Setwise(Knows(), CORPUS, schedule=schedule, children=children).rerank(QUERIES, RUN, k=100)
    best = [f"d{place}" for place in np.argsort(-VALUES)[:10]]
    for query in QUERIES:
        assert run[query.id].doc_ids == best + [doc_id for doc_id in RUN["q"].doc_ids if doc_id not in best]
        assert run[query.id].scores.tolist() == list(range(100, 0, -1))
    assert all(calls <= windows for calls, windows in zip(run.notes["calls"], run.notes["windows"], strict=True))
    assert run.notes["fallback"] == ("", "")


def test_a_model_that_names_nothing_changes_nothing() -> None:
    for schedule in ("heap", "bubble"):
        run = Setwise(FakeGenerator(["nothing"]), CORPUS, schedule=schedule, depth=20).rerank(QUERIES, RUN, k=100)
        assert run["q"].doc_ids == RUN["q"].doc_ids
        assert run.notes["malformed"][0] > 0


def test_windows_are_ordered_by_likelihood() -> None:
    run = Setwise(Orders(), CORPUS, schedule="window", window=10, stride=5, passes=3).rerank(QUERIES, RUN, k=100)
    assert run["q"].doc_ids[:10] == [f"d{place}" for place in np.argsort(-VALUES)[:10]]
    run = Setwise(Orders(), CORPUS, schedule="tournament", window=10, repeats=2).rerank(QUERIES, RUN, k=100)
    assert sorted(run["q"].doc_ids) == sorted(RUN["q"].doc_ids)
    fake = Setwise(FakeDecoder(), ListCorpus([Document("a", "owls"), Document("b", "whales sing")]), schedule="window")  # type: ignore[arg-type]
    found = fake.rerank([Query("q", "whales sing")], Run.from_rankings({"q": Ranking.from_order(["a", "b"])}), k=2)
    assert found["q"].doc_ids == ["b", "a"]


def test_a_decoder_finds_what_shares_words() -> None:
    texts = ["blue whale", "brown dogs", "nothing here", "quick brown dogs", "dogs", "quick whale"]
    corpus = ListCorpus([Document(str(place), text) for place, text in enumerate(texts)])
    run = Run.from_rankings({"q": Ranking.from_order([str(place) for place in range(6)])})
    for schedule in ("heap", "bubble"):
        for scoring in ("generation", "likelihood"):
            reranker = Setwise(FakeDecoder(), corpus, schedule=schedule, scoring=scoring, children=2, top=2)  # type: ignore[arg-type]
            found = reranker.rerank([Query("q", "quick brown dogs run")], run, k=6)
            assert sorted(found["q"].doc_ids) == sorted(run["q"].doc_ids)
            if scoring == "likelihood":
                assert found["q"].doc_ids[:2] == ["3", "1"]


@pytest.mark.parametrize("schedule", ["heap", "bubble"])
@settings(max_examples=20)
@given(
    texts=st.lists(st.text(max_size=9) | st.sampled_from(["A", "B", "Passage C", "D"]), min_size=1, max_size=7),
    n=st.integers(0, 14),
    children=st.integers(1, 6),
)
def test_no_document_is_lost_for_any_answer(schedule: str, texts: list[str], n: int, children: int) -> None:
    run = Run.from_rankings({"q": RUN["q"].cut(n)})
    found = Setwise(FakeGenerator(texts), CORPUS, schedule=schedule, top=4, children=children).rerank(QUERIES[:1], run, k=20)
    assert sorted(found["q"].doc_ids) == sorted(run["q"].doc_ids)


@pytest.mark.parametrize(("scoring", "permutations"), [("generation", 1), ("likelihood", 3)])
def test_threads_agree(scoring: str, permutations: int, tmp_path: Path) -> None:
    reranker = Setwise(str(save_t5(tmp_path)), CORPUS, scoring=scoring, permutations=permutations, depth=9, top=3)
    reranker.warm_up()
    with ThreadPoolExecutor(8) as pool:
        runs = list(pool.map(lambda _: reranker.rerank(QUERIES[:1], RUN, k=9), range(8)))
    assert all(run["q"].doc_ids == runs[0]["q"].doc_ids for run in runs)


def test_what_is_refused() -> None:
    with pytest.raises(UnknownName, match="unknown schedule for sets 'heaps'; known: bubble, full, heap"):
        Setwise("model", CORPUS, schedule="heaps")
    with pytest.raises(BadValue, match="children is 23; expected 22 at most: there are 23 labels"):
        Setwise("model", CORPUS, children=23)
    with pytest.raises(BadValue, match="window is 24; expected 23 at most: there are 23 identifiers"):
        Setwise("model", CORPUS, schedule="window", window=24)
    with pytest.raises(BadValue, match="Knows chooses, but does not order"):
        Setwise(Knows(), CORPUS, schedule="window")
    with pytest.raises(BadValue, match="depth is 100; expected 23 at most"):
        Setwise("model", CORPUS, schedule="full")
    with pytest.raises(BadValue, match="a schedule for sets"):
        Setwise("model", CORPUS, schedule=PairHeap())
    with pytest.raises(BadValue, match="children is 0"):
        Setwise("model", CORPUS, children=0)
    for schedule in ("heap", "bubble"):
        with pytest.raises(BadValue, match=f"window is 4; expected none for the schedule '{schedule}'; window, top_down, tourn"):
            Setwise("model", CORPUS, schedule=schedule, window=4)
    with pytest.raises(BadValue, match="children is 3; expected none for the schedule 'window'; heap, bubble have it"):
        Setwise("model", CORPUS, schedule="window", children=3)
    with pytest.raises(BadValue, match="passes is 2; expected none beside SetHeap"):
        Setwise("model", CORPUS, schedule=SetHeap(3), passes=2)
    with pytest.raises(BadValue, match="top is 0"):
        Setwise("model", CORPUS, top=0)
    made = [Setwise(Knows(), CORPUS), Setwise(Knows(), CORPUS, schedule="bubble"), Setwise(Knows(), CORPUS, children=2)]
    assert len({one.fingerprint for one in made}) == 3
    assert made[0].fingerprint == Setwise(Knows(), CORPUS, schedule=SetHeap(3)).fingerprint


class Watching(FakeDecoder):
    """Notes how many tokens each prompt goes on from."""

    def __init__(self) -> None:
        super().__init__()
        self.shared: list[int] = []

    def _extended(self, prefix: Prefix, ids: NDArray[np.int64]) -> Prefix:
        self.shared.append(prefix.length)
        return super()._extended(prefix, ids)


def test_prompts_go_on_from_earlier_ones_of_the_same_reranking_alone() -> None:
    decoder = Watching()
    reranker = Setwise(decoder, CORPUS, scoring="likelihood", schedule="bubble", depth=9, top=1)
    for _ in range(2):
        decoder.shared.clear()
        calls = reranker.rerank(QUERIES[:1], RUN, k=9).notes["calls"][0]
        assert len(decoder.shared) == calls - 1 > 0
        assert min(decoder.shared) >= len(decoder.encode(f'Given a query "{QUERIES[0].text}"'))
        gc.collect()
        assert not [one for one in gc.get_objects() if type(one) is Prefix and one.extend.__self__ is decoder]  # type: ignore[attr-defined]
