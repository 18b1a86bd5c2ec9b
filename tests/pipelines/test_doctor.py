"""What the doctor sees."""

import tomllib
from pathlib import Path

import pytest

from irloom.pipelines.doctor import CORE, EXTRAS, examine


def test_all_is_looked_at() -> None:
    checks = {check.name: check for check in examine()}
    assert {*CORE, "Python", "IRLOOM_CACHE", "IRLOOM_DATA", "index and search", "extra models"} <= set(checks)
    assert all(checks[package].state == "ok" for package in CORE)
    assert checks["index and search"].state == "ok"


@pytest.mark.parametrize("place", ["a_file", "a_file/below", "/proc/irloom"])
def test_the_cache_cannot_be_written_to(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a_file").touch()
    monkeypatch.setenv("IRLOOM_CACHE", str(tmp_path / place))
    assert {check.name: check.state for check in examine()}["IRLOOM_CACHE"] == "bad"


def test_the_lists_are_those_of_the_project() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    wanted = {line.partition(">")[0] for line in project["dependencies"]}
    assert set(CORE) == wanted
    assert set(EXTRAS) == set(project["optional-dependencies"]) - {"dev", "all"}
