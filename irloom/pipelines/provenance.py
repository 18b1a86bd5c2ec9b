"""Who computed: irloom's own code, the libraries, the machine."""

import hashlib
import os
import platform
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from irloom.core.types import Json

LIBRARIES = (
    "numpy", "numba", "llvmlite", "PyYAML", "PyStemmer", "torch", "transformers", "sentence-transformers", "tokenizers", "safetensors",
    "faiss-cpu", "pyarrow",
)  # fmt: skip
"""The packages whose release can change a number."""

_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
_INSTRUCTIONS = ("sse4_2", "avx", "avx2", "fma", "avx512f", "avx512_vnni", "amx_tile", "neon", "asimd", "sve")
_PACKAGE = Path(__file__).parents[1]


@cache
def code() -> dict[str, Json]:
    """The version of irloom, the commit where it runs from a checkout, and a hash of each of its source files and of all."""
    files = {path.relative_to(_PACKAGE).as_posix(): _hash(path) for path in sorted(_PACKAGE.rglob("*.py"))}
    whole = hashlib.sha256("".join(f"{name} {digest}\n" for name, digest in files.items()).encode()).hexdigest()
    return {"version": own_version(), "commit": commit_of(_PACKAGE.parent), "sha256": whole, "files": dict(files)}


@cache
def own_version() -> str:
    """The release of irloom that runs."""
    return _version("irloom") or "not installed"


def libraries() -> dict[str, Json]:
    """The releases of Python and of the packages that can change a number, those that are installed; and what NumPy multiplies with."""
    found = {name: release for name in LIBRARIES if (release := _version(name)) is not None}
    return {"python": platform.python_version(), **found, "blas": _blas()}


def hardware() -> dict[str, Json]:
    """The processor, its cores, the memory, the accelerator where torch is loaded, and how many threads were asked for."""
    flags = set(_cpu_field("flags", "Features").split())
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "cpu": _cpu_field("model name", "Model") or platform.processor() or platform.machine(),
        "instructions": [name for name in _INSTRUCTIONS if name in flags],
        "cores": os.cpu_count(),
        "usable_cores": len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count(),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "accelerator": _accelerator(),
        "threads": {name: os.environ[name] for name in _THREADS if name in os.environ},
    }


def commit_of(folder: Path) -> str | None:
    """The commit that a folder is a checkout of, read off its `.git`; None where it is none."""
    git = folder / ".git"
    try:
        if git.is_file():  # a worktree: the file names the folder
            git = folder / git.read_text().partition("gitdir:")[2].strip()
        head = (git / "HEAD").read_text().strip()
        if not head.startswith("ref: "):
            return head
        name = head.removeprefix("ref: ")
        common = git / (git / "commondir").read_text().strip() if (git / "commondir").is_file() else git
        if (common / name).is_file():
            return (common / name).read_text().strip()
        packed = (common / "packed-refs").read_text().splitlines()
    except OSError:
        return None
    return next((line.split()[0] for line in packed if line.endswith(f" {name}")), None)


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _blas() -> str:
    config: object = np.show_config(mode="dicts")
    blas = config.get("Build Dependencies", {}).get("blas", {}) if isinstance(config, dict) else {}
    return f"{blas.get('name', 'unknown')} {blas.get('version', '')}".strip()


def _cpu_field(*names: str) -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return ""
    found = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in reversed(lines))}
    return next((found[name] for name in names if name in found), "")


def _accelerator() -> str | None:
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available():
        return None
    return str(torch.cuda.get_device_name(0))
