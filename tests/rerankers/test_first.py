"""The reranker `first`: windows, one window, identifiers, notes."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from irloom.core.errors import BadValue, ModelError
from irloom.core.ranking import Ranking
from irloom.core.run import Run
from irloom.core.types import Document, Query
from irloom.rerankers.first import FIRST
from tests.fakes_llm import FakeDecoder

VALUES = np.random.default_rng(4).permutation(60)
WHALES = [f"whale{place}" for place in range(60)]
QUERY = Query("q", " ".join(WHALES))


class Texts:
    """Document "d<n>" shares as many words with the query as its hidden number says."""

    def fetch(self, doc_ids: Sequence[str]) -> list[Document]:
        return [Document(doc_id, " ".join(WHALES[: VALUES[int(doc_id[1:])]])) for doc_id in doc_ids]


def run_of(n: int) -> Run:
    return Run.from_rankings({"q": Ranking([f"d{place}" for place in range(n)], np.arange(n, 0, -1, dtype=np.float32))})


def best(n: int) -> list[str]:
    return [f"d{place}" for place in sorted(range(n), key=lambda place: -VALUES[place])]


def test_one_window() -> None:
    for schedule in ("window", "full"):
        decoder = FakeDecoder()
        run = FIRST(decoder, Texts(), depth=20, schedule=schedule).rerank([QUERY], run_of(30), k=30)
        assert list(run["q"].doc_ids) == [*best(20), *[f"d{place}" for place in range(20, 30)]]
        assert list(run["q"].scores[:20]) == list(range(20, 0, -1))
        assert decoder.passes == 1
        assert (run.notes["calls"][0], run.notes["new_tokens"][0], run.notes["malformed"][0]) == (1, 0, 0)


def test_windows() -> None:
    decoder = FakeDecoder()
    run = FIRST(decoder, Texts()).rerank([QUERY], run_of(60), k=60)
    assert list(run["q"].doc_ids[:10]) == best(60)[:10]
    assert sorted(run["q"].doc_ids) == sorted(best(60))
    assert decoder.passes == run.notes["windows"][0] == 5  # 1 + (60 - 20) / 10


def test_a_round_of_all_queries_is_one_pass() -> None:
    decoder = FakeDecoder()
    runs = Run.concat([Run.from_rankings({name: run_of(20)["q"]}) for name in "abc"])
    FIRST(decoder, Texts()).rerank([Query(name, QUERY.text) for name in "abc"], runs, k=5)
    assert decoder.passes == 1


def test_more_candidates_than_identifiers() -> None:
    with pytest.raises(BadValue, match="depth is 21; expected 20 at most: there are 20 identifiers"):
        FIRST(FakeDecoder(), Texts(), schedule="full", depth=21)
    with pytest.raises(BadValue, match="window is 26"):
        FIRST(FakeDecoder(), Texts(), window=26)


def test_a_context_too_small_for_the_query() -> None:
    with pytest.raises(ModelError, match="all 1 queries failed; the first, 'q': the query and 20 documents of a word each are"):
        FIRST(FakeDecoder(context=60), Texts()).rerank([QUERY], run_of(20), k=5)


def test_smaller_windows_are_noted() -> None:
    small = Query("q", " ".join(WHALES[:5]))
    run = FIRST(FakeDecoder(context=120), Texts(), prompt="short", words=1).rerank([small], run_of(60), k=60)
    assert str(run.notes["fallback"][0]).startswith("windows of ")
    assert run.notes["malformed"][0] == 0
    assert sorted(run["q"].doc_ids) == sorted(best(60))


def test_eight_threads_agree() -> None:
    reranker = FIRST(FakeDecoder(), Texts(), window=6, stride=3)
    reranker.warm_up()
    with ThreadPoolExecutor(8) as pool:
        runs = list(pool.map(lambda _: list(reranker.rerank([QUERY], run_of(30), k=30)["q"].doc_ids), range(8)))
    assert all(run == runs[0] for run in runs)


def test_fingerprints() -> None:
    first = FIRST(FakeDecoder(), Texts())
    assert first.fingerprint != FIRST(FakeDecoder(), Texts(), prompt="short").fingerprint
    assert first.fingerprint != FIRST(FakeDecoder(), Texts(), schedule="top_down").fingerprint
