"""Vocabulary: the terms of chunks of text as numbers. What an index builder keeps, without a string per token."""

from irloom.text.analyzer import Analyzer


class Vocabulary:
    """Numbers the terms of the chunks that it is given, in the order in which they are first seen.

    Not safe to share between threads.

    Args:
        analyzer: makes the terms.

    >>> vocabulary = Vocabulary(Analyzer.english())
    >>> [vocabulary.numbers(chunk) for chunk in ["cats", "and", "dogs", "cat"]], vocabulary.terms
    ([[0], [], [1], [0]], ['cat', 'dog'])
    """

    def __init__(self, analyzer: Analyzer) -> None:
        self.analyzer = analyzer
        self._numbers: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    @property
    def terms(self) -> list[str]:
        """The terms; a term's number is its place."""
        return list(self._numbers)

    def numbers(self, chunk: str) -> list[int]:
        """The numbers of the terms of a chunk, in order."""
        numbers = self._numbers
        return [numbers.setdefault(term, len(numbers)) for term in self.analyzer.analyse_chunk(chunk)]
