"""The loaded half of a Seq2Seq: encoder and decoder. Imported when weights load."""

from collections.abc import Callable, Sequence
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from irloom.core.errors import ModelError, NotANumber
from irloom.core.optional import require
from irloom.models.batching import batches_by_budget
from irloom.models.networks.loading import load_model
from irloom.models.networks.threads import batch_budget, for_each

Ids = NDArray[np.int64]


def load_seq2seq_engine(folder: Path, *, dtype: str, device: str, batch_tokens: int | None, remote_code: bool) -> "Seq2SeqEngine":
    """Loads an encoder-decoder.

    Raises:
        ModelError: the folder has a model that cannot be loaded.
    """
    model = load_model(folder, "AutoModelForSeq2SeqLM", dtype=dtype, remote_code=remote_code, whole=True).to(device)
    return Seq2SeqEngine(folder, model, device=device, batch_tokens=batch_tokens)


class Seq2SeqEngine:
    """Tokens in, logits, likelihoods or tokens out, with loaded weights. It keeps no state, so threads may share it."""

    def __init__(self, folder: Path, model: Any, *, device: str, batch_tokens: int | None) -> None:
        self.folder, self.model, self.device, self.batch_tokens = folder, model, device, batch_tokens
        config = model.config
        start = config.decoder_start_token_id
        self.pad = int(config.pad_token_id or 0)
        if start is None:
            raise ModelError(f"{folder}/config.json names no decoder_start_token_id; the decoder cannot begin without it")
        self.start = int(start)
        ends = config.eos_token_id
        self.ends = frozenset(int(end) for end in (ends if isinstance(ends, list) else [ends]) if end is not None)
        self.cache = next(name for name in ("cache", "past_key_values") if name in signature(model.forward).parameters)

    def next_logits(self, inputs: Sequence[Ids], start: Ids, tokens: Sequence[int] | None) -> NDArray[np.float32]:
        """float32 (n, tokens)."""
        width = int(self.model.config.vocab_size) if tokens is None else len(tokens)
        out = np.empty((len(inputs), width), np.float32)
        written = torch.tensor([self.start, *start.tolist()], device=self.device)

        def work(rows: NDArray[np.int64]) -> None:
            ids, mask = self._padded([inputs[row] for row in rows], self.pad)
            steps = written.expand(len(rows), -1)
            logits = self.model(input_ids=ids, attention_mask=mask, decoder_input_ids=steps, use_cache=False).logits[:, -1]
            chosen = logits[:, :width] if tokens is None else logits[:, list(tokens)]
            out[rows] = chosen.float().cpu().numpy()

        self._for_batches(work, [len(ids) for ids in inputs])
        return out

    def log_likelihood(self, pairs: Sequence[tuple[Ids, Ids]]) -> NDArray[np.float32]:
        """float32 (n,)."""
        out = np.zeros(len(pairs), np.float32)

        def work(rows: NDArray[np.int64]) -> None:
            ids, mask = self._padded([pairs[row][0] for row in rows], self.pad)
            labels, counted = self._padded([pairs[row][1] for row in rows], self.pad)
            steps = torch.cat((torch.full_like(labels[:, :1], self.start), labels[:, :-1]), dim=1)
            logits = self.model(input_ids=ids, attention_mask=mask, decoder_input_ids=steps, use_cache=False).logits.float()
            likely = logits.log_softmax(dim=-1).gather(2, labels[:, :, None])[:, :, 0]
            out[rows] = (likely * counted).sum(dim=1).cpu().numpy()

        wanted = np.array([row for row, (_, labels) in enumerate(pairs) if len(labels)], np.int64)
        self._for_batches(lambda rows: work(wanted[rows]), [sum(map(len, pairs[row])) for row in wanted])
        return out

    def generate(self, groups: Sequence[Sequence[Ids]], start: Ids, most: int) -> list[list[int]]:
        """The ids of one text a group, greedily, `start` included; the encodings of a group's texts stand one after the other."""
        out: list[list[int]] = [[] for _ in groups]

        def work(rows: NDArray[np.int64]) -> None:
            for row, ids in zip(rows.tolist(), self._write([groups[row] for row in rows], start, most), strict=True):
                out[row] = ids

        self._for_batches(work, [sum(map(len, texts)) for texts in groups])
        return out

    def _write(self, groups: Sequence[Sequence[Ids]], start: Ids, most: int) -> list[list[int]]:
        states, mask = self.fused(groups)
        outputs = require("transformers.modeling_outputs", extra="models").BaseModelOutput(last_hidden_state=states)
        steps = torch.tensor([self.start, *start.tolist()], device=self.device).expand(len(groups), -1)
        written: list[list[int]] = [start.tolist() for _ in groups]
        running = set(range(len(groups)))
        past = None
        for _ in range(most):
            kept = {self.cache: past}  # transformers 5.23 gave it a new name
            done = self.model(encoder_outputs=outputs, attention_mask=mask, decoder_input_ids=steps, use_cache=True, **kept)
            past, newest = done[self.cache], done.logits[:, -1:]
            if newest.isnan().any():
                raise NotANumber(f"{self.folder}: logits are not numbers; the weights overflow or are damaged")
            steps = newest.argmax(dim=-1)
            for row, token in enumerate(steps[:, 0].tolist()):
                if row in running and token in self.ends:
                    running.remove(row)
                elif row in running:
                    written[row].append(token)
            if not running:
                break
        return written

    def fused(self, groups: Sequence[Sequence[Ids]]) -> tuple[Tensor, Tensor]:
        """(groups, tokens, width) states of the encoder, each group's texts one after the other, and which of them are none."""
        ids, mask = self._padded([ids for texts in groups for ids in texts], self.pad)
        states = self.model.get_encoder()(input_ids=ids, attention_mask=mask).last_hidden_state
        if all(len(texts) == 1 for texts in groups):
            return states, mask
        lengths = [sum(map(len, texts)) for texts in groups]
        fused = states.new_zeros(len(groups), max(lengths), states.shape[-1])
        fused_mask = mask.new_zeros(len(groups), max(lengths))
        row = 0
        for group, texts in enumerate(groups):
            fused[group, : lengths[group]] = torch.cat([states[row + i, : len(ids)] for i, ids in enumerate(texts)])
            fused_mask[group, : lengths[group]] = 1
            row += len(texts)
        return fused, fused_mask

    def _padded(self, rows: Sequence[Ids], pad: int) -> tuple[Tensor, Tensor]:
        """int64 (n, longest): ids, padded at the end, and 1 where there is one."""
        longest = max(len(row) for row in rows)
        ids = np.full((len(rows), longest), pad, np.int64)
        mask = np.zeros((len(rows), longest), np.int64)
        for place, row in enumerate(rows):
            ids[place, : len(row)] = row
            mask[place, : len(row)] = 1
        return torch.from_numpy(ids).to(self.device), torch.from_numpy(mask).to(self.device)

    def _for_batches(self, work: Callable[[NDArray[np.int64]], None], lengths: Sequence[int]) -> None:
        counts = np.array(lengths, np.int64)
        budget = batch_budget(self.batch_tokens, device=self.device, tokens=int(counts.sum()))
        for_each(work, batches_by_budget(counts, budget), device=self.device)
