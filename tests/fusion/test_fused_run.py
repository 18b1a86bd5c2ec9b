import numpy as np
import pytest

from irloom.core.errors import DataError
from irloom.core.run import Run
from irloom.fusion.align import align, aligned_blocks
from irloom.fusion.fuse import fuse
from irloom.fusion.fused_run import fused_run


def test_blocks_together_are_the_whole() -> None:
    rng = np.random.default_rng(3)
    runs = [
        Run.from_dict(
            {f"q{q}": {f"d{d}": float(rng.integers(5)) for d in rng.permutation(12)[: rng.integers(12)]} for q in rng.permutation(9)[:7]}
        )
        for _ in range(3)
    ]
    whole = align(runs)
    expected = fused_run([(whole, np.nan_to_num(whole.spread(1)).astype(np.float64))])
    for entries in (1, 10, 1000):
        blocks = list(aligned_blocks(runs, entries=entries))
        assert (len(blocks) > 1) == (entries < 1000)
        fused = fused_run([(block, np.nan_to_num(block.spread(1)).astype(np.float64)) for block in blocks])
        assert {q: list(ranking) for q, ranking in fused.items()} == {q: list(ranking) for q, ranking in expected.items()}


def test_scores_that_float32_cannot_hold() -> None:
    """They would all be infinite, and the ids alone would order them."""
    run = Run.from_dict({"q": {"a": 2.0, "b": 1.0}})
    with pytest.raises(DataError, match="too large for float32"):
        fuse([run, run], "weighted", weights=[1e300, 1e300])
