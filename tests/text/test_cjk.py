"""CJK bigrams. The cases are those that Lucene's tests of CJKAnalyzer state, but for the last three."""

import pytest

from irloom.text.cjk import cjk_tokens

CASES = {
    "一二三四五六七八九十": "一二 二三 三四 四五 五六 六七 七八 八九 九十",
    "一 二三四 五六七八九 十": "一 二三 三四 五六 六七 七八 八九 十",
    "abc defgh ijklmn opqrstu vwxy z": "abc defgh ijklmn opqrstu vwxy z",
    "あい": "あい",
    "あいうえおabcかきくけこ": "あい いう うえ えお abc かき きく くけ けこ",
    "あいうえおabんcかきくけ こ": "あい いう うえ えお ab ん c かき きく くけ こ",
    "あ": "あ",
    "多くの学生が試験に落ちた。": "多く くの の学 学生 生が が試 試験 験に に落 落ち ちた",
    "ﾃｽﾄ ｶﾞｲﾄﾞ ＡＢＣ１２": "テス スト ガイ イド ABC12",
    "서울abc 대한민국": "서울 abc 대한 한민 민국",
    "日本語、中文 don\u2019t": "日本 本語 中文 don't",
}


@pytest.mark.parametrize(("text", "expected"), CASES.items())
def test_bigrams(text: str, expected: str) -> None:
    assert cjk_tokens(text) == expected.split()
