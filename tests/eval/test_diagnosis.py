import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from irloom.core.errors import BadValue, DataError, UnknownName
from irloom.core.run import Run
from irloom.eval.diagnosis import CAUSES, Diagnosis, StageRun, diagnose
from irloom.eval.evaluate import evaluate
from irloom.eval.suspects import SuspectRule
from irloom.text.minhash import NearDuplicate


def ranked(**rankings: str) -> Run:
    """A run of one-letter documents in that order."""
    return Run.from_dict({query: {doc: float(-place) for place, doc in enumerate(docs)} for query, docs in rankings.items()})


def test_one_cause_each() -> None:
    """With a cut of two: q1's document is nowhere; q2's was first and is third; q3's is at the top; q4's stays third; q5 has no run."""
    first = ranked(q1="abc", q2="rab", q3="rab", q4="abr")
    last = ranked(q1="abc", q2="abr", q3="rab", q4="bar")
    qrels = {f"q{number}": {"r": 1, "a": 0, "b": 0} for number in range(1, 6)}
    diagnosis = diagnose([StageRun("BM25", first, 0.5), StageRun("CE", last, 2.0)], qrels, measure="nDCG@2")
    assert {query.query_id: query.causes for query in diagnosis.queries} == {
        "q1": ("missed",),
        "q2": ("demoted",),
        "q3": (),
        "q4": ("low",),
        "q5": ("missed", "empty"),
    }
    assert diagnosis.counts == {**dict.fromkeys(CAUSES, 0), "missed": 2, "demoted": 1, "low": 1, "empty": 1}
    assert diagnosis.documents == {"found": 1, "missed": 2, "unread": 0, "demoted": 1, "low": 1}
    assert [query.value for query in diagnosis.queries] == [0.0, 0.0, 1.0, 0.0, 0.0]
    assert diagnosis.queries[1].relevant[0].ranks == (1, 3)
    # found for three of five queries, and there an ideal order has nDCG@2 = 1
    assert [(stage.stage, stage.depth, stage.recall, stage.best, stage.seconds) for stage in diagnosis.ceilings] == [
        ("BM25", 3, pytest.approx(0.6), pytest.approx(0.6), 0.5),
        ("CE", 3, pytest.approx(0.6), pytest.approx(0.6), 2.0),
    ]


def test_holes_and_judged() -> None:
    diagnosis = diagnose([StageRun("s", ranked(q="xry"), 0)], {"q": {"r": 1}}, measure="nDCG@2")
    assert diagnosis.queries[0].holes == ("x",)
    assert diagnosis.queries[0].causes == ("holes",)  # r is within the cut: nothing of what is known was lost out of it
    assert diagnosis.judged == 0.5


def test_no_relevant_document() -> None:
    diagnosis = diagnose([StageRun("s", ranked(q="a"), 0)], {"q": {"a": 0}})
    assert diagnosis.queries[0].causes == ("no_relevant",)


def test_near_duplicates_and_likely_false_negatives() -> None:
    """x is like the relevant r, y like x; all voters have z first."""
    first, last, peer = ranked(q="zyxr"), ranked(q="zxyr"), ranked(q="z")
    pairs = [NearDuplicate("r", "x", 0.9), NearDuplicate("x", "y", 0.8)]
    diagnosis = diagnose(
        [StageRun("s", first, 0), StageRun("t", last, 0)], {"q": {"r": 1}}, measure="nDCG@3", duplicates=pairs, peers=[peer]
    )
    query = diagnosis.queries[0]
    assert [(one.doc_id, one.reason, one.of) for one in query.suspects] == [("z", "systems", ""), ("x", "near_duplicate", "r")]
    assert query.duplicates == (NearDuplicate("x", "y", 0.8),)
    assert query.causes == ("low", "holes", "false_negatives", "near_duplicates")


def test_a_fusion_has_no_vote() -> None:
    """Two components and their fusion are two voters; a component that is a system too has no second vote."""
    runs = [StageRun("a", ranked(q="z"), 0, ()), StageRun("b", ranked(q="zy"), 0, ()), StageRun("f", ranked(q="zx"), 0, (0, 1))]
    qrels = {"q": {"r": 1}}
    assert diagnose(runs, qrels, peers=[ranked(q="z")], rule=SuspectRule(systems=3)).counts["false_negatives"] == 0
    assert diagnose(runs, qrels).counts["false_negatives"] == 1


def test_what_the_next_stage_does_not_read() -> None:
    stages = [StageRun("s", ranked(q="abcr"), 0, read=2), StageRun("t", ranked(q="bacr"), 0)]
    diagnosis = diagnose(stages, {"q": {"r": 1, "a": 0}}, measure="RR@2")
    assert diagnosis.queries[0].causes == ("unread", "holes")
    assert [(stage.depth, stage.recall, stage.best) for stage in diagnosis.ceilings] == [(2, 0.0, 0.0), (4, 1.0, 1.0)]


def test_grades_below_the_least_relevant_one_still_gain() -> None:
    """Relevant is grade 2; nDCG counts grade 1 too: the best order of grades 1 and 2 reaches 1, of 1 alone DCG 1 of 2 + 1 / log2(3)."""
    qrels = {"q": {"a": 1, "r": 2}}
    both, one = ranked(q="ar"), ranked(q="a")
    assert diagnose([StageRun("s", both, 0)], qrels, min_grade=2).ceilings[0].best == pytest.approx(1.0)
    ceiling = diagnose([StageRun("s", one, 0)], qrels, min_grade=2).ceilings[0]
    assert (ceiling.recall, ceiling.best) == (0.0, pytest.approx(1 / 2.6309297535714573))


def test_worst_and_best() -> None:
    run = ranked(q1="ar", q2="ra", q3="ab", q4="br")
    diagnosis = diagnose([StageRun("s", run, 0)], {query: {"r": 1, "a": 0} for query in ("q1", "q2", "q3", "q4")}, measure="RR@10")
    assert [query.query_id for query in diagnosis.worst(3)] == ["q3", "q4", "q1"]  # q4 has a hole, q1 none
    assert [query.query_id for query in diagnosis.best(2)] == ["q2", "q1"]


def test_json_holds_what_is_small() -> None:
    diagnosis = diagnose([StageRun("s", ranked(q1="ra", q2="a"), 0.25)], {"q1": {"r": 1, "a": 0}, "q2": {"r": 1, "a": 0}})
    content = json.loads(json.dumps(diagnosis.to_json()))
    assert content["queries"] == {"q2": ["missed"]}
    assert content["ceilings"] == [{"stage": "s", "depth": 2, "recall": 0.5, "best": 0.5, "seconds": 0.25}]
    assert content["counts"]["missed"] == 1
    assert content["false_negatives"] == {"within": 10, "top": 1, "systems": 2}


def test_refused() -> None:
    run, qrels = ranked(q="a"), {"q": {"a": 1}}
    with pytest.raises(BadValue, match="at least one stage"):
        diagnose([], qrels)
    with pytest.raises(BadValue, match="inputs of stage 's'"):
        diagnose([StageRun("s", run, 0, inputs=(0,))], qrels)
    with pytest.raises(UnknownName, match="nDCG"):
        diagnose([StageRun("s", run, 0)], qrels, measure="nDGC@10")
    with pytest.raises(DataError, match="share no query"):
        diagnose([StageRun("s", run, 0)], {"other": {"a": 1}})


DOCS = st.lists(st.sampled_from("abcdefg"), unique=True)
RUNS = st.dictionaries(st.sampled_from(["q1", "q2"]), DOCS.map("".join), min_size=1)
QRELS = st.fixed_dictionaries({query: st.dictionaries(st.sampled_from("abcdefgh"), st.integers(-1, 3)) for query in ("q1", "q2")})


def brute_force(stages: list[Run], qrels: dict[str, dict[str, int]], cut: int) -> dict[str, set[str]]:
    """The causes that lie with documents, said anew: by trying what would raise the gain within the cut."""
    causes = {}
    for query, row in qrels.items():
        rankings = [list(run[query].doc_ids) if query in run else [] for run in stages]
        shown = rankings[-1][:cut]
        grades = {doc: grade for doc, grade in row.items() if grade > 0}
        least = min((max(row.get(doc, 0), 0) for doc in shown), default=0) if len(shown) == cut else 0
        held = {doc: grade for doc, grade in grades.items() if any(doc in ranking for ranking in rankings)}
        best = sorted(grades.values(), reverse=True)[:cut]
        found = {"missed"} if sorted(held.values(), reverse=True)[:cut] != best else set()
        for doc, grade in held.items():
            if doc not in shown and grade > least:
                fell = any(doc in before[:cut] and doc not in after[:cut] for before, after in pairwise(rankings))
                found.add("demoted" if fell else "low")
        gains = sorted((max(row.get(doc, 0), 0) for doc in shown), reverse=True)
        in_order = [max(row.get(doc, 0), 0) for doc in shown] == gains
        perfect = in_order and [gain for gain in gains if gain] == best
        causes[query] = set() if perfect else found
    return causes


@given(st.lists(RUNS, min_size=1, max_size=3), QRELS, st.integers(1, 4))
def test_causes_equal_those_of_brute_force(runs: list[dict[str, str]], qrels: dict[str, dict[str, int]], cut: int) -> None:
    stages = [ranked(**rankings) for rankings in runs]
    diagnosis: Diagnosis = diagnose([StageRun("s", run, 0) for run in stages], qrels, measure=f"nDCG@{cut}")
    found = {query.query_id: set(query.causes) & {"missed", "demoted", "low", "unread"} for query in diagnosis.queries}
    assert found == brute_force(stages, qrels, cut)
    for stage, ceiling in zip(stages, diagnosis.ceilings, strict=True):
        if any(query in qrels for query in stage):
            assert ceiling.recall == pytest.approx(evaluate(stage, qrels, ["R"]).mean("R"))
            assert ceiling.best >= evaluate(stage, qrels, [f"nDCG@{cut}"]).mean(f"nDCG@{cut}") - 1e-9
