"""`irloom compare`: a table, a verdict per gate, an exit code; and the workflow that the page shows."""

import json
import re
import shlex
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

from irloom.cli.main import app

PAGE = Path(__file__).parents[2] / "docs" / "compare.md"


@pytest.fixture
def runs(tmp_path):
    """Four queries; the new run finds the fourth's document at the first rank, the base at the second: RR .875 and 1."""
    (tmp_path / "qrels.txt").write_text("".join(f"q{i} 0 d{i} 1\n" for i in range(1, 5)))
    found = [f"q{i} Q0 d{i} 1 2.0 t\nq{i} Q0 x 2 1.0 t\n" for i in range(1, 5)]
    (tmp_path / "new.trec").write_text("".join(found))
    (tmp_path / "base.trec").write_text("".join(found[:3]) + "q4 Q0 x 1 2.0 t\nq4 Q0 d4 2 1.0 t\n")
    return tmp_path / "base.trec", tmp_path / "new.trec", "--qrels", tmp_path / "qrels.txt"


def test_gates_that_hold(irloom, runs) -> None:
    done = irloom("compare", *runs, "--gate", "RR@10 >= base - 0.005", "-g", "RR@10 > base", "-m", "RR@10")
    assert (done.code, done.err) == (0, "")
    assert "0.8750   1.0000" in done.out
    assert "+0.1250 [+0.0000, +0.3750]" in done.out
    assert "passed  new: RR@10 >= base - 0.005  (1.0000 against 0.8700)" in done.out
    assert "passed  new: RR@10 > base" in done.out


def test_a_gate_that_does_not(irloom, runs) -> None:
    base, new, *qrels = runs
    done = irloom("compare", new, base, *qrels, "--gate", "RR@10 >= base - 0.005", "--gate", "R@100 >= base")
    assert (done.code, done.err) == (1, "")
    assert "FAILED  base: RR@10 >= base - 0.005  (0.8750 against 0.9950)" in done.out
    assert "passed  base: R@100 >= base" in done.out


def test_json_is_one_object_and_nothing_else(irloom, runs) -> None:
    done = irloom("compare", *runs, "--gate", "RR@10 noninferior base - 0.01", "--json")
    plain = json.loads(done.out)
    assert (done.code, done.err) == (1, "")  # four queries show nothing
    assert plain["passed"] is False
    assert plain["gates"][0]["p"] > 0.05
    assert [change["measure"] for change in plain["changes"]] == ["nDCG@10", "R@100", "RR@10"]


def test_without_gates_it_only_shows(irloom, runs) -> None:
    assert irloom("compare", *runs, "--test", "randomisation", "--interval", "bca").code == 0


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--gate", "RR@10 => base"], "gate is 'RR@10 => base'"),
        (["--gate", "RR@10 >= bsae"], "bound of the gate"),
        (["--gate", "PR@10 >= base"], "unknown measure 'PR@10'"),
        (["--split", "test"], "split"),
        (["--test", "wilcoxon"], "wilcoxon"),
    ],
)
def test_bad_input(irloom, runs, more, said) -> None:
    done = irloom("compare", *runs, *more)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_different_queries(irloom, runs) -> None:
    base, new, *qrels = runs
    new.write_text("".join(new.read_text().splitlines(keepends=True)[2:]))
    done = irloom("compare", base, new, *qrels, "--gate", "RR@10 >= base")
    assert (done.code, done.out) == (2, "")
    assert "over different queries: 1 ('q1') only in the base" in done.err
    assert irloom("compare", base, new, *qrels, "--missing-as-zero", "--gate", "RR@10 >= base").code == 1


def test_no_judgments(irloom, runs) -> None:
    done = irloom("compare", *runs[:2])
    assert (done.code, done.out) == (2, "")
    assert "--qrels" in done.err


def test_the_workflow_of_the_page() -> None:
    """It is YAML of the shape that GitHub reads, and its commands and their options exist."""
    blocks = re.findall(r"^```yaml\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    workflow = yaml.safe_load(blocks[0])
    assert set(workflow) == {"name", True, "jobs"}  # YAML 1.1 reads the key `on` as true
    commands = 0
    for job in workflow["jobs"].values():
        assert {"runs-on", "steps"} <= set(job)
        for step in job["steps"]:
            assert ("uses" in step) != ("run" in step)
            for line in step.get("run", "").replace("\\\n", " ").splitlines():
                words = shlex.split(line)
                if words[0] != "irloom":
                    continue
                command = get_command(app).commands[words[1]]
                known = {option for parameter in command.params for option in parameter.opts}
                assert {word for word in words[2:] if word.startswith("-")} <= known, line
                commands += 1
    assert commands >= 2
