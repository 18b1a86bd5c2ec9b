"""Asking: what all have in common that show a language model a query and documents, of which it reads some tokens at most."""

from irloom.core.once import Once
from irloom.models.prompting.contract import PromptModel
from irloom.models.prompting.fitting import Shorten
from irloom.models.prompting.opening import LanguageModel, open_prompts
from irloom.models.settings import at_least


class Asking:
    """A language model and how much of the texts it is shown.

    Args:
        model: a folder, a hub id, a Decoder, a Seq2Seq or a Generator.
        query_tokens: tokens of a query at most, 1 or more; None for all of it.
        document_tokens: tokens of a document at most, 1 or more.

    Raises:
        BadValue: a number is less than 1.
    """

    def __init__(self, model: LanguageModel, *, query_tokens: int | None = None, document_tokens: int = 128) -> None:
        at_least("query_tokens", query_tokens, 1)
        at_least("document_tokens", document_tokens, 1)
        self.model, self.query_tokens, self.document_tokens = model, query_tokens, document_tokens
        self._prompts: Once[PromptModel] = Once()

    @property
    def prompts(self) -> PromptModel:
        """The model; its weights load at first use."""
        return self._prompts.get(lambda: open_prompts(self.model))

    def warm_up(self) -> None:
        """Loads the weights."""
        self.prompts.warm_up()

    def shown_query(self, text: str, shorten: Shorten | None = None) -> str:
        """What the model is shown of a query's text.

        Args:
            text: all of it.
            shorten: the model's own, or one that remembers what it shortened, for queries that are in many prompts.
        """
        return text if self.query_tokens is None else (shorten or self.prompts.shorten)(text, self.query_tokens)
