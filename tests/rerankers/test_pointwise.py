"""The pointwise reranker: layouts, notes, and what it refuses."""

import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from irloom.core.errors import BadValue, ModelError, UnknownName
from irloom.core.ranking import Ranking
from irloom.core.run import Run
from irloom.core.types import Document, Query
from irloom.models.decoders.sequence_head import SequenceHead
from irloom.models.scorers.monot5 import MonoT5
from irloom.models.scorers.qwen3_reranker import Qwen3Reranker
from irloom.models.seq2seq import Seq2Seq
from irloom.rerankers.pointwise import Pointwise
from tests.fakes import ListCorpus, OverlapScorer
from tests.fakes_llm import FakeDecoder, FakeGenerator
from tests.models.tiny_t5 import save_t5

DOCUMENTS = [
    Document(f"d{place}", text) for place, text in enumerate(["blue whale", "quick brown dog", "", "brown whale quick", "quick dog"])
]
CORPUS = ListCorpus(DOCUMENTS)
QUERIES = [Query("q", "quick brown dog"), Query("w", "blue whale sings"), Query("empty", " ")]
RUN = Run.from_rankings({query.id: Ranking.from_order([document.id for document in DOCUMENTS]) for query in QUERIES})


def test_layouts_that_a_decoder_has() -> None:
    for layout in ("yes_no", "query_likelihood", "qwen3"):
        reranker = Pointwise(FakeDecoder(), CORPUS, layout=layout, depth=4)  # type: ignore[arg-type]
        run = reranker.rerank(QUERIES, RUN, k=5)
        assert run["q"].doc_ids[0] == "d1"
        assert run["q"].doc_ids[-1] == "d4"  # below the depth
        assert run["empty"].doc_ids == RUN["empty"].doc_ids
        assert run.notes["calls"] == (4, 4, None)
        assert run.notes["fallback"] == ("", "", None)
        assert all(tokens > 40 for tokens in run.notes["prompt_tokens"][:2])
        assert (np.diff(run["q"].scores) <= 0).all()


def test_any_scorer_will_do() -> None:
    run = Pointwise(OverlapScorer(), CORPUS).rerank(QUERIES, RUN, k=2)
    assert run["w"].doc_ids == ["d0", "d3"]
    assert run.notes["calls"] == (5, 5, None)


def test_scores_are_the_scorers_own(tmp_path: Path) -> None:
    model = Seq2Seq(save_t5(tmp_path / "t5"), device="cpu")
    run = Pointwise(model, CORPUS, layout="monot5").rerank(QUERIES[:1], RUN, k=5)
    (scores,) = MonoT5(model).score([(QUERIES[0], DOCUMENTS)])
    order = np.argsort(-scores, kind="stable")
    assert run["q"].doc_ids == [f"d{place}" for place in order]
    np.testing.assert_array_equal(run["q"].scores, scores[order])


def test_a_query_without_room_keeps_its_order(caplog: pytest.LogCaptureFixture) -> None:
    long = Query("long", "dog " * 400)
    run = Run.from_rankings({"q": RUN["q"], "long": RUN["q"]})
    reranker = Pointwise(FakeDecoder(context=300), CORPUS, layout="qwen3")  # type: ignore[arg-type]
    with caplog.at_level(logging.WARNING):
        found = reranker.rerank([QUERIES[0], long], run, k=5)
    assert found["long"].doc_ids == run["long"].doc_ids
    assert found.notes["fallback"] == ("", "order given: the query leaves no room for a document")
    assert "1 of 2 queries failed and keep the order given; the first, 'long'" in caplog.text
    with pytest.raises(ModelError, match="all 1 queries failed; the first, 'long': the query leaves no room"):
        reranker.rerank([long], run, k=5)


def test_settings_go_to_the_layout() -> None:
    reranker = Pointwise("model", CORPUS, layout="qwen3", instruction="Find code", document_tokens=9)
    assert isinstance(reranker.scorer, Qwen3Reranker)
    assert (reranker.scorer.instruction, reranker.scorer.document_tokens) == ("Find code", 9)
    for layout in ("yes_no", "query_likelihood", "rankllama"):
        scorer = Pointwise("model", CORPUS, layout=layout, query_tokens=32, document_tokens=9).scorer  # type: ignore[arg-type]
        assert (scorer.query_tokens, scorer.document_tokens) == (32, 9)  # type: ignore[attr-defined]


def test_what_is_refused() -> None:
    with pytest.raises(UnknownName, match=r"unknown layout 'monot6'.*Did you mean 'monot5'"):
        Pointwise("model", CORPUS, layout="monot6")  # type: ignore[arg-type]
    with pytest.raises(BadValue, match="query_tokens is 9; expected none for the layout 'monot5'"):
        Pointwise("model", CORPUS, layout="monot5", query_tokens=9)
    with pytest.raises(BadValue, match="depth is 0"):
        Pointwise("model", CORPUS, depth=0)
    with pytest.raises(BadValue, match="document_tokens is 0"):
        Pointwise("model", CORPUS, document_tokens=0)
    for layout, model in (
        ("monot5", FakeDecoder()),
        ("rankllama", FakeDecoder()),
        ("qwen3", Seq2Seq("t5")),
        ("query_likelihood", FakeGenerator([""])),
        ("yes_no", SequenceHead("head")),
    ):
        with pytest.raises(BadValue, match=f"a folder, a hub id, a Scorer, or for the layout '{layout}'"):
            Pointwise(model, CORPUS, layout=layout)  # type: ignore[arg-type]


def test_threads_agree(tmp_path: Path) -> None:
    reranker = Pointwise(str(save_t5(tmp_path / "t5")), CORPUS)
    reranker.warm_up()
    with ThreadPoolExecutor(8) as pool:
        runs = list(pool.map(lambda _: reranker.rerank(QUERIES, RUN, k=5), range(8)))
    for run in runs:
        assert [run[query.id].doc_ids for query in QUERIES] == [runs[0][query.id].doc_ids for query in QUERIES]
        np.testing.assert_array_equal(run.scores, runs[0].scores)
