"""Compiled kernels on disk: read again when nothing changed, compiled anew when any kernel's file did."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

KERNELS = Path(__file__).parents[3] / "irloom" / "indexing" / "kernels"
OUTER = """
from irloom.indexing.kernels.jit import kernel
from irloom.indexing.kernels.part import step

@kernel
def outer(x: int) -> int:
    return step(x)
"""
PART = """
from irloom.indexing.kernels.jit import inline

@inline
def step(x: int) -> int:
    return x + {}
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A package tree with one kernel that has code of another file compiled into it."""
    folder = tmp_path / "irloom" / "indexing" / "kernels"
    folder.mkdir(parents=True)
    for parent in (folder, folder.parent, folder.parent.parent):
        (parent / "__init__.py").touch()
    shutil.copy(KERNELS / "jit.py", folder)
    (folder / "outer.py").write_text(OUTER)
    (folder / "part.py").write_text(PART.format(1))
    return tmp_path


def run(tree: Path) -> tuple[int, int]:
    """What the kernel gives for 1, and how often it was read from the cache."""
    code = (
        "from irloom.indexing.kernels.outer import outer; value = outer(1); hits = sum(outer.stats.cache_hits.values()); print(value, hits)"
    )
    environment = {**os.environ, "PYTHONPATH": str(tree), "NUMBA_CACHE_DIR": str(tree / "cache")}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tree, env=environment)
    value, hits = done.stdout.split()
    return int(value), int(hits)


def test_a_change_in_a_part_is_seen(tree: Path) -> None:
    assert run(tree) == (2, 0)
    assert run(tree) == (2, 1)
    part = tree / "irloom" / "indexing" / "kernels" / "part.py"
    part.write_text(PART.format(10))
    assert run(tree) == (11, 0)
