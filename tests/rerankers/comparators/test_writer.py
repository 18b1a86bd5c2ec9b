"""One face for decoders and generators."""

from collections.abc import Sequence

from irloom.models.decoders.messages import Message
from irloom.rerankers.comparators.writer import Writer
from tests.fakes_llm import FakeDecoder, FakeGenerator

CHAT = [Message("system", "Be brief."), Message("user", "[1] whale\nwhale")]


class Bare:
    """A generator without a fingerprint."""

    def generate(self, prompts: Sequence[str], *, max_new_tokens: int) -> list[str]:
        return ["yes"] * len(prompts)


def test_a_decoder() -> None:
    writer = Writer(FakeDecoder())
    (written,) = writer.write([CHAT], start="", max_new_tokens=5)
    assert written.text == "[1]"
    assert written.prompt_tokens == writer.prompt_tokens(CHAT, start="") > 5
    assert written.new_tokens == writer.tokens("[1]") == 3
    assert writer.fingerprint == FakeDecoder().fingerprint
    assert writer.write([], start="", max_new_tokens=5) == []


def test_a_generator() -> None:
    generator = FakeGenerator(["fine"])
    writer = Writer(generator)
    assert writer.write([CHAT], start="> ", max_new_tokens=5)[0].text == "fine"
    assert generator.prompts == ["Be brief.\n[1] whale\nwhale> "]
    assert (writer.decoder, writer.prompt_tokens(CHAT, start=""), writer.tokens("four")) == (None, 0, 4)


def test_a_bare_generator() -> None:
    writer = Writer(Bare())
    writer.warm_up()
    assert writer.fingerprint == "Bare"
    assert [one.text for one in writer.write([CHAT, CHAT], start="", max_new_tokens=1)] == ["yes", "yes"]
