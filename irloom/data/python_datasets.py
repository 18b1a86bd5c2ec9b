"""`python-stdlib` and `python-packages`: collections made offline from the Python source that is installed, kept in the cache."""

import json
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path

from irloom.core.errors import ConfigError, DataError
from irloom.core.files import short_hash, write_bytes
from irloom.data.dataset import Protocol
from irloom.data.folder import FolderDataset, content_hash_of, write_beir
from irloom.data.python_source import Definition, collect, definitions_under

NAMES = ("python-stdlib", "python-packages")
PACKAGES = {
    "networkx": "3.6.1",
    "numba": "0.68.1",
    "numpy": "2.4.6",
    "scikit-learn": "1.9.1",
    "scipy": "1.17.1",
    "sentence-transformers": "6.2.0",
    "sympy": "1.14.0",
    "torch": "2.13.0",
    "transformers": "5.24.0",
}
"""The releases that `python-packages` is made of: all come with `irloom[demo]` under the constraints file."""

FROZEN = {
    ("python-stdlib", "3.11.7"): "01ad6535bcc9a7d558c5b5f06e977e12e8ef01cf5c932b52c7039b78275b6fd6",
    ("python-packages", "pinned"): "b871a9aa3407108ae5ebdbc59cee3406b82dac8acfa6f1b0df1cc5284f2d836c",
}
"""The content hash by name and full Python version (python-packages: for the releases above)."""

_RECIPE = "2"
_MODULES = {"scikit-learn": "sklearn", "sentence-transformers": "sentence_transformers"}
_ABOUT = "about.json"
_FILES = ("corpus.jsonl.gz", "queries.jsonl.gz", "qrels/test.tsv", "qrels/train.tsv")
_SKIP_EVERYWHERE = frozenset({"test", "tests", "testing", "__pycache__", "conftest", "_vendor"})
_SKIP_STDLIB = _SKIP_EVERYWHERE | {
    *("idlelib", "tkinter", "turtle", "turtledemo", "lib2to3", "ensurepip", "site-packages", "dist-packages", "pydoc_data"),
    *("sitecustomize", "usercustomize"),
}


@dataclass(frozen=True, slots=True)
class _Recipe:
    """What a collection is made from. `key` changes whenever the source may have changed."""

    key: str
    version: str
    what: str
    test_share: float
    keep_unjudged: bool


class PythonDataset(FolderDataset):
    """A generated collection. `description` says whether its figures can be compared with published ones.

    Attributes:
        comparable: whether its content is that of the frozen hash.
    """

    def __init__(self, name: str, path: Path, about: dict[str, str], *, frozen: str, recipe: _Recipe) -> None:
        self.comparable = bool(frozen) and about["content"] == frozen
        reason = "the frozen content" if self.comparable else _difference(about["content"], frozen)
        description = f"{recipe.what}: {about['documents']} definitions, {about['queries']} docstring sentences as queries; {reason}"
        super().__init__(name, path, protocol=Protocol(), description=description)
        self._about = about

    @property
    def fingerprint(self) -> str:
        return self._about["documents_hash"]

    @property
    def content_hash(self) -> str:
        return self._about["content"]


def load_python(name: str, cache: Path) -> PythonDataset:
    """Loads a generated collection; makes it first where the cache does not have it.

    Args:
        name: "python-stdlib" or "python-packages".
        cache: the cache folder.

    Raises:
        ConfigError: a package of `python-packages` is missing, or of another release; the text says what to install.
        DataError: the cache cannot be written.
    """
    recipe = _stdlib() if name == "python-stdlib" else _packages()
    folder = cache / "generated" / f"{name}-{short_hash(_RECIPE, recipe.key)}"
    about = _about(folder)
    if about is None:
        about = _generate(name, recipe, folder)
    return PythonDataset(name, folder, about, frozen=FROZEN.get((name, recipe.version), ""), recipe=recipe)


def _stdlib() -> _Recipe:
    version = sys.version.split()[0]
    root = sysconfig.get_path("stdlib")
    return _Recipe(f"{sys.version}\0{root}", version, f"the standard library of Python {version}", 0.18, keep_unjudged=False)


def _packages() -> _Recipe:
    places = []
    for package, wanted in PACKAGES.items():
        try:
            found = distribution(package)
        except PackageNotFoundError:
            raise ConfigError(f"python-packages needs {package} {wanted}, which is not installed; run: {_install()}") from None
        if found.version.partition("+")[0] != wanted:
            raise ConfigError(f"python-packages needs {package} {wanted}, and {found.version} is installed; run: {_install()}")
        places.append(f"{package} {found.version} {_root(package)}")
    what = f"{len(PACKAGES)} pinned packages ({', '.join(PACKAGES)})"
    return _Recipe("\0".join(places), "pinned", what, 0.026, keep_unjudged=True)


def _install() -> str:
    return "pip install " + " ".join(f"{package}=={version}" for package, version in PACKAGES.items())


def _root(package: str) -> Path:
    module = _MODULES.get(package, package)
    spec = find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise ConfigError(f"python-packages: {package} is installed without the module {module!r}; run: {_install()}")
    return Path(next(iter(spec.submodule_search_locations)))


def _definitions(name: str) -> Iterator[Definition]:
    if name == "python-stdlib":
        yield from definitions_under(Path(sysconfig.get_path("stdlib")), package="", skip=_SKIP_STDLIB)
        return
    for package in PACKAGES:
        yield from definitions_under(_root(package), package=_MODULES.get(package, package), skip=_SKIP_EVERYWHERE)


def _generate(name: str, recipe: _Recipe, folder: Path) -> dict[str, str]:
    made = collect(_definitions(name), test_share=recipe.test_share, keep_unjudged=recipe.keep_unjudged)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_beir(folder, made.documents, made.queries, made.qrels, gzipped=True)
        about = {
            "content": content_hash_of(folder / file for file in _FILES),
            "documents_hash": content_hash_of([folder / _FILES[0]]),
            "documents": str(len(made.documents)),
            "queries": str(len(made.queries)),
        }
        write_bytes(folder / _ABOUT, json.dumps(about, indent=1).encode())
    except OSError as error:
        raise DataError(f"{name} cannot be kept in {folder} ({error.strerror}); set IRLOOM_CACHE to a folder that can be written") from None
    return about


def _about(folder: Path) -> dict[str, str] | None:
    """What was noted last when the collection was made; None where that did not come to its end."""
    try:
        about = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    complete = isinstance(about, dict) and all((folder / file).is_file() for file in _FILES)
    return about if complete and {"content", "documents_hash", "documents", "queries"} <= about.keys() else None


def _difference(found: str, frozen: str) -> str:
    known = ", ".join(version for _, version in FROZEN if version != "pinned")
    if not frozen:
        return f"content {found[:12]}, not comparable with published figures, which are for Python {known}"
    return f"content {found[:12]}, not the frozen {frozen[:12]}: the source here was changed, and figures are not comparable"
