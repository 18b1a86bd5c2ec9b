import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from irloom.core.errors import BadLine, BadValue, DataError
from irloom.core.intents import IntentQrels
from irloom.core.types import Qrel
from irloom.data.intent_qrels import read_intent_qrels, write_intent_qrels

WORD = st.sampled_from(["a", "b", "1", "dök"])


def test_read(tmp_path: Path) -> None:
    (tmp_path / "q").write_text("q1 1 d1 1\nq1\t2  d1 0\n\nq1 2 d2 -1\nq2 1 d1 2\nq1 1 d1 1\n")
    qrels = read_intent_qrels(tmp_path / "q")
    assert qrels.intents == {"q1": {"1": {"d1": 1}, "2": {"d1": 0, "d2": -1}}, "q2": {"1": {"d1": 2}}}
    assert {query: dict(row) for query, row in qrels.items()} == {"q1": {"d1": 1, "d2": -1}, "q2": {"d1": 2}}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("q1 1 d1 1\nq1 d1 1\n", "line 2: 3 columns; expected 4"),
        ("q1 1 d1 x\n", "line 1: grade 'x' is not a whole number"),
        ("q1 1 d1 1\nq1 2 d1 0\nq1 1 d1 0\n", "line 3: query 'q1', intent '1', document 'd1': grade 0, but line 1 says 1"),
    ],
)
def test_refused(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "q").write_text(text)
    with pytest.raises(BadLine, match=problem):
        read_intent_qrels(tmp_path / "q")


def test_no_judgment(tmp_path: Path) -> None:
    (tmp_path / "q").write_text("\n")
    with pytest.raises(DataError, match="holds no judgment"):
        read_intent_qrels(tmp_path / "q")


@settings(max_examples=40)
@given(st.dictionaries(st.tuples(WORD, WORD, WORD), st.integers(-2, 3), min_size=1))
def test_written_judgments_read_back(grades: dict[tuple[str, str, str], int]) -> None:
    qrels = IntentQrels(Qrel(query, doc, grade, intent) for (query, intent, doc), grade in grades.items())
    with tempfile.TemporaryDirectory() as folder:
        write_intent_qrels(qrels, Path(folder) / "q.gz")
        assert read_intent_qrels(Path(folder) / "q.gz").intents == qrels.intents


def test_blanks_cannot_be_written(tmp_path: Path) -> None:
    for qrel in (Qrel("q", "a b", 1, "1"), Qrel("q", "a", 1, ""), Qrel(" q", "a", 1, "1")):
        with pytest.raises(BadValue, match="text without blanks"):
            write_intent_qrels(IntentQrels([qrel]), tmp_path / "q")
    assert not list(tmp_path.iterdir())
