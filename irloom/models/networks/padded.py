"""Any transformers model as a network: pads to the longest sequence of the batch and drops the padding again."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from irloom.models.batching import Pack


class PaddedNetwork:
    """A transformers model behind the packed joint. Sequences are padded at the right."""

    name = "transformers"

    def __init__(self, model: Any, device: str) -> None:
        self.model = model.to(device).eval()
        self.device = device
        self.width = int(model.config.hidden_size)
        self.pad_id = int(getattr(model.config, "pad_token_id", None) or 0)

    def inputs(self, batch: Pack) -> dict[str, Tensor]:
        """input_ids and attention_mask, int64 (n, longest), and token_type_ids where a sequence has any but 0."""
        lengths = batch.lengths
        mask = np.arange(int(lengths.max(initial=0)))[None, :] < lengths[:, None]
        ids = np.full(mask.shape, self.pad_id, dtype=np.int64)
        ids[mask] = batch.ids
        arrays = {"input_ids": ids, "attention_mask": mask.astype(np.int64)}
        if batch.types is not None:
            types = np.zeros(mask.shape, dtype=np.int64)
            types[mask] = batch.types
            arrays["token_type_ids"] = types
        return {name: torch.from_numpy(array).to(self.device) for name, array in arrays.items()}

    def hidden(self, batch: Pack) -> Tensor:
        inputs = self.inputs(batch)
        states: Tensor = self.model(**inputs).last_hidden_state
        return states[inputs["attention_mask"].bool()]
