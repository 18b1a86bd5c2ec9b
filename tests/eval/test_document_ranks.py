from hypothesis import given
from hypothesis import strategies as st

from irloom.core.run import Run
from irloom.eval.document_ranks import document_ranks

IDS = st.sampled_from("abcdef")
SCORES = st.dictionaries(st.sampled_from(["q1", "q2", "q3"]), st.dictionaries(IDS, st.integers(0, 3).map(float)))


@given(SCORES, st.dictionaries(st.sampled_from(["q1", "q2", "q4"]), st.sets(IDS)))
def test_ranks_are_places_in_the_rankings(scores: dict[str, dict[str, float]], wanted: dict[str, set[str]]) -> None:
    """The brute force: the place of each wanted document in the list of its query, counted from 1."""
    run = Run.from_dict(scores)
    expected = {
        query_id: {doc_id: rank for rank, doc_id in enumerate(run[query_id].doc_ids, 1) if doc_id in asked} if query_id in run else {}
        for query_id, asked in wanted.items()
    }
    assert document_ranks(run, wanted) == expected
