"""Word breaking. The first cases are those that StandardTokenizer's own tests state."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from irloom.text.tokens import MAX_TOKEN, Chunks, pieces, unicode_tokens

CASES = {
    # The cases of Lucene
    "foo bar FOO BAR": "foo bar FOO BAR",
    "foo      bar .  FOO <> BAR": "foo bar FOO BAR",
    '"QUOTED" word': "QUOTED word",
    "R2D2 C3PO B2B": "R2D2 C3PO B2B",
    "O'Reilly you're she's Jim's don't O'Reilly's": "O'Reilly you're she's Jim's don't O'Reilly's",
    "C++ C# some-dashed-phrase ac/dc": "C C some dashed phrase ac dc",
    "dogs,chase,cats": "dogs chase cats",
    "21.35 216.239.63.104 1-2-3 1.0-1.1": "21.35 216.239.63.104 1 2 3 1.0 1.1",
    "U.S.A. I.B.M": "U.S.A I.B.M",
    "我是中国人。 １２３４ Ｔｅｓｔｓ ": "我 是 中 国 人 １２３４ Ｔｅｓｔｓ",
    "안녕하세요 한글입니다": "안녕하세요 한글입니다",
    "Վիքիպեդիայի 13 միլիոն հոդվածները": "Վիքիպեդիայի 13 միլիոն հոդվածները",
    "การที่ได้ต้องแสดงว่างานดี. แล้วเธอจะไปไหน? ๑๒๓๔": "การที่ได้ต้องแสดงว่างานดี แล้วเธอจะไปไหน ๑๒๓๔",
    "Γράφεται σε συνεργασία από εθελοντές με το λογισμικό wiki": "Γράφεται σε συνεργασία από εθελοντές με το λογισμικό wiki",
    "仮名遣い カタカナ": "仮 名 遣 い カタカナ",
    "💩 💩💩": "💩 💩 💩",
    # UAX #29: WB6 and WB7 (colon, middle dot), WB11 and WB12 (numbers), WB13a and WB13b (connectors)
    "foo:bar c·d 1,000.5 1;2 3'4": "foo:bar c·d 1,000.5 1;2 3'4",
    "a.1 1.a a..b 1,,2 'quoted' x' .5": "a 1 1 a a b 1 2 quoted x 5",
    "snake_case _x y_ __ _": "snake_case _x y_",
    # WB4: marks stay with their letter; WB7b: gershayim within Hebrew
    "नमस्ते दुनिया": "नमस्ते दुनिया",
    'צה"ל "שלום"': 'צה"ל שלום',
    # numbers that are not digits break words
    "m² 10½ ①": "m 10",
    # Differs: composed, straight apostrophes, no soft hyphens
    "cafe\u0301 don\u2019t co\u00adop": "café don't coop",
    "🇩🇪🇫🇷 👩\u200d🔬": "🇩🇪 🇫🇷 👩\u200d🔬",
}


@pytest.mark.parametrize(("text", "expected"), CASES.items())
def test_words(text: str, expected: str) -> None:
    assert unicode_tokens(text) == expected.split()


def test_long_words_are_cut_as_lucene_cuts_them() -> None:
    assert [len(token) for token in unicode_tokens("x" * (2 * MAX_TOKEN + 3))] == [MAX_TOKEN, MAX_TOKEN, 3]
    assert pieces("_" * 300) == []


@given(st.text(st.characters(exclude_categories=[])))
def test_tokens_are_words_of_the_text_and_depend_on_their_chunk_alone(text: str) -> None:
    tokens = unicode_tokens(text)
    for token in tokens:
        assert 0 < len(token) <= MAX_TOKEN
        assert not any(character.isspace() for character in token)
        token.encode()
    chunks = Chunks("_.':,;\"", lower=False)(text)
    assert [token for chunk in chunks for token in unicode_tokens(chunk)] == tokens


@given(st.text("aB1_.,:;'\" -é中あカ한\u0301\u200d²", max_size=12))
def test_chunks_hold_near_every_boundary(text: str) -> None:
    chunks = Chunks("_.':,;\"", lower=False)(text)
    assert [token for chunk in chunks for token in unicode_tokens(chunk)] == unicode_tokens(text)


@given(st.text("aZ09_.,:;'\" -/\n"))
def test_ascii_and_unicode_rules_agree(text: str) -> None:
    assert unicode_tokens(text) == unicode_tokens(text + " é")[:-1]
