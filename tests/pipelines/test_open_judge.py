"""What a command line says of a model becomes a judge."""

import pytest

from irloom.core.errors import BadValue, UnknownName
from irloom.pipelines.open_judge import open_judge

URL = "http://127.0.0.1:9/v1"


def test_a_server_is_asked_as_the_prompt_says() -> None:
    judge = open_judge("gpt", endpoint=URL, settings={"extra": {"seed": 1}, "workers": 2})
    server = judge._writer.model
    assert judge.name == "umbrela by gpt"
    assert server.extra == {"top_p": 1.0, "frequency_penalty": 0.5, "presence_penalty": 0.0, "seed": 1}  # type: ignore[union-attr]
    assert (server.workers, server.temperature) == (2, 0.0)  # type: ignore[union-attr]
    assert open_judge("gpt", endpoint=URL, prompt="llmjudge").fingerprint != judge.fingerprint


def test_a_model_of_this_machine_is_a_decoder() -> None:
    judge = open_judge("somewhere/model", settings={"dtype": "bfloat16"})
    assert judge._writer.decoder is not None
    assert judge.name == "umbrela by somewhere/model"


def test_what_cannot_be() -> None:
    with pytest.raises(UnknownName, match="umbrela"):
        open_judge("gpt", prompt="umbrella")
    with pytest.raises(UnknownName, match="Did you mean 'workers'"):
        open_judge("gpt", endpoint=URL, settings={"worker": 2})
    with pytest.raises(UnknownName, match="dtype"):
        open_judge("m", settings={"dtipe": "float32"})
    with pytest.raises(BadValue, match="--endpoint"):
        open_judge("gpt", endpoint=URL, settings={"base_url": URL})
    with pytest.raises(BadValue, match="temperature"):
        open_judge("gpt", endpoint=URL, samples=3)
    with pytest.raises(BadValue, match="endpoint"):
        open_judge("m", samples=3)
    with pytest.raises(BadValue, match="extra"):
        open_judge("gpt", endpoint=URL, settings={"extra": 3})
    for temperature in (0.6, None):  # None: the server's own
        assert open_judge("gpt", endpoint=URL, samples=3, settings={"temperature": temperature}).samples == 3
