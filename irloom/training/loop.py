"""The loop of training: steps that depend on nothing but their number, checkpoints, and going on after a kill."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

import torch
from torch import Tensor

from irloom.core.errors import BadValue, CollectionError, ModelError
from irloom.core.files import Progress, no_progress, rename, write_bytes
from irloom.core.optional import require
from irloom.training.objective import Measured

Part: TypeAlias = Callable[[], Measured]
"""A part of a step's batch: computes its losses when it is called."""

CHECKPOINT: Final = "checkpoint.safetensors"


@dataclass(frozen=True, slots=True)
class Optimiser:
    """AdamW with a warm-up and a cosine.

    Attributes:
        rate: the highest learning rate.
        table_rate: that of the token table, as a share of `rate`; low, so that words that training does not show keep their neighbours.
        final: the rate at the end, as a share.
        warm_up: steps until the highest rate.
        decay: weight decay; the table has none.
        clip: the largest norm of the gradient.
        every: steps between checkpoints.
        threads: parts of a batch that are computed side by side.
    """

    rate: float = 2e-3
    table_rate: float = 0.1
    final: float = 0.05
    warm_up: int = 100
    decay: float = 0.01
    clip: float = 1.0
    every: int = 100
    threads: int = 2

    def __post_init__(self) -> None:
        for name, least in (("rate", 0), ("table_rate", 0), ("final", 0), ("decay", 0), ("clip", 0)):
            if not least <= getattr(self, name) < float("inf"):
                raise BadValue(f"optimiser.{name}", getattr(self, name), "0 or more")
        for name, least in (("warm_up", 0), ("every", 1), ("threads", 1)):
            if getattr(self, name) < least:
                raise BadValue(f"optimiser.{name}", getattr(self, name), f"{least} or more")

    def factor(self, step: int, steps: int) -> float:
        """The share of the highest rate at a step, counted from 0."""
        rise = min(1.0, (step + 1) / max(1, self.warm_up))
        return rise * (self.final + (1 - self.final) * 0.5 * (1 + math.cos(math.pi * step / max(1, steps))))


@dataclass(slots=True)
class Trained:
    """What a loop did.

    Attributes:
        step: how many steps are done.
        skipped: steps whose loss or gradient was not finite; they changed nothing.
        seconds: what these steps took in this process.
        parts: the mean of each loss by name over the last steps, as they are logged.
    """

    step: int = 0
    skipped: int = 0
    seconds: float = 0.0
    parts: dict[str, float] = field(default_factory=dict)


class Loop:
    """Trains a model in place.

    Args:
        model: a causal language model of transformers.
        optimiser: its settings.
        folder: where the checkpoint is kept; it exists.
        key: what the checkpoint belongs to: another recipe's is refused.

    Raises:
        CollectionError: the checkpoint there is another recipe's, or cannot be read.
    """

    def __init__(self, model: Any, optimiser: Optimiser, *, folder: Path, key: str) -> None:
        self.model, self.settings, self._path, self._key = model, optimiser, folder / CHECKPOINT, key
        self._parameters = dict(model.named_parameters())
        table = model.get_input_embeddings().weight
        rest = [value for value in self._parameters.values() if value is not table]
        own, shared = {"params": rest, "share": 1.0, "weight_decay": optimiser.decay}, {"params": [table], "weight_decay": 0.0}
        self._adam = torch.optim.AdamW([own, {**shared, "share": optimiser.table_rate}], lr=optimiser.rate, betas=(0.9, 0.98))
        self.done = Trained()
        if self._path.exists():
            self._load()

    def run(
        self,
        steps: int,
        parts_of: Callable[[int], Sequence[Part]],
        *,
        progress: Progress = no_progress,
        log: Callable[[Trained], None] | None = None,
    ) -> Trained:
        """Steps until `steps` are done; an interruption leaves a checkpoint of the last whole step.

        Args:
            steps: how many in all, those of the checkpoint included.
            parts_of: the parts of a step's batch, by the step's number from 0; must not depend on anything else.
            progress: called after each step.
            log: called at each checkpoint.

        Raises:
            ModelError: every step since the last checkpoint was skipped.
        """
        begun, sums, skipped = time.monotonic(), [], self.done.skipped
        threads = torch.get_num_threads()
        try:
            with ThreadPoolExecutor(self.settings.threads, "train", initializer=torch.set_num_threads, initargs=(1,)) as pool:
                while self.done.step < steps:
                    measured = self._step(parts_of(self.done.step), steps, pool)
                    sums += [measured] if measured else []
                    self.done.step += 1
                    progress("training", self.done.step, steps)
                    if self.done.step % self.settings.every == 0 or self.done.step == steps:
                        if not sums and self.done.skipped - skipped > 1:
                            raise ModelError(
                                f"step {self.done.step}: no loss was finite in {self.done.skipped - skipped} steps; lower the rate"
                            )
                        self.done.parts = _means(sums) if sums else {}
                        self.done.seconds = time.monotonic() - begun
                        self.save()
                        if log is not None:
                            log(self.done)
                        sums, skipped = [], self.done.skipped
        except BaseException:
            self.save()
            raise
        finally:
            torch.set_num_threads(threads)
        return self.done

    def save(self) -> None:
        """Writes the checkpoint in one step: weights, the optimiser's moments, how far it is."""
        tensors = {f"weight.{name}": value.detach() for name, value in self._parameters.items()}
        for name, value in self._parameters.items():
            for kind, moment in self._adam.state.get(value, {}).items():
                tensors[f"{kind}.{name}"] = torch.as_tensor(moment)
        told = {"key": self._key, "step": str(self.done.step), "skipped": str(self.done.skipped)}
        beside = self._path.with_suffix(".new")
        save = require("safetensors.torch", extra="models").save  # to bytes: its own writer neither syncs nor says that a disk is full
        write_bytes(beside, save({name: value.contiguous() for name, value in tensors.items()}, told))
        rename(beside, self._path)

    def _load(self) -> None:
        safetensors = require("safetensors", extra="models")
        try:
            with safetensors.safe_open(self._path, "pt") as file:
                told = file.metadata() or {}
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (a safetensors file is no mapping)
            if told.get("key") != self._key:
                raise CollectionError(f"{self._path} is the checkpoint of another recipe; remove it, or give another folder")
            with torch.no_grad():
                for name, value in self._parameters.items():
                    value.copy_(tensors[f"weight.{name}"])
                    kinds = [kind for kind in ("step", "exp_avg", "exp_avg_sq") if f"{kind}.{name}" in tensors]
                    if kinds:
                        self._adam.state[value] = {kind: tensors[f"{kind}.{name}"] for kind in kinds}
            self.done = Trained(int(told["step"]), int(told["skipped"]))
        except (safetensors.SafetensorError, OSError, KeyError, ValueError, RuntimeError) as error:
            raise CollectionError(f"{self._path} cannot be read as a checkpoint ({error}); remove it") from error

    def _step(self, parts: Sequence[Part], steps: int, pool: ThreadPoolExecutor) -> Mapping[str, float] | None:
        """The mean losses of the parts; None where one is not finite, and nothing is changed."""
        found = list(pool.map(self._gradient, parts))
        gradients = [sum(pieces) / len(found) for pieces in zip(*(gradient for gradient, _ in found), strict=True)]
        if not all(bool(torch.isfinite(gradient).all()) for gradient in gradients):
            self.done.skipped += 1
            return None
        for value, gradient in zip(self._parameters.values(), gradients, strict=True):
            value.grad = gradient
        torch.nn.utils.clip_grad_norm_(self._parameters.values(), self.settings.clip)
        for group in self._adam.param_groups:
            group["lr"] = self.settings.rate * group["share"] * self.settings.factor(self.done.step, steps)
        self._adam.step()
        return _means([parts for _, parts in found])

    def _gradient(self, part: Part) -> tuple[list[Tensor], Mapping[str, float]]:
        measured = part()
        values = list(self._parameters.values())
        found = torch.autograd.grad(measured.loss, values, allow_unused=True, materialize_grads=True)
        return list(found), measured.parts


def _means(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The mean of each name over the rows that have it."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: sum(row[name] for row in rows if name in row) / sum(name in row for row in rows) for name in names}
