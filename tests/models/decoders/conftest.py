"""Small decoders, each made once a session."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from irloom.models.decoders.decoder import Decoder
from tests.models.decoders.tiny_decoders import FAMILIES, save_decoder


@pytest.fixture(scope="session")
def decoder_folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder of a family's small decoder."""
    made: dict[str, Path] = {}

    def folder(family: str) -> Path:
        if family not in made:
            made[family] = save_decoder(tmp_path_factory.mktemp(family), family)
        return made[family]

    return folder


@pytest.fixture(scope="session")
def decoder_of(decoder_folder: Callable[[str], Path]) -> Callable[[str], Decoder]:
    """A family's small decoder, loaded."""
    made: dict[str, Decoder] = {}

    def decoder(family: str) -> Decoder:
        if family not in made:
            made[family] = Decoder(decoder_folder(family), device="cpu")
        return made[family]

    return decoder


@pytest.fixture(scope="session")
def plain_of(decoder_folder: Callable[[str], Path]) -> Callable[[str], Any]:
    """The same model as transformers computes it with eager attention: the truth to compare with."""
    transformers = pytest.importorskip("transformers")
    made: dict[str, Any] = {}

    def plain(family: str) -> Any:
        if family not in made:
            folder = str(decoder_folder(family))
            made[family] = transformers.AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager").eval()
        return made[family]

    return plain


@pytest.fixture(params=sorted(FAMILIES))
def family(request: pytest.FixtureRequest) -> str:
    """Each family once."""
    return str(request.param)


@pytest.fixture
def llama(decoder_of: Callable[[str], Decoder]) -> Decoder:
    """A small Llama."""
    return decoder_of("llama")
