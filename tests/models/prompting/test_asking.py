"""What is shown of a query."""

import pytest

from irloom.core.errors import BadValue
from irloom.models.prompting.asking import Asking
from irloom.models.prompting.endpoint_prompts import EndpointPrompts
from tests.fakes_llm import FakeGenerator


def test_a_query_is_shown_whole_or_by_its_first_tokens() -> None:
    generator = FakeGenerator([""])
    assert Asking(generator).shown_query("a red fox") == "a red fox"
    assert Asking(generator, query_tokens=2).shown_query("a red fox") == "a red"
    assert Asking(generator, query_tokens=2).shown_query("a red fox", lambda text, most: text.upper()[:most]) == "A "


def test_the_model_is_opened_once() -> None:
    asking = Asking(FakeGenerator([""]))
    assert isinstance(asking.prompts, EndpointPrompts)
    assert asking.prompts is asking.prompts
    asking.warm_up()


@pytest.mark.parametrize("name", ["query_tokens", "document_tokens"])
def test_no_tokens_are_none(name: str) -> None:
    with pytest.raises(BadValue, match=name):
        Asking(FakeGenerator([""]), **{name: 0})  # type: ignore[arg-type]
