"""What the types must refuse: each sample has one line that mypy reports with the code beside it, and nothing else."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

SAMPLES = sorted((Path(__file__).parent / "refused").glob("*.py"))
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def report() -> dict[str, list[tuple[int, str]]]:
    """File name -> the lines and codes of mypy's errors."""
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", *map(str, SAMPLES)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert not done.stderr, done.stderr
    found: dict[str, list[tuple[int, str]]] = {sample.name: [] for sample in SAMPLES}
    for name, line, code in re.findall(r"([a-z_]+\.py):(\d+): error: .*\[([a-z-]+)\]", done.stdout):
        found.setdefault(name, []).append((int(line), code))
    return found


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_the_sample_is_refused(sample: Path, report: dict[str, list[tuple[int, str]]]) -> None:
    marked = [
        (number, match.group(1))
        for number, line in enumerate(sample.read_text().splitlines(), start=1)
        if (match := re.search(r"# refused: ([a-z-]+)", line))
    ]
    assert len(marked) == 1
    assert report[sample.name] == marked
