"""Markup that is safe to put together: a text becomes `Html` only by being escaped."""

import json
import re
from collections.abc import Sequence
from html import escape
from typing import NewType

Html = NewType("Html", str)
"""Markup; what is not of this type has not been escaped."""

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def printable(text: str) -> str:
    """The text with a replacement character for each control character and surrogate, which HTML and UTF-8 cannot hold."""
    return _UNPRINTABLE.sub("\ufffd", text)


def plain(text: str) -> Html:
    """Text of ours: escaped."""
    return Html(escape(printable(text)))


def foreign(text: str) -> Html:
    """Text of the data: escaped, and kept from turning its surroundings around where it runs from right to left."""
    return Html(f'<bdi dir="auto">{plain(text)}</bdi>')


def joined(parts: Sequence[Html], between: str = "") -> Html:
    """Markup in a row."""
    return Html(between.join(parts))


def table(caption: Html, head: Sequence[Html], rows: Sequence[Sequence[Html]], *, identity: str, words: int = 1) -> Html:
    """A table with scopes for its headings, in a box that scrolls by itself where the screen is narrow.

    Args:
        caption: what it shows.
        head: the titles of the columns.
        rows: the cells; the first of each is the row's heading.
        identity: the table's id.
        words: how many columns, from the left, are words; the others are numbers.
    """
    kinds = ["" if place < words else ' class="number"' for place in range(len(head))]
    titles = "".join(f'<th scope="col"{kind}>{cell}</th>' for cell, kind in zip(head, kinds, strict=True))
    lines = []
    for first, *rest in rows:
        cells = "".join(f"<td{kind}>{cell}</td>" for cell, kind in zip(rest, kinds[1:], strict=True))
        lines.append(f'<tr><th scope="row">{first}</th>{cells}</tr>\n')
    return Html(
        f'<div class="scroll" role="region" tabindex="0" aria-labelledby="{identity}-caption">\n'
        f'<table id="{identity}"><caption id="{identity}-caption">{caption}</caption>\n'
        f"<thead><tr>{titles}</tr></thead>\n<tbody>\n{''.join(lines)}</tbody></table></div>\n"
    )


def json_block(content: object, *, identity: str) -> Html:
    """A value for the page's script, which no text in it can end or open."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for letter in "<>&":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return Html(f'<script type="application/json" id="{identity}">{printable(text)}</script>\n')
