"""Program text to words: identifiers are split where camelCase, snake_case and digits join them."""

import re

from irloom.text.tokens import normalised, pieces

_PART = re.compile(r"[A-Z]{2,}s(?![A-Za-z])|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_WORD = re.compile(r"[^\W\d_]+|\d+")


def code_tokens(chunk: str) -> list[str]:
    """The parts of the identifiers in a chunk, case kept. Capitals in a row are one part, but for a last one that starts a word.

    >>> code_tokens("HTTPServer.parse_url2path(userIDs)")
    ['HTTP', 'Server', 'parse', 'url', '2', 'path', 'user', 'IDs']
    """
    if chunk.isascii():
        return [piece for part in _PART.findall(chunk) for piece in pieces(part)]
    return [piece for word in _WORD.findall(normalised(chunk)) for piece in (pieces(word) if not word.isascii() else code_tokens(word))]
