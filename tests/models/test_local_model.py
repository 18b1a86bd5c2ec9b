"""What language models of this machine share; folders and hubs are in the tests of loading."""

from pathlib import Path

import pytest

from irloom.core.errors import BadValue, ModelError
from irloom.models.decoders.decoder import Decoder
from irloom.models.decoders.sequence_head import SequenceHead
from irloom.models.local_model import LocalModel
from irloom.models.seq2seq import Seq2Seq

KINDS = (Decoder, SequenceHead, Seq2Seq)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_looked_for_before_the_first_use(kind: type[LocalModel[object]], tmp_path: Path) -> None:
    model = kind(tmp_path / "none", dtype="bfloat16")
    assert (model.model, model.dtype) == (str(tmp_path / "none"), "bfloat16")
    with pytest.raises(ModelError, match="none"):
        _ = model.folder


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("setting", [{"dtype": "int8"}, {"max_tokens": 0}, {"batch_tokens": 0}])
def test_a_setting_out_of_its_range(kind: type[LocalModel[object]], setting: dict[str, object]) -> None:
    with pytest.raises(BadValue, match=next(iter(setting))):
        kind("a-model", **setting)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
def test_a_fingerprint_follows_weights_type_and_limit(kind: type[LocalModel[object]], tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    plain = kind(tmp_path)
    assert plain.fingerprint.startswith(f"{kind.name}:")
    assert kind(tmp_path, batch_tokens=64, device="cpu").fingerprint == plain.fingerprint
    assert kind(tmp_path, dtype="float16").fingerprint != plain.fingerprint
    assert kind(tmp_path, max_tokens=100).fingerprint != plain.fingerprint
    (tmp_path / "model.safetensors").write_bytes(b"others")
    assert kind(tmp_path).fingerprint != plain.fingerprint
