import json

from irloom.core.run import Run
from irloom.eval.diagnosis import StageRun, diagnose
from irloom.eval.diagnosis_lines import diagnosis_lines
from irloom.text.minhash import NearDuplicate


def test_lines() -> None:
    first = Run.from_dict({"q": {"r": 2.0, "x": 1.0}})
    last = Run.from_dict({"q": {"x": 2.0, "y": 1.0}})
    pairs = [NearDuplicate("x", "y", 0.9), NearDuplicate("x", "s", 0.8)]
    stages = [StageRun("bm25", first, 0.1), StageRun("ce", last, 0.2)]
    diagnosis = diagnose(stages, {"q": {"r": 1, "s": 2}, "other": {"z": 1}}, measure="nDCG@2", duplicates=pairs)
    lines = list(diagnosis_lines(diagnosis, {"q": "a question"}))
    assert json.loads(json.dumps(lines))[0] == {
        "id": "q",
        "text": "a question",
        "value": 0.0,
        "causes": ["missed", "demoted", "holes", "false_negatives", "near_duplicates"],
        "relevant": [
            {"id": "s", "grade": 2, "fate": "missed", "stage": None, "ranks": [None, None]},
            {"id": "r", "grade": 1, "fate": "demoted", "stage": "ce", "ranks": [1, None]},
        ],
        "holes": ["x", "y"],
        "suspects": [{"id": "x", "rank": 1, "reason": "near_duplicate", "of": "s", "strength": 0.8}],
        "near_duplicates": [["x", "y", 0.9]],
    }
    assert (lines[1]["id"], lines[1]["text"], lines[1]["causes"]) == ("other", "", ["missed", "empty"])
