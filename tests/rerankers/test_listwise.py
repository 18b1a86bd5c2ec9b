"""The reranker `listwise`: schedules, notes, failures; no document is lost for anything a model writes."""

import logging
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from irloom.core.errors import BadValue, ModelError, UnknownName
from irloom.core.ranking import Ranking
from irloom.core.run import Run
from irloom.core.types import Document, Query
from irloom.models.decoders.messages import Message
from irloom.models.generators.generated import Generated
from irloom.rerankers.listwise import Listwise
from irloom.rerankers.schedules.contract import Schedule
from irloom.rerankers.schedules.lists import LIST_SETTINGS
from irloom.rerankers.schedules.top_down import TopDown
from irloom.rerankers.schedules.window import Window
from tests.fakes_llm import FakeDecoder, FakeGenerator

HIDDEN = np.random.default_rng(3).permutation(100)


class Texts:
    """Document "d<n>" has the text "v<hidden number>"."""

    def fetch(self, doc_ids: Sequence[str]) -> list[Document]:
        return [Document(doc_id, f"v{HIDDEN[int(doc_id[1:])]}") for doc_id in doc_ids]


def sorted_by_value(prompt: str) -> str:
    """What a perfect model says: the identifiers by the value that stands behind each."""
    found = [(int(value), name) for name, value in re.findall(r"^\[(\w+)\] v(\d+)$", prompt, re.MULTILINE)]
    return " > ".join(f"[{name}]" for _, name in sorted(found))


def run_of(n: int, *, names: Sequence[str] = ("q",)) -> Run:
    ids = [f"d{place}" for place in range(n)]
    return Run.from_rankings({name: Ranking(ids, np.arange(n, 0, -1, dtype=np.float32)) for name in names})


def best(n: int) -> list[str]:
    return [f"d{place}" for place in sorted(range(n), key=lambda place: HIDDEN[place])]


@pytest.mark.parametrize(
    ("schedule", "calls"), [("window", 9), ("full", 1), (TopDown(20, budget=100), None), ("self_consistency", 90), ("tournament", None)]
)
def test_every_schedule_finds_the_best(schedule: str | Schedule[list[int]], calls: int | None) -> None:
    generator = FakeGenerator(sorted_by_value)
    reranker = Listwise(generator, Texts(), schedule=schedule)
    run = reranker.rerank([Query("q", "what")], run_of(100), k=100)
    assert sorted(run["q"].doc_ids) == sorted(best(100))
    wanted = 2 if schedule == "tournament" else 10
    assert set(run["q"].doc_ids[:wanted]) == set(best(100)[:wanted])
    assert list(run["q"].scores) == list(range(100, 0, -1))
    assert run.notes["calls"][0] == run.notes["windows"][0] == len(generator.prompts)
    assert calls is None or len(generator.prompts) == calls


def test_depth_and_tail() -> None:
    run = Listwise(FakeGenerator(sorted_by_value), Texts(), depth=20).rerank([Query("q", "what")], run_of(30), k=30)
    assert list(run["q"].doc_ids[:20]) == best(20)
    assert list(run["q"].doc_ids[20:]) == [f"d{place}" for place in range(20, 30)]
    assert list(run.columns["stage0"][:1]) == [30 - int(best(20)[0][1:])]


def test_notes() -> None:
    says = iter(["[2] > [1]", "no idea", "[2] > [2]"])
    run = Listwise(FakeGenerator(lambda prompt: next(says)), Texts(), window=3, stride=2).rerank([Query("q", "what")], run_of(7), k=7)
    notes = {name: values[0] for name, values in run.notes.items()}
    assert notes["answers"] == {"ok": 0, "missing ids": 2, "wrong format": 1}
    assert (notes["calls"], notes["windows"], notes["malformed"], notes["fallback"]) == (3, 3, 3, "")
    assert notes["wrong"] == "[2] > [1]"
    assert isinstance(notes["seconds"], float)


class Flaky:
    """A server that fails for some queries."""

    def __init__(self, bad: str) -> None:
        self.bad = bad

    def generate(self, prompts: Sequence[str], *, max_new_tokens: int) -> list[str]:
        raise AssertionError

    def answers(self, prompts: Sequence[Sequence[Message]], *, max_new_tokens: int) -> list[Generated]:
        texts = ["\n".join(message.content for message in prompt) for prompt in prompts]
        return [Generated("", fault="status 500") if re.search(self.bad, text) else Generated(sorted_by_value(text)) for text in texts]


def test_a_query_that_fails_keeps_its_order(caplog: pytest.LogCaptureFixture) -> None:
    queries = [Query("a", "alpha"), Query("b", "beta"), Query("c", "gamma")]
    with caplog.at_level(logging.WARNING):
        run = Listwise(Flaky("beta"), Texts()).rerank(queries, run_of(30, names="abc"), k=30)
    assert list(run["b"].doc_ids) == [f"d{place}" for place in range(30)]
    assert list(run["a"].doc_ids[:10]) == list(run["c"].doc_ids[:10]) == best(30)[:10]
    assert list(run.notes["fallback"]) == ["", "order given: status 500", ""]
    assert [record.message for record in caplog.records] == ["1 of 3 queries failed and keep the order given; the first, 'b': status 500"]
    with pytest.raises(ModelError, match="all 3 queries failed; the first, 'a': status 500"):
        Listwise(Flaky("."), Texts()).rerank(queries, run_of(30, names="abc"), k=30)


def test_a_round_of_all_queries_is_one_call() -> None:
    class Counting(FakeGenerator):
        calls = 0

        def generate(self, prompts: Sequence[str], *, max_new_tokens: int) -> list[str]:
            self.calls += 1
            return super().generate(prompts, max_new_tokens=max_new_tokens)

    generator = Counting(sorted_by_value)
    Listwise(generator, Texts()).rerank([Query(name, "what") for name in "abcde"], run_of(100, names="abcde"), k=10)
    assert (generator.calls, len(generator.prompts)) == (9, 45)


@settings(deadline=None)
@given(st.lists(st.text(alphabet="[]> 0123456789ABC²፩,", max_size=80), min_size=1, max_size=5), st.integers(0, 30), st.integers(0, 4))
def test_no_document_is_lost_or_doubled(texts: list[str], n: int, number: int) -> None:
    schedule, names = list(LIST_SETTINGS.items())[number]
    given = {name: value for name, value in {"window": 6, "stride": 3, "repeats": 2}.items() if name in names}
    reranker = Listwise(FakeGenerator(texts), Texts(), schedule=schedule, top=3, **given)
    run = reranker.rerank([Query("q", "what")], run_of(n), k=n)
    assert sorted(run["q"].doc_ids) == sorted(f"d{place}" for place in range(n))


def test_eight_threads_agree() -> None:
    reranker = Listwise(FakeDecoder(), Texts(), window=6, stride=3)
    reranker.warm_up()
    queries = [Query("q", f"v{HIDDEN[4]} v{HIDDEN[9]}")]
    with ThreadPoolExecutor(8) as pool:
        runs = list(pool.map(lambda _: list(reranker.rerank(queries, run_of(20), k=20)["q"].doc_ids), range(8)))
    assert all(run == runs[0] for run in runs)


def test_fingerprints_tell_settings_apart() -> None:
    makes: list[Callable[[], Listwise]] = [
        lambda: Listwise(FakeDecoder(), Texts()),
        lambda: Listwise(FakeDecoder(), Texts(), stride=5),
        lambda: Listwise(FakeDecoder(), Texts(), depth=50),
        lambda: Listwise(FakeDecoder(), Texts(), schedule="full"),
        lambda: Listwise(FakeDecoder(), Texts(), prompt="lrl"),
        lambda: Listwise(FakeGenerator([]), Texts()),
    ]
    assert len({make().fingerprint for make in makes}) == len(makes)
    assert makes[0]().fingerprint == Listwise(FakeDecoder(), Texts(), schedule=Window()).fingerprint


def test_refusals() -> None:
    with pytest.raises(BadValue, match="depth"):
        Listwise(FakeDecoder(), Texts(), depth=0)
    with pytest.raises(BadValue, match="window is 30; expected 26 at most"):
        Listwise(FakeDecoder(), Texts(), prompt="rank_zephyr_letters", window=30)
    with pytest.raises(BadValue, match="stride"):
        Listwise(FakeDecoder(), Texts(), stride=21)
    with pytest.raises(BadValue, match="passes is 3; expected none for the schedule 'full'; window, self_consistency have it"):
        Listwise(FakeDecoder(), Texts(), schedule="full", passes=3)
    with pytest.raises(BadValue, match="words is 100; expected none for the prompt 'lit5_score'"):
        Listwise("model", Texts(), prompt="lit5_score", words=100)
    with pytest.raises(UnknownName, match="Did you mean 'lit5_score'"):
        Listwise(FakeDecoder(), Texts(), prompt="lit5_scores")
    with pytest.raises(UnknownName, match="schedule for lists 'heap'"):
        Listwise(FakeDecoder(), Texts(), schedule="heap")
