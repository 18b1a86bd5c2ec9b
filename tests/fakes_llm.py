"""Language models without weights: the same numbers each time, and relevance by shared words."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import BadValue, ModelError
from irloom.models.decoders.messages import Message, plain_text
from irloom.models.decoders.prefix import Prefix, frozen_ids
from irloom.models.decoders.shape import DecoderShape

_TOKENS = re.compile(r"\w+|[^\w\s]|\s+")
_LABELS = re.compile(r"\[(\w{1,3})\]|\bPassage (\w{1,3}):|\bPASSAGE(\d+)\b|\bDocument(\d+):", re.IGNORECASE)


def content(text: str) -> list[str]:
    """Words that say something: longer than three letters, in lower case."""
    return [word for word in re.findall(r"\w+", text.lower()) if len(word) > 3]


class FakeGenerator:
    """Answers from a list (again from its start when it ends), a mapping from prompts, or a function. Keeps its prompts."""

    fingerprint = "fake_generator"

    def __init__(self, answers: Sequence[str] | Mapping[str, str] | Callable[[str], str]) -> None:
        self.script = answers
        self.prompts: list[str] = []
        self.limits: list[int] = []
        self._lock = Lock()

    def warm_up(self) -> None:
        pass

    def generate(self, prompts: Sequence[str], *, max_new_tokens: int) -> list[str]:
        with self._lock:
            start = len(self.prompts)
            self.prompts += prompts
            self.limits += [max_new_tokens] * len(prompts)
        return [self._answer(prompt, start + place) for place, prompt in enumerate(prompts)]

    def _answer(self, prompt: str, place: int) -> str:
        if callable(self.script):
            return self.script(prompt)
        if isinstance(self.script, Mapping):
            return self.script[prompt]
        return self.script[place % len(self.script)]


class FakeDecoder:
    """`Decoder` over words, signs and runs of blanks as tokens, so that pieces that are encoded apart and joined equal the whole.

    Attention goes to equal words. A label's logit is how many words its passage shares with the text outside all passages; that of
    "yes" and "true" how many words the prompt repeats. Counts its forward passes.
    """

    has_chat = False
    trust_remote_code = False
    special_names: tuple[str, ...] = ()
    end: int | None = None

    def __init__(self, *, context: int = 100_000, layers: int = 2, heads: int = 2, vocabulary: int = 20_000) -> None:
        self.model, self.folder, self.dtype = "fake_decoder", Path("fake_decoder"), "float32"
        self.shape = DecoderShape(layers=layers, heads=heads, kv_heads=heads, context=context, vocabulary=vocabulary)
        self.fingerprint = self.weights = f"fake_decoder:{layers}:{heads}"
        self.passes = 0
        self._pieces: list[str] = [""]
        self._numbers: dict[str, int] = {"": 0}
        self._lock = Lock()

    def warm_up(self) -> None:
        pass

    def encode(self, text: str, *, special: bool = False, plain: bool = False) -> NDArray[np.int64]:
        return np.array([self._number(piece) for piece in _TOKENS.findall(text)], dtype=np.int64)

    def _number(self, piece: str) -> int:
        with self._lock:
            if piece not in self._numbers:
                self._numbers[piece] = len(self._pieces)
                self._pieces.append(piece)
            return self._numbers[piece]

    def decode(self, ids: NDArray[np.int64]) -> str:
        return "".join(self._pieces[number] for number in ids)

    def chat(self, messages: Sequence[Message], *, start: str = "") -> str:
        return plain_text(messages) + start

    def encode_chat(self, messages: Sequence[Message], *, start: str = "") -> NDArray[np.int64]:
        return self.encode(self.chat(messages, start=start))

    def token(self, text: str, *, after: str = "") -> int:
        before, both = self.encode(after), self.encode(after + text)
        if len(both) != len(before) + 1 or not np.array_equal(before, both[:-1]):
            raise ModelError(f"fake_decoder: {text!r} after {after!r} is not one token")
        return int(both[-1])

    def prefill(self, ids: NDArray[np.int64], *, layers: int | None = None) -> Prefix:
        self._fits(len(ids))
        self.passes += 1
        own = frozen_ids(ids)
        empty = tuple(np.zeros((1, len(own), 0)) for _ in range(layers or self.shape.layers))
        return Prefix(own, empty, empty, self._extended)  # type: ignore[arg-type]

    def _extended(self, prefix: Prefix, ids: NDArray[np.int64]) -> Prefix:
        return self.prefill(np.concatenate((prefix.ids, ids)), layers=prefix.layers)

    def attention(
        self,
        prefix: Prefix | None,
        tail: NDArray[np.int64],
        *,
        heads: Sequence[tuple[int, int]] | None = None,
        rows: slice | None = None,
        per_head: bool = False,
    ) -> NDArray[np.float32]:
        def weights(same: NDArray[np.float32], seen: NDArray[np.bool_], sharpness: int) -> NDArray[np.float32]:
            raw = np.where(seen, 1.0 + sharpness * same, 0.0)
            return np.asarray(raw / raw.sum(axis=1, keepdims=True), np.float32)

        return self._rows(prefix, tail, heads, rows, per_head, weights)

    def query_key(
        self,
        prefix: Prefix | None,
        tail: NDArray[np.int64],
        *,
        heads: Sequence[tuple[int, int]] | None = None,
        rows: slice | None = None,
        per_head: bool = False,
    ) -> NDArray[np.float32]:
        def products(same: NDArray[np.float32], seen: NDArray[np.bool_], sharpness: int) -> NDArray[np.float32]:
            return np.asarray(np.where(seen, sharpness * same, 0.0), np.float32)

        return self._rows(prefix, tail, heads, rows, per_head, products)

    def _rows(
        self,
        prefix: Prefix | None,
        tail: NDArray[np.int64],
        heads: Sequence[tuple[int, int]] | None,
        rows: slice | None,
        per_head: bool,
        row: Callable[[NDArray[np.float32], NDArray[np.bool_], int], NDArray[np.float32]],
    ) -> NDArray[np.float32]:
        ids = np.asarray(tail) if prefix is None else np.concatenate((prefix.ids, tail))
        self._fits(len(ids))
        if heads is not None and not len(heads):
            raise BadValue("heads", heads, "at least one")
        self.passes += 1
        places = (np.arange(len(tail)) + len(ids) - len(tail))[rows if rows is not None else slice(None)]
        last = self.shape.layers if heads is None else max(layer for layer, _ in heads) + 1
        words = np.array(
            [self._numbers.get(self._pieces[number].lower(), number) if self._pieces[number].strip() else -1 for number in ids]
        )
        same = ((words[places, None] == words[None]) & (words[None] >= 0)).astype(np.float32)
        seen = np.arange(len(ids))[None] <= places[:, None]
        whole = np.stack(
            [
                np.stack([row(same, seen, 1 + layer * self.shape.heads + head).mean(axis=0) for head in range(self.shape.heads)])
                for layer in range(last)
            ]
        )
        if per_head:
            return whole
        chosen = heads if heads is not None else [(layer, head) for layer in range(last) for head in range(self.shape.heads)]
        return np.asarray(np.sum([whole[layer, head] for layer, head in sorted(set(chosen))], axis=0), np.float32)

    def next_logits(
        self, tails: Sequence[NDArray[np.int64]], *, prefix: Prefix | None = None, tokens: Sequence[int] | None = None
    ) -> NDArray[np.float32]:
        self.passes += 1
        wanted = range(self.shape.vocabulary) if tokens is None else tokens
        out = np.empty((len(tails), len(wanted)), np.float32)
        for place, tail in enumerate(tails):
            text = self._whole(prefix, tail)
            told = label_scores(text)
            repeated = len(content(text)) - len(set(content(text)))
            for column, number in enumerate(wanted):
                piece = self._pieces[number].strip() if number < len(self._pieces) else ""
                yes = repeated if piece.lower() in ("yes", "true") else -1.0 - 1e-4 * number
                out[place, column] = told.get(piece, yes)
        return out

    def log_likelihood(
        self, tails: Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]], *, prefix: Prefix | None = None
    ) -> NDArray[np.float32]:
        self.passes += 1
        out = np.zeros(len(tails), np.float32)
        for place, (context, labels) in enumerate(tails):
            known = set(content(self._whole(prefix, context)))
            out[place] = sum(-1.0 if word in known else -4.0 for word in re.findall(r"\w+", self.decode(labels).lower()))
        return out

    def generate(self, prompts: Sequence[str], *, max_new_tokens: int) -> list[str]:
        """The labels of each prompt, best first: "[2] > [1] > [3]"; "yes" or "no" where there are none."""
        return [self._answer(prompt) for prompt in prompts]

    def _answer(self, prompt: str) -> str:
        told = label_scores(prompt)
        if not told:
            return "yes" if len(set(content(prompt))) < len(content(prompt)) else "no"
        return " > ".join(f"[{label}]" for label in sorted(told, key=lambda label: -told[label]))

    def _whole(self, prefix: Prefix | None, tail: NDArray[np.int64]) -> str:
        ids = tail if prefix is None else np.concatenate((prefix.ids, tail))
        self._fits(len(ids))
        return self.decode(ids)

    def _fits(self, tokens: int) -> None:
        if tokens > self.shape.context:
            raise ModelError(f"fake_decoder: a prompt of {tokens} tokens is longer than the context of {self.shape.context} tokens")


def label_scores(text: str) -> dict[str, float]:
    """For each label that opens a line of a passage, how many words of the line stand outside all passages too."""
    passages: dict[str, str] = {}
    outside: list[str] = []
    for line in text.splitlines():
        found = _LABELS.match(line.strip())
        label = next((group for group in found.groups() if group), "") if found else ""
        if label and label not in passages:
            passages[label] = line
        else:
            outside.append(line)
    asked = set(content(" ".join(outside)))
    return {label: float(sum(word in asked for word in set(content(line)))) for label, line in passages.items()}
