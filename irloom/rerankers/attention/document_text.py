"""What a model reads of a document."""

from dataclasses import dataclass

from irloom.core.types import Document
from irloom.models.settings import at_least


@dataclass(frozen=True, slots=True)
class DocumentText:
    r"""Title, a line break, and the first words of the body, without blanks around them.

    Args:
        words: how many words of the body, counted between single blanks; None for all.
        title: whether the title stands before it.

    Raises:
        BadValue: `words` is less than 1.

    >>> DocumentText(words=2)(Document("d", "red fox runs", title="Fox"))
    'Fox\nred fox'
    """

    words: int | None = 300
    title: bool = True

    def __post_init__(self) -> None:
        at_least("words", self.words, 1)

    def __call__(self, document: Document) -> str:
        """The text of a document; it may be empty."""
        body = document.text if self.words is None else " ".join(document.text.split(" ", self.words)[: self.words])
        return f"{document.title}\n{body}".strip() if self.title else body.strip()
