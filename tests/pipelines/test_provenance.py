"""Who computed."""

from pathlib import Path

import irloom
from irloom.pipelines.provenance import code, commit_of, hardware, libraries


def test_code_is_hashed_file_by_file() -> None:
    found = code()
    files = found["files"]
    assert isinstance(files, dict)
    assert {"core/run.py", "pipelines/provenance.py"} <= set(files)
    assert len(files) == len(list(Path(irloom.__file__).parent.rglob("*.py")))
    assert len(str(found["sha256"])) == 64


def test_libraries_and_hardware_are_named() -> None:
    found = libraries()
    assert {"python", "numpy", "numba", "PyYAML", "PyStemmer", "blas"} <= set(found)
    assert all(isinstance(release, str) for release in found.values())
    machine = hardware()
    assert machine["cpu"]
    assert int(machine["memory_bytes"]) > 1 << 28  # type: ignore[arg-type]
    assert 1 <= int(machine["usable_cores"]) <= int(machine["cores"])  # type: ignore[arg-type]


def test_the_commit_of_a_checkout(tmp_path: Path) -> None:
    assert commit_of(tmp_path) is None
    git = tmp_path / ".git"
    (git / "refs" / "heads").mkdir(parents=True)
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    assert commit_of(tmp_path) is None
    (git / "packed-refs").write_text("# pack-refs\n" + "a" * 40 + " refs/heads/main\n")
    assert commit_of(tmp_path) == "a" * 40
    (git / "refs" / "heads" / "main").write_text("b" * 40 + "\n")
    assert commit_of(tmp_path) == "b" * 40
    tree = tmp_path / "tree"
    tree.mkdir()
    (git / "worktrees" / "tree").mkdir(parents=True)
    (git / "worktrees" / "tree" / "HEAD").write_text("ref: refs/heads/main\n")
    (git / "worktrees" / "tree" / "commondir").write_text("../..\n")
    (tree / ".git").write_text(f"gitdir: {git}/worktrees/tree\n")
    assert commit_of(tree) == "b" * 40
    (git / "HEAD").write_text("c" * 40 + "\n")
    assert commit_of(tmp_path) == "c" * 40
