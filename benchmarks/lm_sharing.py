"""What prompts that begin alike save: each layout's reranker against the same prompts read whole."""

import os
import statistics
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import Any, Protocol

import numpy as np
from networks import in_turn
from numpy.typing import NDArray

from irloom.core.contracts import Corpus
from irloom.core.run import Run
from irloom.core.stage import Reranker
from irloom.core.types import Query
from irloom.models.decoders.decoder import Decoder, Prefix
from irloom.rerankers.pairwise import Pairwise
from irloom.rerankers.pointwise import Pointwise
from irloom.rerankers.setwise import Setwise

Ids = NDArray[np.int64]


class Bench(Corpus, Protocol):
    """A decoder, a query and passages."""

    decoder: Decoder
    query: Query

    def run(self, n: int) -> Run: ...


class Recording(Decoder):
    """Keeps the whole prompts whose logits are asked for, a list each time; a prefix may be asked several times in a round."""

    @cached_property
    def prompts(self) -> list[list[Ids]]:
        """What was asked for since this list was emptied."""
        return []

    def next_logits(
        self, tails: Sequence[Ids], *, prefix: Prefix | None = None, tokens: Sequence[int] | None = None
    ) -> NDArray[np.float32]:
        """As Decoder does."""
        before = np.empty(0, np.int64) if prefix is None else prefix.ids
        self.prompts.append([np.concatenate((before, tail)) for tail in tails])
        return super().next_logits(tails, prefix=prefix, tokens=tokens)

    def read_on(
        self, tail: Ids, *, prefix: Prefix | None = None, tokens: Sequence[int] | None = None
    ) -> tuple[NDArray[np.float32], Prefix]:
        """As Decoder does."""
        before = np.empty(0, np.int64) if prefix is None else prefix.ids
        self.prompts.append([np.concatenate((before, tail))])
        return super().read_on(tail, prefix=prefix, tokens=tokens)


def distinct_tokens(prompts: Sequence[Ids]) -> int:
    """Tokens of the trie of all prompts."""
    total, before = 0, ()
    for row in sorted(tuple(prompt.tolist()) for prompt in prompts):
        total, before = total + len(row) - len(os.path.commonprefix([row, before])), row  # noqa: RUF071  # of tuples
    return total


def rerankers(decoder: Decoder, bench: Bench, *, few: bool) -> dict[str, tuple[Reranker, int]]:
    """A reranker and its number of documents by layout."""
    points, sets, pairs = (10, 13, 4) if few else (50, 30, 8)
    return {
        "pointwise yes_no": (Pointwise(decoder, bench, layout="yes_no", depth=points), points),
        "pointwise qwen3": (Pointwise(decoder, bench, layout="qwen3", depth=points, document_tokens=64), points),
        "setwise heap": (Setwise(decoder, bench, scoring="likelihood", depth=sets, document_tokens=64), sets),
        "setwise bubble": (Setwise(decoder, bench, scoring="likelihood", schedule="bubble", top=3, depth=sets, document_tokens=64), sets),
        "pairwise all_pairs": (Pairwise(decoder, bench, scoring="likelihood", schedule="all_pairs", depth=pairs), pairs),
    }


def sharing(bench: Bench, *, repeats: int, few: bool) -> list[dict[str, Any]]:
    """Ideal and gain of each layout."""
    found = []
    recording = Recording(bench.decoder.folder, device="cpu")
    recording.warm_up()
    for layout, (reranker, n) in rerankers(recording, bench, few=few).items():
        recording.prompts.clear()
        reranker.rerank([bench.query], bench.run(n), k=n)
        calls = list(recording.prompts)
        works: dict[str, Callable[[], object]] = {
            "shared": partial(_ranked, bench, layout, few=few),
            "whole": partial(_whole, bench.decoder, calls),
        }
        times = in_turn(works, repeats)
        prompts = [prompt for call in calls for prompt in call]
        tokens, distinct = sum(map(len, prompts)), distinct_tokens(prompts)
        gain = statistics.median(times["whole"]) / statistics.median(times["shared"])
        figures = {"prompts": len(prompts), "tokens": tokens, "distinct": distinct, "ideal": tokens / distinct, "gain": gain}
        found.append({"layout": layout, **figures, "seconds": times})
    return found


def _ranked(bench: Bench, layout: str, *, few: bool) -> None:
    """A ranking by a reranker that remembers no other one."""
    reranker, n = rerankers(bench.decoder, bench, few=few)[layout]
    reranker.rerank([bench.query], bench.run(n), k=n)


def _whole(decoder: Decoder, calls: Sequence[Sequence[Ids]]) -> None:
    for prompts in calls:
        decoder.next_logits(prompts, tokens=[0, 1])
