"""Attention heads chosen for retrieval, with the scores that chose them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import BadValue
from irloom.core.types import Json
from irloom.rerankers.attention.scoring import HeadId, check_heads


def parse_head(text: str) -> HeadId:
    """A head out of "layer-head", as published lists write it.

    Raises:
        BadValue: the text is not that.

    >>> parse_head("13-18")
    (13, 18)
    """
    layer, _, head = text.strip().partition("-")
    if not (layer.isascii() and layer.isdigit() and head.isascii() and head.isdigit()):
        raise BadValue("head", text, "a layer and a query head, such as '13-18'")
    return int(layer), int(head)


@dataclass(frozen=True, slots=True)
class HeadSet:
    """Heads, best first.

    Attributes:
        heads: layer and query head of each.
        scores: one a head, in that order; empty where they are not known.
        method: how they were found: "qrhead", "core_heads", "retrieval", or "" where no one says.
        model: the model's name or folder.
        fingerprint: hash of the model's weights and tokenizer; empty where it is not known, as for published sets.
        layers: layers of the model; 0 where not known.
        width: query heads in each layer of the model; 0 where not known.
        settings: what else was chosen: prompt, dataset, queries, seed.

    Raises:
        BadValue: no head, a head twice, or another number of scores than heads.
    """

    heads: tuple[HeadId, ...]
    scores: tuple[float, ...] = ()
    method: str = ""
    model: str = ""
    fingerprint: str = ""
    layers: int = 0
    width: int = 0
    settings: Mapping[str, Json] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        check_heads(self.heads)
        if self.scores and len(self.scores) != len(self.heads):
            raise BadValue("scores", len(self.scores), f"one a head, {len(self.heads)}")

    def best(self, n: int) -> tuple[HeadId, ...]:
        """The first `n` heads.

        Raises:
            BadValue: `n` is less than 1.
        """
        if n < 1:
            raise BadValue("top", n, "1 or more")
        return self.heads[:n]


def ranked_heads(scores: NDArray[np.float32]) -> tuple[tuple[HeadId, ...], tuple[float, ...]]:
    """All heads by their scores, best first; equal ones by layer, then head.

    Args:
        scores: float32 (layers, heads).

    Raises:
        BadValue: there is no head.
    """
    flat = scores.reshape(-1)
    order = np.argsort(-flat, kind="stable").tolist()
    width = scores.shape[1]
    return tuple((place // width, place % width) for place in order), tuple(float(flat[place]) for place in order)


def _named(text: str) -> HeadSet:
    return HeadSet(tuple(parse_head(head) for head in text.split()), method="qrhead")


PUBLISHED: Final[Mapping[str, HeadSet]] = MappingProxyType(
    {
        "llama-3.1-8b-instruct/lme": _named("13-18 13-21 8-11 14-13 17-29 13-1 13-13 14-29 14-31 13-8 16-1 17-21 13-3 10-31 13-4 14-22"),
        "llama-3.1-8b-instruct/nq": _named("14-22 13-16 14-28 14-31 16-19 14-1 16-26 17-24 14-0 13-0 16-25 13-12 13-1 13-10 17-27 20-14"),
        "llama-3.2-3b-instruct/nq": _named("13-16 12-12 13-23 13-21 15-18 12-3 21-20 12-1 13-2 13-1 12-6 12-11 13-0 15-22 18-19 18-11"),
        "qwen2.5-7b-instruct/nq": _named("16-19 16-2 16-20 16-14 16-0 15-24 16-18 17-18 16-1 19-18 19-19 18-16 16-17 19-25 19-17 20-21"),
    }
)
"""Sets that the authors of QRHead released, by model and data; they hold for those weights alone."""


def head_ids(heads: Sequence[str | HeadId]) -> tuple[HeadId, ...]:
    """Heads written as "13-18" or as pairs.

    Raises:
        BadValue: one is neither, none is there, or one is there twice.
    """
    found = tuple(parse_head(head) if isinstance(head, str) else (int(head[0]), int(head[1])) for head in heads)
    check_heads(found)
    return found
