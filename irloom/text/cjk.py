"""Chinese, Japanese and Korean as overlapping pairs of characters, as Lucene's CJKAnalyzer makes them."""

import re
import unicodedata
from functools import cache

from irloom.text.tokens import HAN, HANGUL, HIRAGANA, KATAKANA, normalised, pieces, unicode_tokens, word_pattern

_WIDTHS = re.compile("[\uff00-\uffef]+")


def cjk_tokens(chunk: str) -> list[str]:
    """Bigrams over each run of Han, kana and Hangul, a run of one as it is; other words as `unicode_tokens` gives them.

    Full-width letters and half-width katakana are put in their usual width first.

    Differs:
        Hangul that touches Latin letters is parted from them, and full-width commas and dots are folded before words are found.

    >>> cjk_tokens("多くの学生が試験に落ちた。")
    ['多く', 'くの', 'の学', '学生', '生が', 'が試', '試験', '験に', 'に落', '落ち', 'ちた']
    """
    if chunk.isascii():
        return unicode_tokens(chunk)
    text = normalised(_WIDTHS.sub(lambda run: unicodedata.normalize("NFKC", run[0]), chunk))
    tokens: list[str] = []
    for token in word_pattern(bigrams=True).findall(text):
        if _run_start().match(token):
            tokens += [token[place : place + 2] for place in range(len(token) - 1)] if len(token) > 1 else [token]
        else:
            tokens += pieces(token)
    return tokens


@cache
def _run_start() -> re.Pattern[str]:
    return re.compile(f"[{HAN}{HIRAGANA}{KATAKANA}{HANGUL}]")
