"""The prompts of model judges by name, filled with a query and a passage."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from irloom.core.errors import UnknownName
from irloom.data.prompts.llmjudge import LLMJUDGE, LLMJUDGE_SYSTEM
from irloom.data.prompts.umbrela import UMBRELA
from irloom.models.decoders.messages import Message

_PLACES = re.compile(r"\{query\}|\{passage\}")


@dataclass(frozen=True, slots=True)
class JudgePrompt:
    """How a judge is asked.

    Attributes:
        name: of the prompt.
        user: the user's message, with `{query}` and `{passage}` where they go.
        system: the system's message; "" for none.
        max_new_tokens: tokens that an answer may have.
        extra: what a request to a server says beside temperature and length, as published.
    """

    name: str
    user: str
    system: str
    max_new_tokens: int
    extra: Mapping[str, Any]

    def messages(self, query: str, passage: str) -> list[Message]:
        """The chat for one pair; braces in its texts are letters."""
        filled = _PLACES.sub(lambda found: query if found[0] == "{query}" else passage, self.user)
        return [*([Message("system", self.system)] if self.system else []), Message("user", filled)]


PROMPTS: Final[Mapping[str, JudgePrompt]] = {
    prompt.name: prompt
    for prompt in (
        JudgePrompt("umbrela", UMBRELA, "", 200, {"top_p": 1.0, "frequency_penalty": 0.5, "presence_penalty": 0.0}),
        JudgePrompt("llmjudge", LLMJUDGE, LLMJUDGE_SYSTEM, 256, {}),
    )
}


def prompt_named(name: str) -> JudgePrompt:
    """The prompt of that name.

    Raises:
        UnknownName: there is none.
    """
    if name not in PROMPTS:
        raise UnknownName("prompt", name, PROMPTS)
    return PROMPTS[name]
