"""What prompts that begin alike save: each layout's reranker against the same prompts read whole."""

import os
import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy as np
import torch
from lm_model import save_head
from networks import in_turn
from numpy.typing import NDArray

from irloom.core.contracts import Corpus
from irloom.core.run import Run
from irloom.core.stage import Reranker
from irloom.core.types import Query
from irloom.models.decoders.decoder import Decoder
from irloom.models.decoders.sequence_head import SequenceHead
from irloom.models.prompting import decoder_prompts
from irloom.models.prompting.shared import Read, read_shared
from irloom.models.scorers import qwen3_reranker, rankllama
from irloom.rerankers.pairwise import Pairwise
from irloom.rerankers.pointwise import Pointwise
from irloom.rerankers.setwise import Setwise

Round: TypeAlias = tuple[Sequence[NDArray[np.int64]], Read]
"""Prompts that are asked together, and what reads them, on no prefix too."""


class Bench(Corpus, Protocol):
    """A decoder, a query and passages."""

    decoder: Decoder
    query: Query

    def run(self, n: int) -> Run: ...


@contextmanager
def recorded() -> Iterator[list[Round]]:
    """Within it, what rerankers ask is noted, round by round."""
    rounds: list[Round] = []

    def noted(rows: Any, prefill: Any, read: Any, **settings: Any) -> NDArray[np.float32]:
        rounds.append((rows, read))
        return read_shared(rows, prefill, read, **settings)

    modules = (decoder_prompts, qwen3_reranker, rankllama)
    for module in modules:
        module.read_shared = noted
    try:
        yield rounds
    finally:
        for module in modules:
            module.read_shared = read_shared


def distinct_tokens(prompts: Sequence[NDArray[np.int64]]) -> int:
    """Tokens of the trie of all prompts."""
    total, before = 0, ()
    for row in sorted(tuple(prompt.tolist()) for prompt in prompts):
        total, before = total + len(row) - len(os.path.commonprefix([row, before])), row  # noqa: RUF071  # of tuples
    return total


def rerankers(bench: Bench, head: SequenceHead, *, few: bool) -> dict[str, tuple[Reranker, int]]:
    """A reranker that remembers no ranking, and its number of documents, by layout."""
    points, sets, pairs = (10, 13, 4) if few else (50, 30, 8)
    decoder, bubble = bench.decoder, {"schedule": "bubble", "top": 3}
    return {
        "pointwise yes_no": (Pointwise(decoder, bench, layout="yes_no", depth=points), points),
        "pointwise query_likelihood": (Pointwise(decoder, bench, layout="query_likelihood", depth=points), points),
        "pointwise rankllama": (Pointwise(head, bench, layout="rankllama", depth=points), points),
        "pointwise qwen3": (Pointwise(decoder, bench, layout="qwen3", depth=points, document_tokens=64), points),
        "setwise heap": (Setwise(decoder, bench, scoring="likelihood", depth=sets, document_tokens=64), sets),
        "setwise bubble": (Setwise(decoder, bench, scoring="likelihood", depth=sets, document_tokens=64, **bubble), sets),
        "pairwise all_pairs": (Pairwise(decoder, bench, scoring="likelihood", schedule="all_pairs", depth=pairs), pairs),
    }


def sharing(bench: Bench, *, repeats: int, few: bool) -> list[dict[str, Any]]:
    """Ideal and gain of each layout, with all of torch's threads and with one: short passes keep several threads less busy."""
    with tempfile.TemporaryDirectory() as folder:
        head = SequenceHead(save_head(Path(folder), bench.decoder.folder), device="cpu")
        head.warm_up()
        return [_of_layout(bench, head, layout, repeats=repeats, few=few) for layout in rerankers(bench, head, few=few)]


def _of_layout(bench: Bench, head: SequenceHead, layout: str, *, repeats: int, few: bool) -> dict[str, Any]:
    def rank() -> Run:
        reranker, n = rerankers(bench, head, few=few)[layout]
        return reranker.rerank([bench.query], bench.run(n), k=n)

    with recorded() as rounds:
        tokens = rank().notes["prompt_tokens"][0]
    works: dict[str, Callable[[], object]] = {"shared": rank, "whole": lambda: [read(rows, None) for rows, read in rounds]}
    times, alone = in_turn(works, repeats), _on_one_thread(works, repeats)
    prompts = [row for rows, _ in rounds for row in rows]
    distinct = tokens - sum(map(len, prompts)) + distinct_tokens(prompts)  # a likelihood's own tokens are no part of its prompt
    figures = {"prompts": len(prompts), "tokens": tokens, "distinct": distinct, "ideal": tokens / distinct}
    gains = {"gain": _gain(times), "gain_on_one_thread": _gain(alone)}
    return {"layout": layout, **figures, **gains, "seconds": times, "seconds_on_one_thread": alone}


def _on_one_thread(works: dict[str, Callable[[], object]], repeats: int) -> dict[str, list[float]]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return in_turn(works, repeats)
    finally:
        torch.set_num_threads(threads)


def _gain(times: dict[str, list[float]]) -> float:
    return statistics.median(times["whole"]) / statistics.median(times["shared"])
