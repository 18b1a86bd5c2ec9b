"""Every measure against pytrec_eval and ir_measures on 200 random nasty runs."""

import random

import numpy as np
import pytest

from irloom.core.run import Run
from irloom.eval.evaluate import evaluate

pytestmark = pytest.mark.parity

CUTS = (1, 2, 3, 5, 10, 100)
TREC = {"nDCG": "ndcg_cut", "AP": "map_cut", "P": "P", "R": "recall", "Success": "success"}
Nasty = tuple[dict[str, dict[str, float]], dict[str, dict[str, int]]]


def nasty(seed: int) -> Nasty:
    """Ties, ids whose string order is not their number's, queries missing on either side, empty rankings, negative grades,
    queries without relevant documents, judged documents that are not found."""
    rng = random.Random(seed)
    docs = [f"d{number}" for number in range(1, rng.choice([6, 15, 60]))]
    levels = rng.choice([2, 5, 1000])
    qrels: dict[str, dict[str, int]] = {"first": {"d1": 4}}
    run: dict[str, dict[str, float]] = {"first": {"d2": 2.0, "d1": 1.0}}
    for number in range(rng.randint(2, 8)):
        query_id = f"q{number}"
        judged = rng.sample(docs, rng.randint(1, len(docs)))
        grades = rng.choice([[0], [0, 1], [-2, -1, 0, 1], [0, 1, 2, 3], [-1, 0, 3]])
        if rng.random() < 0.85:
            qrels[query_id] = {doc_id: rng.choice(grades) for doc_id in judged}
        if rng.random() < 0.85:
            found = rng.sample(docs, rng.randint(0, len(docs))) if rng.random() < 0.9 else []
            run[query_id] = {doc_id: rng.randint(0, levels) / rng.choice([1, 3]) - 1 for doc_id in found}
    return run, qrels


def as_float32(run: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    """Scores as trec_eval holds them, for evaluators that compare doubles."""
    return {query_id: {doc_id: float(np.float32(score)) for doc_id, score in row.items()} for query_id, row in run.items()}


def shielded(qrels: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    """The same judgments for pytrec_eval, which loops or overruns its memory on a query whose grades are all negative (0.5.11):
    each query gets one more document, of grade 0 and never retrieved, which changes no measure."""
    return {query_id: {**row, "never-retrieved": 0} for query_id, row in qrels.items()}


@pytest.mark.parametrize("rel", [1, 2])
@pytest.mark.parametrize("block", range(4))
def test_equal_to_trec_eval(block: int, rel: int) -> None:
    pytrec_eval = pytest.importorskip("pytrec_eval", reason="pytrec_eval is not installed")
    names = {f"{theirs}.{','.join(map(str, CUTS))}" for theirs in TREC.values()} | {"ndcg", "map", "recip_rank"}
    for seed in range(block * 50, block * 50 + 50):
        run, qrels = nasty(seed)
        theirs = pytrec_eval.RelevanceEvaluator(shielded(qrels), names, relevance_level=rel).evaluate(as_float32(run))
        pairs = {f"{ours}@{cut}": f"{name}_{cut}" for ours, name in TREC.items() for cut in CUTS}
        pairs |= {"nDCG": "ndcg", "AP": "map", "RR": "recip_rank"}
        ours = evaluate(Run.from_dict(run), qrels, list(pairs), min_grade=rel)
        for measure, name in pairs.items():
            expected = [theirs.get(query_id, {}).get(name, 0.0) for query_id in ours.query_ids]
            np.testing.assert_allclose(ours.values[measure], expected, rtol=0, atol=1e-6, err_msg=f"{measure}, seed {seed}")


@pytest.mark.parametrize("block", range(4))
def test_equal_to_ir_measures(block: int) -> None:
    ir_measures = pytest.importorskip("ir_measures", reason="ir_measures is not installed")
    spelt = ["nDCG", "AP", "RR", "AP(rel=2)", "RR(rel=2)"]
    spelt += [f"{name}@{cut}" for cut in CUTS for name in ("nDCG", "AP", "P", "R", "Success", "AP(rel=2)", "P(rel=2)", "R(rel=2)")]
    measures = [ir_measures.parse_measure(text) for text in spelt]
    assert [str(measure) for measure in measures] == spelt
    for seed in range(block * 50, block * 50 + 50):
        run, qrels = nasty(seed)
        ours = evaluate(Run.from_dict(run), qrels, spelt)
        theirs = {text: dict.fromkeys(ours.query_ids, 0.0) for text in spelt}
        for metric in ir_measures.iter_calc(measures, shielded(qrels), as_float32(run)):
            theirs[str(metric.measure)][metric.query_id] = metric.value
        for text in spelt:
            expected = [theirs[text][query_id] for query_id in ours.query_ids]
            np.testing.assert_allclose(ours.values[text], expected, rtol=0, atol=1e-6, err_msg=f"{text}, seed {seed}")


@pytest.mark.parametrize("text", [*(f"RR@{cut}" for cut in CUTS), "Judged", *(f"Judged@{cut}" for cut in CUTS)])
def test_cut_and_judged_equal_ir_measures_without_ties(text: str) -> None:
    """ir_measures orders ties by ascending id here (its own Python providers), so ties are broken beforehand."""
    ir_measures = pytest.importorskip("ir_measures", reason="ir_measures is not installed")
    measure = ir_measures.parse_measure(text)
    for seed in range(200):
        scores, qrels = nasty(seed)
        run = Run.from_dict(scores)
        ordered = {query_id: {doc_id: -float(place) for place, (doc_id, _) in enumerate(run[query_id])} for query_id in run}
        filled = {query_id: row for query_id, row in ordered.items() if row}
        ours = evaluate(run, qrels, [text])
        theirs = dict.fromkeys(ours.query_ids, 0.0)
        for metric in ir_measures.iter_calc([measure], shielded(qrels), filled):
            theirs[metric.query_id] = metric.value
        np.testing.assert_allclose(ours.values[text], [theirs[query_id] for query_id in ours.query_ids], rtol=0, atol=1e-6)
