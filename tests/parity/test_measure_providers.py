"""The measures of ir_measures' other providers: cwl_eval, ndeval, gdeval, Compat, Accuracy, and the rest of trec_eval's."""

import logging
import random
import shutil
from typing import Any

import numpy as np
import pytest

from irloom.core.intents import IntentQrels
from irloom.core.run import Run
from irloom.core.types import Qrel, Qrels
from irloom.eval.evaluate import evaluate
from tests.parity.test_measures import as_float32, nasty

ir_measures = pytest.importorskip("ir_measures", reason="ir_measures is not installed")
pytestmark = pytest.mark.parity

TREC = ["Rprec", "Rprec(rel=2)", "SetP", "SetP(relative=True)", "SetR", "SetR(rel=2)", "SetF", "SetF(beta=2.0)", "SetAP", "SetAP(rel=2)"]
TREC += ["IPrec@0.0", "IPrec@0.1", "IPrec@0.3", "IPrec@0.5", "IPrec@1.0", "Bpref", "Bpref(rel=2)", "infAP", "infAP(rel=2)", "NumRet"]
TREC += [
    "NumRet(rel=1)",
    "NumRel",
    "NumQ",
    "nDCG(gains={1:0,2:5})@10",
    "AP(judged_only=True)@10",
    "P(judged_only=True)@5",
    "RR(judged_only=True)",
]
TREC += [
    "nDCG(judged_only=True)@5",
    "Success(judged_only=True)@2",
    "Rprec(judged_only=True)",
    "SetP(judged_only=True)",
    "SetF(judged_only=True)",
]
TREC += ["SetAP(judged_only=True)", "IPrec(judged_only=True)@0.5", "R(judged_only=True)@5"]
CWL = [
    "INST(max_rel=3)",
    "INST(max_rel=3,T=2.0)",
    "INST(min_rel=1,max_rel=2)",
    "INSQ(max_rel=3)",
    "INSQ(max_rel=1,T=0.3)",
    "BPM(max_rel=3)@10",
]
CWL += [
    "BPM(max_rel=3,T=2.0)@5",
    "SDCG(max_rel=3)@10",
    "NERR8(max_rel=3)@10",
    "NERR9(max_rel=3)@10",
    "NERR10(max_rel=3)",
    "NERR11(max_rel=3)",
]
CWL += ["RBP(rel=1)", "RBP(rel=2,p=0.5)", "RBP(rel=1,p=0.95)"]
NDEVAL = [
    "ERR_IA@5",
    "ERR_IA@20",
    "ERR_IA(rel=2)@10",
    "nERR_IA@1",
    "nERR_IA@10",
    "alpha_DCG@2",
    "alpha_DCG@20",
    "alpha_nDCG@1",
    "alpha_nDCG@10",
]
NDEVAL += [
    "alpha_nDCG(alpha=0.9)@20",
    "alpha_nDCG(rel=2,alpha=0.3)@20",
    "NRBP",
    "NRBP(alpha=0.2,beta=0.8)",
    "nNRBP",
    "nNRBP(alpha=0.9)",
    "P_IA@5",
]
NDEVAL += ["P_IA@20", "AP_IA", "AP_IA(rel=2)", "StRecall@3", "StRecall(rel=2)@20"]
RUNS = 40
Scores = dict[str, dict[str, float]]


def untied(scores: Scores) -> Scores:
    """Scores without ties that keep the order, and no empty ranking: most providers break ties otherwise, and fail on none."""
    run = Run.from_dict(scores)
    return {query: {doc: float(len(run[query]) - place) for place, (doc, _) in enumerate(run[query])} for query in run if len(run[query])}


def hold(text: str, run: Scores, qrels: Qrels, theirs: Any, *, tolerance: float = 1e-6) -> None:
    """Their value of each query that they have a number for; they have none, 0/0, where ours is 0."""
    measure = ir_measures.parse_measure(text)
    assert str(measure) == text
    ours = evaluate(Run.from_dict(run), qrels, [text])
    values = dict(zip(ours.query_ids, ours.values[text].tolist(), strict=True))
    for metric in theirs.iter_calc([measure], *_inputs(qrels, run)):
        if metric.query_id in values and metric.query_id in run:
            expected = 0.0 if np.isnan(metric.value) else metric.value
            assert values[metric.query_id] == pytest.approx(expected, abs=tolerance), f"{text}, query {metric.query_id}"


def _inputs(qrels: Qrels, run: Scores) -> tuple[object, object]:
    if not isinstance(qrels, IntentQrels):
        return qrels, run
    judgments = [
        ir_measures.Qrel(query, doc, grade, intent)
        for query, intents in qrels.intents.items()
        for intent, grades in intents.items()
        for doc, grade in grades.items()
    ]
    judgments.sort(key=lambda judgment: int(judgment.iteration))  # ndeval adds up in the order of the numbers
    return judgments, [ir_measures.ScoredDoc(query, doc, score) for query, row in run.items() for doc, score in row.items()]


def cases(seed: int) -> tuple[Scores, dict[str, dict[str, int]]]:
    """A nasty run without queries whose grades are all negative, on which pytrec_eval overruns its memory (0.5.11)."""
    run, qrels = nasty(seed)
    return run, {query: row for query, row in qrels.items() if max(row.values()) >= 0}


@pytest.mark.parametrize("text", TREC)
def test_equal_to_trec_eval(text: str) -> None:
    pytest.importorskip("pytrec_eval", reason="pytrec_eval is not installed")
    for seed in range(RUNS):
        run, qrels = cases(seed)
        hold(text, as_float32({query: row for query, row in run.items() if row}), qrels, ir_measures.pytrec_eval)


@pytest.mark.parametrize("text", CWL)
def test_equal_to_cwl_eval(text: str) -> None:
    pytest.importorskip("cwl", reason="cwl-eval is not installed")
    logging.getLogger("ir_measures.cwl_eval").setLevel(logging.ERROR)
    for seed in range(RUNS):
        run, qrels = nasty(seed)
        hold(text, untied(run), qrels, ir_measures.cwl_eval)


@pytest.mark.parametrize("text", ["ERR@5", "ERR@20", "nDCG(dcg='exp-log2')@10"])
def test_equal_to_gdeval(text: str) -> None:
    """It prints five digits, and knows numbers as query ids only."""
    if shutil.which("perl") is None:
        pytest.skip("perl is not installed")
    for seed in range(15):
        run, qrels = nasty(seed)
        number = {query: str(place) for place, query in enumerate(sorted({*run, *qrels}))}
        renamed = {number[query]: row for query, row in untied(run).items()}
        hold(text, renamed, {number[query]: row for query, row in qrels.items()}, ir_measures.gdeval, tolerance=6e-6)


@pytest.mark.parametrize("text", ["Compat", "Compat(p=0.8)", "Compat(p=0.9,normalize=False)"])
def test_equal_to_the_compatibility_script(text: str) -> None:
    for seed in range(RUNS):
        run, qrels = nasty(seed)
        hold(text, untied(run), qrels, ir_measures.compat)


@pytest.mark.parametrize("text", ["Accuracy", "Accuracy@3", "Accuracy(rel=2)@5"])
def test_equal_to_accuracy(text: str) -> None:
    """Each ranking begins with an unjudged document: without any that is not relevant they divide by zero."""
    for seed in range(RUNS):
        run, qrels = nasty(seed)
        hold(text, {query: {"unjudged": 1e6, **row} for query, row in untied(run).items()}, qrels, ir_measures.accuracy)


@pytest.mark.parametrize("text", NDEVAL)
def test_equal_to_ndeval(text: str) -> None:
    pytest.importorskip("pyndeval", reason="pyndeval is not installed")
    for seed in range(RUNS):
        run, qrels = nasty(seed)
        rng = random.Random(seed)
        intents = {query: rng.randint(1, 5) for query in qrels}
        judged = [
            (query, doc, intent) for query, row in qrels.items() for doc in row for intent in range(intents[query]) if rng.random() < 0.6
        ]
        by_intent = IntentQrels([Qrel(query, doc, rng.choice([-1, 0, 0, 1, 1, 2]), str(intent)) for query, doc, intent in judged])
        if set(by_intent) & {query for query, row in run.items() if row}:
            hold(text, untied(run), by_intent, ir_measures.pyndeval)
