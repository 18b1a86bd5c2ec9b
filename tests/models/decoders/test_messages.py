"""Messages where a template knows fewer roles."""

from irloom.models.decoders.messages import Message, plain_text, without_system

CHAT = [Message("system", "Be brief."), Message("user", "Why?"), Message("assistant", "So."), Message("user", "And?")]


def test_the_system_text_goes_before_the_first_user_text() -> None:
    merged = without_system(CHAT)
    assert merged == [Message("user", "Be brief.\n Why?"), *CHAT[2:]]
    assert without_system(CHAT[1:]) == CHAT[1:]


def test_a_chat_without_user_gets_one() -> None:
    assert without_system(CHAT[:1]) == [Message("user", "Be brief.")]
    assert without_system([]) == []


def test_plain_text_joins_contents() -> None:
    assert plain_text(CHAT) == "Be brief.\nWhy?\nSo.\nAnd?"
