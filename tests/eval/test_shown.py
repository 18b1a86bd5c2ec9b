from irloom.core.run import Run
from irloom.eval.shown import Shown, look_at
from irloom.eval.suspects import SuspectRule
from irloom.text.minhash import NearDuplicate


def ranked(**rankings: str) -> Run:
    return Run.from_dict({query: {doc: float(-place) for place, doc in enumerate(docs)} for query, docs in rankings.items()})


def look(run: Run, *voters: Run, systems: int = 2) -> list[Shown]:
    qrels = {"q1": {"a": 2, "b": -1, "c": 1}, "q2": {"a": 1}}
    rule = SuspectRule(within=2, top=1, systems=systems)
    return list(look_at(run, voters, qrels, rule=rule, cut=2, min_grade=1, similar={"x": {"y": 0.9}, "y": {"x": 0.9}}))


def test_the_least_grade_within_the_cut() -> None:
    """Unjudged documents, grades below 0 and empty places count as 0."""
    assert [one.least for one in look(ranked(q1="ac", q2="ax"))] == [1, 0]
    assert [one.least for one in look(ranked(q1="ab", q2="a"))] == [0, 0]
    assert look(ranked(q2="a"))[0].causes == {"empty"}


def test_holes_and_near_duplicates_within_the_cut() -> None:
    first, second = look(ranked(q1="xya", q2="axy"))
    assert (first.holes, first.duplicates) == (("x", "y"), (NearDuplicate("x", "y", 0.9),))
    assert (second.holes, second.duplicates) == (("x",), ())
    assert first.causes == {"holes", "near_duplicates"}


def test_many_near_duplicates_stand_in_the_order_of_the_ranking() -> None:
    similar = {"x": {"y": 0.9, "z": 0.8, "gone": 1.0}, "y": {"x": 0.9}, "z": {"x": 0.8}}
    (one,) = look_at(ranked(q="zyx"), [], {"q": {}}, rule=SuspectRule(), cut=3, min_grade=1, similar=similar)
    assert one.duplicates == (NearDuplicate("z", "x", 0.8), NearDuplicate("y", "x", 0.9))


def test_voters_that_begin_alike_have_one_vote() -> None:
    run = ranked(q1="xa", q2="a")
    longer = ranked(q1="xab", q2="a")
    assert look(run, run, longer)[0].suspects == ()
    assert [one.doc_id for one in look(run, run, ranked(q1="xc", q2="a"))[0].suspects] == ["x"]
