from pathlib import Path
from typing import Any

import numpy as np
import pytest

from irloom.models.batching import pack
from tests.models.tiny import save_model

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
packed_bert = pytest.importorskip("irloom.models.networks.packed_bert")
padded = pytest.importorskip("irloom.models.networks.padded")
SEQUENCES = [[2, 9, 30, 31, 3], [2, 9, 3], [2, 3], [2, 11, 3], [2, 12, 3]]


@pytest.mark.parametrize("activation", ["gelu", "relu", "silu", "gelu_new", "gelu_pytorch_tanh"])
@pytest.mark.parametrize("kind", ["bert", "electra", "roberta"])
def test_states_equal_the_padded_model(tmp_path: Path, kind: str, activation: str) -> None:
    model = transformers.AutoModel.from_pretrained(save_model(tmp_path, kind, hidden_act=activation)).eval()
    assert packed_bert.packable(model.config.to_dict())
    types: Any = None if kind == "roberta" else [[0, 0, 1, 1, 1], [0, 1, 1], [0, 0], [0, 0, 1], [0, 1, 1]]
    batch = pack(SEQUENCES, types)
    with torch.inference_mode():
        expected = padded.PaddedNetwork(model, "cpu").hidden(batch)
        network = packed_bert.PackedBert(model.config.to_dict(), model.state_dict())
        np.testing.assert_allclose(network.hidden(batch), expected, atol=1e-5)
        np.testing.assert_allclose(network.first(batch), expected[torch.from_numpy(batch.offsets[:-1])], atol=1e-5)


@pytest.mark.parametrize("change", [{"is_decoder": True}, {"hidden_act": "tanh"}, {"position_embedding_type": "relative_key"}])
def test_what_it_does_not_compute(change: dict[str, Any]) -> None:
    assert not packed_bert.packable(transformers.BertConfig(**{"pad_token_id": 0} | change).to_dict() | change)
    assert not packed_bert.packable(transformers.DistilBertConfig(activation="gelu").to_dict())
