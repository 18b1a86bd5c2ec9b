"""The rules of the house that no other gate holds."""

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import irloom
from irloom.core.registry import COMPONENTS

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "irloom"
MODULES = sorted(PACKAGE.rglob("*.py"))
HEAVY = ("torch", "transformers", "sentence_transformers", "tokenizers", "faiss", "numba", "scipy", "sklearn", "pyarrow", "pandas")
KERNELS = PACKAGE / "indexing" / "kernels"


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def loaded_by(code: str) -> set[str]:
    """The top-level packages that a fresh interpreter has loaded after the code."""
    ending = "; import sys, json; print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    done = subprocess.run([sys.executable, "-c", code + ending], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_import_loads_nothing_heavy() -> None:
    """`import irloom` loads no package but itself and the standard library, and no module of its own but the root."""
    loaded = loaded_by("import irloom")
    assert not loaded & {*HEAVY, "numpy", "yaml", "typer", "rich", "Stemmer"}
    done = subprocess.run([sys.executable, "-X", "importtime", "-c", "import irloom"], capture_output=True, text=True, check=True, cwd=ROOT)
    own = [line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.rpartition("|")[2].strip().startswith("irloom")]
    assert own == ["irloom"]


def test_command_line_loads_nothing_heavy() -> None:
    """`irloom --help` waits for no package of the work itself."""
    loaded = loaded_by("import contextlib\nfrom irloom.cli.main import main\nwith contextlib.suppress(SystemExit): main(['--help'])\n0")
    assert "typer" in loaded
    assert not loaded & {*HEAVY, "numpy", "yaml"}


@pytest.mark.parametrize("name", [name for name in irloom.__all__ if name != "__version__"])
def test_public_names_resolve(name: str) -> None:
    """Each name of the root is there once it is asked for."""
    assert getattr(irloom, name) is not None


def test_unknown_public_name() -> None:
    """A name that is not there is an AttributeError, as in any module."""
    with pytest.raises(AttributeError, match="nonsense"):
        irloom.nonsense  # noqa: B018


def test_version_is_one() -> None:
    """The version of the package is that of pyproject.toml."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert irloom.__version__ == declared


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_sizes(path: Path) -> None:
    """Files of 400 lines at most; functions of 60, of 120 among the kernels."""
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 400
    limit = 120 if path.is_relative_to(KERNELS) else 60
    functions = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    assert [node.name for node in functions if (node.end_lineno or 0) - node.lineno + 1 > limit] == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_nothing_imports_the_root(path: Path) -> None:
    """A module names the module that it needs, never the root package, and never by a relative import."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            assert "irloom" not in [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.module != "irloom"
            assert node.level == 0


def test_the_median_file_is_short() -> None:
    """One concept a file."""
    lengths = sorted(path.read_text(encoding="utf-8").count("\n") for path in MODULES if path.name != "__init__.py")
    assert lengths[len(lengths) // 2] <= 150


def test_typed() -> None:
    """The package says to type checkers that it is typed."""
    assert (PACKAGE / "py.typed").is_file()


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda component: f"{component.kind}-{component.name}")
def test_registry_entries_resolve(component) -> None:
    """Each entry's class is there, and so are its file and its experiment."""
    assert component.load().__name__ == component.target.partition(":")[2]
    assert (ROOT / component.file).is_file()
    assert not component.config or (ROOT / component.config).is_file()
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert not component.extra or component.extra in extras


def test_every_requirement_is_pinned() -> None:
    """constraints.txt pins each package that pyproject.toml names."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]
    names = {re.match(r"[\w.-]+", line)[0].lower().replace("_", "-") for line in wanted} - {"irloom"}
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in lines)
    assert names <= {line.partition("==")[0].lower().replace("_", "-") for line in lines}


def test_ci_calls_make_check() -> None:
    """The CI script can be run and leaves the gates to the Makefile."""
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert "check" in script.read_text()
    recipe = (ROOT / "Makefile").read_text().partition("\ncheck:")[2].partition("\n\n")[0]
    for gate in ("ruff check", "ruff format --check", "mypy", "lint-imports", "methods.py --check", "pytest --cov"):
        assert gate in recipe
    assert "pytest --cov" in recipe.rstrip().splitlines()[-1]
