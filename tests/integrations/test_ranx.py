"""ranx compiles for half a minute when it first makes a Run, so these tests run in an interpreter where it need not."""

import os
import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest

from irloom.core.ranking import Ranking
from irloom.core.run import Run
from irloom.integrations.ranx import _falling

SCRIPT = """
import warnings; warnings.simplefilter("ignore")
import numpy as np, ranx
from irloom.core.ranking import Ranking
from irloom.core.run import Run
from irloom.integrations.ranx import qrels_from_ranx, qrels_to_ranx, run_from_ranx, run_to_ranx

def rows(run):
    return {query: list(ranking) for query, ranking in run.items()}

many = [f"d{place}" for place in np.random.default_rng(0).permutation(500)]
run = Run.from_rankings({
    "q10": Ranking(["d2", "d1", "d10"], np.array([2.5, 2.5, -1.0], np.float32)),
    "9": Ranking(["007", "7"], np.array([0, 0], np.float32)),
    "nothing": Ranking([], np.array([], np.float32)),
    "tied": Ranking(many, np.ones(500, np.float32)),
})
theirs = run_to_ranx(run, name="bm25")
assert theirs.name == "bm25"
assert list(theirs.run["tied"]) == many
assert rows(run_from_ranx(theirs)) == rows(run)
unsorted = ranx.Run()
unsorted.sorted = False
unsorted.run = {"q": {"a": 1.0, "b": 2.0}}
assert rows(run_from_ranx(unsorted)) == {"q": [("b", 2.0), ("a", 1.0)]}
hitless = Run.from_dict({"a": {}, "b": {}})
assert rows(run_from_ranx(run_to_ranx(hitless))) == rows(hitless)
assert rows(run_from_ranx(run_to_ranx(Run.from_dict({})))) == {}
qrels = {"q10": {"d1": 2, "d10": 0}, "9": {"7": 3}}
assert qrels_from_ranx(qrels_to_ranx(qrels)) == qrels
assert qrels_from_ranx(qrels_to_ranx({"q": {}})) == {}
assert ranx.evaluate(qrels_to_ranx({"q10": {"d1": 1}}), run_to_ranx(run.rows(["q10"])), "mrr") == 0.5
"""


@pytest.mark.skipif(find_spec("ranx") is None, reason="ranx is not installed")
def test_there_and_back() -> None:
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr


def test_falling_scores_are_the_scores_again_as_float32() -> None:
    rng = np.random.default_rng(1)
    for scores in (rng.integers(-3, 4, 400) / 7, np.zeros(1000), np.full(9, 2.0**-149), np.array([np.inf, 1, 1, -np.inf]), np.ones(0)):
        expected = np.sort(scores.astype(np.float32))[::-1]
        falling = np.array(_falling(expected))
        assert np.all(falling[1:] < falling[:-1])
        np.testing.assert_array_equal(falling.astype(np.float32), expected)


def test_a_score_that_rises_is_lowered() -> None:
    ranking = Ranking(["a", "b", "c"], np.array([1, 3, 0], np.float32))
    assert np.array(_falling(ranking.scores)).astype(np.float32).tolist() == [1, 1, 0]
    assert Run.from_rankings({"q": ranking})["q"].doc_ids == ["a", "b", "c"]
