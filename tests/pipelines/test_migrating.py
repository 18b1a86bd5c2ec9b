"""Migration of a dense part: built in the shadow, judged, swapped in one commit; taken up again where it was stopped."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from irloom.core import files
from irloom.core.batches import DenseBatch
from irloom.core.errors import BadValue, DataError, SpaceMismatch, UnknownName
from irloom.core.run import Run
from irloom.core.types import Document, Query
from irloom.data.corpus import write_queries
from irloom.eval.evaluate import evaluate
from irloom.indexing.collection import Collection
from irloom.indexing.dense_part import DensePart
from irloom.indexing.writer import CollectionWriter
from irloom.pipelines import migrating
from irloom.pipelines.migrating import abandon, migrate
from irloom.pipelines.shadow_evaluation import ShadowQuestion, read_question
from irloom.retrievers.dense import Dense
from tests.fakes import FakeEncoder

WORDS = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta"]
DOCUMENTS = [Document(f"d{i}", " ".join(np.random.default_rng(i).choice(WORDS, 4))) for i in range(50)]
QUERIES = [Query("q1", "alpha beta"), Query("q2", "zeta"), Query("q3", "gamma delta delta")]
QRELS = "q1 0 d3 1\nq2 0 d4 2\nq3 0 d5 1\n"


class Other(FakeEncoder):
    """Another model: it reads no more than the first two words of a text."""

    def __init__(self) -> None:
        super().__init__(name="other", length=2, dim=16)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with CollectionWriter(tmp_path / "c") as writer:
        writer.write_documents(DOCUMENTS)
        writer.build("dense", DensePart(FakeEncoder(), tokens=True, dtype="float16"))
        writer.add([Document("late", "alpha zeta")], {"dense": DensePart(FakeEncoder(), tokens=True, dtype="float16")})
        writer.delete(["d7"])
        writer.commit()
    return tmp_path / "c"


@pytest.fixture
def question(tmp_path: Path) -> ShadowQuestion:
    write_queries(QUERIES, tmp_path / "log.jsonl")
    (tmp_path / "qrels.txt").write_text(QRELS, encoding="utf-8")
    found = read_question(queries=str(tmp_path / "log.jsonl"), qrels=str(tmp_path / "qrels.txt"), k=5, old_encoder=FakeEncoder())
    assert found is not None
    return found


def run_of(path: Path, encoder: FakeEncoder, part: str | None = None, k: int = 5) -> Run:
    with Collection.open(path) as collection:
        return Dense(collection, encoder, part=part).retrieve(QUERIES, k=k)


def bits(run: Run) -> dict[str, list[tuple[str, float]]]:
    return {query_id: list(ranking) for query_id, ranking in run.items()}


def test_built_judged_and_swapped_one_after_another(path: Path, question: ShadowQuestion) -> None:
    before = run_of(path, FakeEncoder())
    built = migrate(path, encoder=Other())
    assert (built.part, built.shadow, built.documents, built.made, built.swapped) == ("dense", "dense.next", 50, True, False)
    assert built.evaluation is None
    assert bits(run_of(path, FakeEncoder())) == bits(before)  # the only part, as before
    encoder = Other()
    judged = migrate(path, encoder=encoder, question=question)
    assert not judged.made
    assert encoder.encoded == 0
    after = run_of(path, Other(), "dense.next")
    evaluation = judged.evaluation
    assert evaluation is not None
    shares = [len(set(before[query.id].doc_ids) & set(after[query.id].doc_ids)) / 5 for query in QUERIES]
    assert evaluation.likeness["overlap"].mean == pytest.approx(np.mean(shares))
    assert evaluation.likeness["rbo"].low <= evaluation.likeness["rbo"].mean <= evaluation.likeness["rbo"].high
    qrels = {"q1": {"d3": 1}, "q2": {"d4": 2}, "q3": {"d5": 1}}
    (change, deep) = evaluation.changes
    assert (change.measure, deep.measure, change.queries) == ("nDCG@10", "R@100", 3)
    for found, encoder_of, part in ((change.base, FakeEncoder(), "dense"), (change.new, Other(), "dense.next")):
        assert found == pytest.approx(evaluate(run_of(path, encoder_of, part, k=100), qrels, ["nDCG@10"]).mean("nDCG@10"))
    swapped = migrate(path, encoder=Other(), swap=True)
    assert (swapped.made, swapped.swapped) == (False, True)
    assert bits(run_of(path, Other())) == bits(after)
    with Collection.open(path) as collection:
        assert list(collection.parts) == ["dense"]
        moved = collection.part("dense")
        assert (moved.space, moved.parameters["tokens"], moved.parameters["dtype"]) == (Other().space, Other().tokens.space, "float16")
        assert not collection.manifest.damage(path)
    with pytest.raises(BadValue, match="of the same space"):
        migrate(path, encoder=Other())
    assert set(judged.to_json()) == {"collection", "part", "shadow", "documents", "made", "evaluation", "passed", "swapped"}


def test_a_gate_that_fails_stops_the_swap(path: Path, tmp_path: Path, question: ShadowQuestion) -> None:
    logged, judged = str(tmp_path / "log.jsonl"), str(tmp_path / "qrels.txt")
    strict = read_question(queries=logged, qrels=judged, gates=["AP > base + 0.9"], old_encoder=FakeEncoder())
    done = migrate(path, encoder=Other(), question=strict, swap=True)
    assert (done.passed, done.swapped) == (False, False)
    assert done.evaluation is not None
    assert [change.measure for change in done.evaluation.changes] == ["nDCG@10", "R@100", "AP"]
    lax = read_question(queries=logged, qrels=judged, measures=["RR"], gates=["AP >= base - 1"], old_encoder=FakeEncoder())
    assert migrate(path, encoder=Other(), question=lax, swap=True).swapped


class Stopped(Other):
    """Is interrupted after some documents."""

    def encode_both(self, documents: Sequence[Document]) -> tuple[DenseBatch, object]:  # type: ignore[override]
        if self.encoded:
            raise KeyboardInterrupt
        return super().encode_both(documents)


def test_a_stopped_build_is_taken_up_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("irloom.indexing.dense_part.CHUNK", 20)
    with pytest.raises(KeyboardInterrupt):
        migrate(path, encoder=Stopped())
    assert len(run_of(path, FakeEncoder())) == 3
    again = Other()
    assert migrate(path, encoder=again).made
    assert again.encoded == len(DOCUMENTS) - 20  # one was added and one deleted; a shard of 20 was there


def test_the_shadow_grows_with_the_collection_and_can_be_abandoned(path: Path) -> None:
    migrate(path, encoder=Other())
    both = {"dense": DensePart(FakeEncoder(), tokens=True, dtype="float16"), "dense.next": DensePart(Other(), tokens=True, dtype="float16")}
    with CollectionWriter(path) as writer:
        writer.add([Document("new", "gamma delta delta")], both)
        writer.commit()
    assert run_of(path, Other(), "dense.next")["q3"].doc_ids[0] == "new"
    assert abandon(path) == "dense.next"
    with Collection.open(path) as collection:
        assert list(collection.parts) == ["dense"]
    with pytest.raises(UnknownName, match=r"dense\.next"):
        abandon(path)


def test_a_shadow_of_a_third_model_is_built_anew(path: Path) -> None:
    migrate(path, encoder=Other())
    third = FakeEncoder(name="third")
    assert migrate(path, encoder=third).made
    with Collection.open(path) as collection:
        assert collection.part("dense.next").space == third.space


def test_bad_input_is_told_before_the_work(path: Path, tmp_path: Path, question: ShadowQuestion, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> bool:
        raise AssertionError("work was begun")

    monkeypatch.setattr(migrating, "_build_shadow", never)
    with pytest.raises(UnknownName, match="known: dense"):
        migrate(path, encoder=Other(), part="dnse")
    with pytest.raises(SpaceMismatch):
        migrate(path, encoder=Other(), question=ShadowQuestion(question.queries, old_encoder=Other()))
    qrels = str(tmp_path / "qrels.txt")
    for wrong, arguments in {
        "the queries that": {"qrels": qrels},
        "no split": {"queries": str(tmp_path / "log.jsonl"), "split": "test"},
        "none without judgments": {"queries": str(tmp_path / "log.jsonl"), "gates": ["AP > base"]},
        "queries or judgments": {"gates": ["AP > base"]},
        "k is 0": {"queries": str(tmp_path / "log.jsonl"), "k": 0},
    }.items():
        with pytest.raises(BadValue, match=wrong):
            read_question(**arguments)  # type: ignore[arg-type]
    (tmp_path / "none.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(DataError, match="holds no query"):
        read_question(queries=str(tmp_path / "none.jsonl"))
    assert read_question() is None


def test_a_fault_while_it_is_swapped_leaves_one_or_the_other(path: Path, tmp_path: Path) -> None:
    migrate(path, encoder=Other())
    old, new = bits(run_of(path, FakeEncoder(), "dense")), bits(run_of(path, Other(), "dense.next"))

    def stop_at(number: int) -> bool:
        calls = [0]

        def point(action: str, place: Path) -> None:
            calls[0] += 1
            if calls[0] == number:
                raise OSError(28, "No space left on device", str(place))

        files.fail_points.append(point)
        try:
            migrate(path, encoder=Other(), swap=True)
        except OSError:
            return True
        finally:
            files.fail_points.remove(point)
        return False

    number = 3  # before that each writer says in .lock who it is, which may fail
    while stop_at(number):
        with Collection.open(path) as collection:
            swapped = collection.part("dense").space == Other().space
        assert bits(run_of(path, Other() if swapped else FakeEncoder(), "dense")) == (new if swapped else old)
        if swapped:
            break
        number += 4
    assert number > 10
    with Collection.open(path) as collection:
        assert collection.part("dense").space == Other().space
