import numpy as np
import pytest

from irloom.core.errors import DataError
from irloom.core.intents import IntentQrels
from irloom.core.run import Run
from irloom.eval.evaluate import evaluate
from irloom.eval.judged import judge
from irloom.eval.measures.intent_aware import ideal_run, novelty


def test_each_repetition_is_worth_less() -> None:
    assert novelty(np.array([3, 5, 3, 3, 5]), 0.5).tolist() == [1, 1, 1 / 2, 1 / 4, 1 / 2]
    assert novelty(np.array([3, 3]), 1.0).tolist() == [1, 0]


def test_the_ideal_order_takes_what_is_new_and_then_the_greater_id(intent_run: Run, intent_qrels: IntentQrels) -> None:
    """c meets both intents; then a, b and d are worth 1/2 each, so d, and then b before a; of the other query there is only a."""
    judged = judge(intent_run, intent_qrels)
    assert judged.intents is not None
    ideal = ideal_run(judged, judged.intents, 1, 0.5)
    assert ideal.intents is not None
    assert ideal.hit_query.tolist() == [0, 0, 0, 0, 2]
    assert ideal.hit_rank.tolist() == [1, 2, 3, 4, 1]
    x, y = 1, 2  # 0 is "never"
    pairs = list(zip(ideal.intents.hit.tolist(), ideal.intents.hit_intent.tolist(), strict=True))
    assert pairs[:5] == [(0, x), (0, y), (1, y), (2, x), (3, x)]


def test_documents_without_judgment_can_be_left_out(intent_run: Run, intent_qrels: IntentQrels) -> None:
    """z is judged, if for no intent that counts; an unjudged document in front moves the others down unless it is left out."""
    run = Run.from_dict({"q": {"unjudged": 9.0, "a": 4.0, "z": 3.0, "b": 2.0, "c": 1.0}})
    plain, condensed = evaluate(intent_run, intent_qrels, ["AP_IA"]), evaluate(run, intent_qrels, ["AP_IA(judged_only=True)", "AP_IA"])
    assert condensed.values["AP_IA(judged_only=True)"][0] == pytest.approx(plain.values["AP_IA"][0])
    assert condensed.values["AP_IA"][0] < plain.values["AP_IA"][0]


def test_plain_measures_read_the_best_grade(intent_run: Run, intent_qrels: IntentQrels) -> None:
    assert evaluate(intent_run, intent_qrels, ["AP"]).values["AP"][0] == pytest.approx((1 + 2 / 3 + 3 / 4) / 4)


def test_plain_judgments_are_refused(intent_run: Run) -> None:
    with pytest.raises(DataError, match="ERR_IA@20 needs judgments by intent"):
        evaluate(intent_run, {"q": {"a": 1}}, ["ERR_IA@20"])
