"""What every generator on this machine promises; those behind HTTP are tested against servers of their own."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from irloom.core.contracts import Generator
from irloom.models.decoders.decoder import Decoder
from tests.fakes_llm import FakeDecoder, FakeGenerator
from tests.models.decoders.tiny_decoders import save_decoder

PROMPTS = ["The quick brown fox", "One", "The quick brown dog and [1] > [2]", "One"]


@pytest.fixture(scope="module", params=["decoder", "fake_decoder", "fake_generator"])
def generator(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generator:
    if request.param == "decoder":
        pytest.importorskip("torch")
        return Decoder(save_decoder(tmp_path_factory.mktemp("decoder")), device="cpu")
    return FakeDecoder() if request.param == "fake_decoder" else FakeGenerator(lambda prompt: prompt[::-1])


def test_one_answer_a_prompt_and_the_same_each_time(generator: Generator) -> None:
    found = generator.generate(PROMPTS, max_new_tokens=6)
    assert len(found) == len(PROMPTS)
    assert found[1] == found[3]
    assert generator.generate(PROMPTS, max_new_tokens=6) == found
    assert generator.generate([], max_new_tokens=6) == []


def test_prompts_do_not_change_each_other(generator: Generator) -> None:
    found = generator.generate(PROMPTS, max_new_tokens=6)
    assert [generator.generate([prompt], max_new_tokens=6)[0] for prompt in PROMPTS] == found


def test_eight_threads_agree(generator: Generator) -> None:
    found = generator.generate(PROMPTS, max_new_tokens=4)
    with ThreadPoolExecutor(8) as pool:
        for answers in pool.map(lambda _: generator.generate(PROMPTS, max_new_tokens=4), range(8)):
            assert answers == found
