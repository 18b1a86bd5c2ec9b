"""What a stage is made of: the stages inside of it, and the models that they use."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from irloom.core.stage import Reranker, Retriever

_MODELS = (("decoder",), ("encoder", "scorer"), ("comparator", "prompts", "writer", "head", "generator", "model"))
"""Attributes in which things keep their models, the nearest to the weights first; of the groups the first that holds one counts."""
_SUFFIXES = (".safetensors", ".json", ".txt", ".model", ".py")
_UNUSED = frozenset({"onnx", "openvino"})


def stages_of(stage: Retriever | Reranker) -> Iterator[Retriever | Reranker]:
    """The stage and all stages that it holds, outermost first."""
    yield stage
    for value in vars(stage).values():
        for item in value if isinstance(value, tuple | list) else (value,):
            if isinstance(item, Retriever | Reranker):
                yield from stages_of(item)


def models_of(stage: Retriever | Reranker) -> list[Any]:
    """The encoders, scorers and language models of the stage and of those that it holds, each once."""
    found: dict[int, Any] = {}
    for inner in stages_of(stage):
        for model in _models(inner):
            found.setdefault(id(model), model)
    return list(found.values())


def model_name(model: Any) -> str:
    """What a model was asked for by, or the name of its class."""
    name = getattr(model, "model", None)
    return name if isinstance(name, str) else type(model).__name__


def model_files(model: Any) -> dict[str, Path]:
    """The files that decide what a model answers, by their names within its folder: weights, tokenizer, configuration.

    A model that keeps no folder has those that it names, such as a file of vectors; one behind an endpoint has none.
    """
    folder = getattr(model, "folder", None)
    if isinstance(folder, Path):
        files = {path.relative_to(folder): path for path in sorted(folder.rglob("*")) if path.suffix in _SUFFIXES and path.is_file()}
        return {name.as_posix(): path for name, path in files.items() if not _is_hidden(name)}
    return {value.name: value for value in vars(model).values() if isinstance(value, Path) and value.is_file()}


def _is_hidden(name: Path) -> bool:
    return any(part in _UNUSED or part.startswith(".") for part in name.parts)


def _models(thing: Any) -> Iterator[Any]:
    for names in _MODELS:
        values = [getattr(thing, name, None) for name in names]
        models = [value for value in values if value is not None and not isinstance(value, str | Path | list)]
        for model in models:
            inner = list(_models(model))  # such as the encoder whose token vectors are read
            yield from inner or [model]
        if models:
            return
