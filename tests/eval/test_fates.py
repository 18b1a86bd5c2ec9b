import pytest

from irloom.eval.fates import Fate, Flow, RelevantDocument, fate_of, losses, trace

CHAIN = Flow(((), (0,), (1,)), (100, 20, None), cut=10)
FUSED = Flow(((), (), (0, 1)), (50, 50, None), cut=10)


@pytest.mark.parametrize(
    ("ranks", "expected"),
    [
        ((None, None, None), ("missed", None)),
        ((500, 500, 3), ("found", None)),
        ((1, 1, 10), ("found", None)),
        ((1, 1, 11), ("demoted", 2)),
        ((1, 11, 12), ("demoted", 1)),  # the second stage put it out, the third did not bring it back
        ((1, 11, None), ("demoted", 1)),
        ((1, None, None), ("demoted", 1)),  # dropped
        ((101, 101, 101), ("unread", 2)),  # neither stage read it: the last one that did not is named
        ((50, 30, 30), ("unread", 2)),  # the second stage read it and placed it below what the third reads
        ((50, 15, 12), ("low", None)),
        ((50, 15, None), ("low", None)),
        ((None, 5, 15), ("demoted", 2)),
    ],
)
def test_fates_in_a_chain(ranks: tuple[int | None, ...], expected: tuple[str, int | None]) -> None:
    assert fate_of(ranks, CHAIN) == expected


@pytest.mark.parametrize(
    ("ranks", "expected"),
    [
        ((3, None, 40), ("demoted", 2)),  # one component had it within the cut: the fusion put it out, not the other component
        ((3, 70, 4), ("found", None)),
        ((70, 20, 30), ("low", None)),  # the fusion was given it by one component
        ((70, 60, None), ("unread", 2)),
        ((None, None, None), ("missed", None)),
    ],
)
def test_fates_in_a_fusion(ranks: tuple[int | None, ...], expected: tuple[str, int | None]) -> None:
    assert fate_of(ranks, FUSED) == expected


def test_trace_sorts_by_grade() -> None:
    documents = trace({"a": 1, "b": 3, "c": 1}, [{"a": 2}, {"a": 2, "b": 20}], Flow(((), (0,)), (None, None), cut=10))
    assert [(document.doc_id, document.ranks, document.fate) for document in documents] == [
        ("b", (None, 20), "low"),
        ("a", (2, 2), "found"),
        ("c", (None, None), "missed"),
    ]


def relevant(grade: int, fate: Fate) -> RelevantDocument:
    return RelevantDocument("d", grade, (), fate, None)


def test_a_full_cut_misses_nothing() -> None:
    """Two relevant documents fill a cut of two; the third, missed, had no room there."""
    assert losses([relevant(1, "found"), relevant(1, "found"), relevant(1, "missed")], cut=2, least=1) == set()


def test_a_better_document_was_missed() -> None:
    """The best two grades are 3 and 1; without the missed one they are 1 and 1."""
    assert losses([relevant(3, "missed"), relevant(1, "found"), relevant(1, "found")], cut=2, least=1) == {"missed"}


def test_only_a_document_better_than_the_least_shown_is_a_loss() -> None:
    documents = [relevant(2, "demoted"), relevant(1, "low")]
    assert losses(documents, cut=2, least=1) == {"demoted"}
    assert losses(documents, cut=2, least=0) == {"demoted", "low"}
