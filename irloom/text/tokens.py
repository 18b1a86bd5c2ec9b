"""Unicode word breaking: the words of UAX #29 that hold a letter or a digit, as Lucene's StandardTokenizer picks them.

Text is first cut into chunks at white space and at the ASCII characters that always break a word (`Chunks`); a chunk's tokens do not
depend on its neighbours, so they can be remembered by chunk.
"""

import re
import unicodedata
from functools import cache
from typing import Final

MAX_TOKEN: Final = 255
"""Longer tokens are cut into pieces of this length, as StandardTokenizer cuts them."""

HAN: Final = "\u2e80-\u2fd5\u3005\u3007\u3021-\u3029\u3038-\u303b\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
HIRAGANA: Final = "\u3041-\u3096\u309d-\u309f\U0001b001-\U0001b11f\U0001f200"
KATAKANA: Final = "\u3031-\u3035\u309b\u309c\u30a0-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u32d0-\u32fe\u3300-\u3357\uff66-\uff9d"
HANGUL: Final = "\u1100-\u11ff\u3131-\u318e\ua960-\ua97c\uac00-\ud7a3\ud7b0-\ud7fb\uffa0-\uffdc"

_APOSTROPHES = str.maketrans({"\u2019": "'", "\u02bc": "'", "\uff07": "'", "\u00ad": None, "\u2060": None, "\ufeff": None})
_CONNECTORS = r"_\u203f\u2040\u2054\ufe33\ufe34\ufe4d-\ufe4f\uff3f"
_MID_LETTER = r".':\u00b7\u0387\u055f\u05f4\u2018\u2024\u2027\ufe13\ufe52\ufe55\uff0e\uff1a"
_MID_NUMBER = r".',;\u037e\u0589\u060c\u060d\u066c\u07f8\u2018\u2024\u2044\ufe10\ufe14\ufe50\ufe52\ufe54\uff0c\uff0e\uff1b"
_EMOJI = "\u2600-\u27bf\U0001f000-\U0001f1e5\U0001f300-\U0001f3fa\U0001f400-\U0001faff"

_ASCII_WORD = re.compile(r"[A-Za-z0-9_]+(?:(?:(?<=[A-Za-z])[.':](?=[A-Za-z])|(?<=[0-9])[.',;](?=[0-9]))[A-Za-z0-9_]+)*")


class Chunks:
    """Cuts text at white space and at every ASCII character that is neither a letter nor a digit nor kept.

    Args:
        keep: ASCII characters besides letters and digits that stay.
        lower: whether ASCII letters are put in lower case.

    Attributes:
        table: what each of the 256 bytes of UTF-8 becomes; a blank for what breaks a word. Text is then cut at white space.
        edges: 1 for the bytes that can be taken off at the ends of a chunk, since they join words but are none; 0 for the others.
    """

    def __init__(self, keep: str, *, lower: bool) -> None:
        kept = {ord(character) for character in keep} | {code for code in range(128) if chr(code).isalnum()}
        table = bytearray(code if code >= 128 or code in kept else 32 for code in range(256))
        if lower:
            table[ord("A") : ord("Z") + 1] = b"abcdefghijklmnopqrstuvwxyz"
        self.table = bytes(table)
        self.edges = bytes(chr(code) in keep and code != ord("_") for code in range(256))

    def __call__(self, text: str) -> list[str]:
        """The chunks of a text, in order; none is empty."""
        return text.encode("utf-8", "surrogatepass").translate(self.table).decode("utf-8", "surrogatepass").split()


def unicode_tokens(chunk: str) -> list[str]:
    """The words of a text or chunk, case kept.

    Inner apostrophes, dots and colons between letters and dots, commas, apostrophes and semicolons between digits stay inside a word. An
    ideograph or a hiragana is a token of its own, a run of katakana is one token, so is an emoji sequence.

    Paper:
        Unicode Standard Annex #29, section 4.1.1, rules WB3c to WB13b.
    Differs:
        Text is composed (NFC) first, curved apostrophes become straight ones, and soft hyphens vanish, so that one word has one
        spelling. Runs of Thai, Lao, Khmer or Myanmar letters stay one token, as with Lucene, and are not parted from Latin letters
        that touch them.

    >>> unicode_tokens("Don't pay 3.50 to the U.S.A., ok?")
    ["Don't", 'pay', '3.50', 'to', 'the', 'U.S.A', 'ok']
    """
    bare = chunk.strip(".,:;'")
    if bare.isascii() and bare.isalnum() and len(bare) <= MAX_TOKEN:
        return [bare]
    found = _ASCII_WORD.findall(chunk) if chunk.isascii() else word_pattern().findall(normalised(chunk))
    return [piece for token in found for piece in pieces(token)]


def pieces(token: str) -> list[str]:
    """The token, cut if it is too long; nothing if it holds no letter or digit but connectors alone."""
    if len(token) > MAX_TOKEN:
        return [piece for start in range(0, len(token), MAX_TOKEN) for piece in pieces(token[start : start + MAX_TOKEN])]
    return [token] if token.strip("_\u203f\u2040\u2054\ufe33\ufe34\ufe4d\ufe4e\ufe4f\uff3f") else []


def normalised(text: str) -> str:
    """Text composed (NFC), with straight apostrophes and without soft hyphens, word joiners and byte order marks."""
    return unicodedata.normalize("NFC", text).translate(_APOSTROPHES)


@cache
def word_pattern(*, bigrams: bool = False) -> re.Pattern[str]:
    """The pattern of one token in text beyond ASCII.

    Args:
        bigrams: whether runs of Han, kana and Hangul are matched whole, for the CJK analyzer to cut.
    """
    marks, other_numbers = _classes()
    cjk = HAN + HIRAGANA + KATAKANA + (HANGUL if bigrams else "")
    letter = rf"[^\W\d{_CONNECTORS}{other_numbers}{cjk}]"
    start = rf"[^\W{other_numbers}{cjk}]|[{_CONNECTORS}]"
    joint = rf"(?<![\d{_CONNECTORS}])[{_MID_LETTER}](?={letter})|(?<=\d)[{_MID_NUMBER}](?=\d)|(?<=[\u05d0-\u05ea])\"(?=[\u05d0-\u05ea])"
    word = rf"(?:{start})(?:{start}|[{marks}])*(?:(?:{joint})(?:{start}|[{marks}])+)*"
    runs = (
        rf"[{cjk}{HANGUL}](?:[{cjk}{HANGUL}]|[{marks}])*" if bigrams else rf"[{HAN}{HIRAGANA}][{marks}]*|[{KATAKANA}][{KATAKANA}{marks}]*"
    )
    one = rf"[{_EMOJI}][\ufe0f\U0001f3fb-\U0001f3ff]*"
    return re.compile(rf"{runs}|[\U0001f1e6-\U0001f1ff]{{2}}|{one}(?:\u200d{one})*|{word}")


@cache
def _classes() -> tuple[str, str]:
    """Ranges of the characters that extend what stands before them (Extend, Format, ZWJ), and of numbers that are no digits (such as ½)."""
    marks: list[int] = []
    numbers: list[int] = []
    for code in (*range(0x80, 0x20000), *range(0xE0100, 0xE01F0)):
        category = unicodedata.category(chr(code))
        if category in ("Mn", "Mc", "Me", "Cf") and code != 0x200B:
            marks.append(code)
        elif category == "No":
            numbers.append(code)
    return _ranges(marks), _ranges(numbers)


def _ranges(codes: list[int]) -> str:
    """Sorted code points as the inside of a character class."""
    bounds: list[list[int]] = []
    for code in codes:
        if bounds and bounds[-1][1] == code - 1:
            bounds[-1][1] = code
        else:
            bounds.append([code, code])
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in bounds)
