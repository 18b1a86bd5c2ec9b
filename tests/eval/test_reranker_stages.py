"""Each reranker of a system is held against the first stage, and against the one that it was given."""

from irloom.core.run import Run
from irloom.eval.diagnosis import StageRun
from irloom.eval.reranker_stages import rerankers_of

QRELS = {f"q{place}": {"good": 1} for place in range(4)}


def ranked(place: int) -> Run:
    """The relevant document at a place."""
    order = ["a", "b", "c"]
    order.insert(place - 1, "good")
    return Run.from_dict({query_id: {doc_id: -float(rank) for rank, doc_id in enumerate(order)} for query_id in QRELS})


def test_against_the_first_stage_and_the_one_before() -> None:
    """bm25 puts it second, the cross-encoder first, FIRST third: worse than both. Nothing hides the loss behind the gain before it."""
    noted = ranked(3).with_notes({"calls": [1] * 4})
    stages = [
        StageRun("bm25", ranked(2), 0.1, (), 100),
        StageRun("cross", ranked(1), 1.0, (0,), 20, reranks=True),
        StageRun("first", noted, 2.0, (1,), reranks=True),
    ]
    cross, first = rerankers_of(stages, QRELS, ["RR@10"], judgments="toy dev")
    assert [(one.stage, one.before, one.after) for one in cross.against] == [("bm25", 0.5, 1.0)]
    assert cross.alarm == ""
    assert [(one.stage, one.before) for one in first.against] == [("bm25", 0.5), ("cross", 1.0)]
    assert first.alarm.startswith(
        "ALARM: first made the ranking worse by the judgments of toy dev (4 queries): RR@10 0.333 after 0.500 of bm25"
    )
    assert "after 1.000 of cross" in first.alarm
    assert (cross.noted, first.noted, first.seconds) == (0, 4, 2.0)


def test_a_fusion_is_a_first_stage_and_no_reranker() -> None:
    stages = [
        StageRun("bm25", ranked(2), 0.1, ()),
        StageRun("dense", ranked(3), 0.1, ()),
        StageRun("rrf", ranked(2), 0.1, (0, 1)),
        StageRun("icr", ranked(4), 0.1, (2,), reranks=True),
    ]
    (icr,) = rerankers_of(stages, QRELS, ["RR@10", "nDCG@10"], judgments="toy dev")
    assert [(one.stage, one.measure) for one in icr.against] == [("rrf", "RR@10"), ("rrf", "nDCG@10")]


def test_a_retriever_that_notes_what_it_did_is_told_of() -> None:
    stages = [StageRun("feedback", ranked(2).with_notes({"calls": [2] * 4}), 0.5)]
    (did,) = rerankers_of(stages, QRELS, ["RR@10"], judgments="toy dev")
    assert (did.sums, did.against, did.judgments) == ({"calls": 8}, (), "")


def test_systems_without_rerankers_say_nothing() -> None:
    assert rerankers_of([StageRun("bm25", ranked(2), 0.1)], QRELS, ["RR@10"], judgments="toy dev") == []
