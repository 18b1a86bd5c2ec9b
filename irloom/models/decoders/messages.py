"""Messages of a chat, and what becomes of them where a model's template lacks a role."""

from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias

Role: TypeAlias = Literal["system", "user", "assistant"]


class Message(NamedTuple):
    """One turn of a chat."""

    role: Role
    content: str


def without_system(messages: Sequence[Message]) -> list[Message]:
    r"""The same messages with the system's text before the first user's, for templates that know no system role.

    >>> without_system([Message("system", "Be brief."), Message("user", "Why?")])
    [Message(role='user', content='Be brief.\n Why?')]
    """
    system = "".join(f"{message.content}\n " for message in messages if message.role == "system")
    rest = [message for message in messages if message.role != "system"]
    first = next((place for place, message in enumerate(rest) if message.role == "user"), None)
    if first is None:
        return [Message("user", system.removesuffix("\n ")), *rest] if system else rest
    return [*rest[:first], Message("user", system + rest[first].content), *rest[first + 1 :]]


def plain_text(messages: Sequence[Message]) -> str:
    """The contents, one a line, for models without a chat template."""
    return "\n".join(message.content for message in messages)
