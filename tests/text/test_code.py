import pytest
from hypothesis import given
from hypothesis import strategies as st

from irloom.text.code import code_tokens

CASES = {
    "camelCase": "camel Case",
    "PascalCase": "Pascal Case",
    "snake_case __init__ _private": "snake case init private",
    "SCREAMING_SNAKE": "SCREAMING SNAKE",
    "HTTPServer": "HTTP Server",
    "parseHTTPResponse": "parse HTTP Response",
    "getX x2y utf8 SHA256sum": "get X x 2 y utf 8 SHA 256 sum",
    "userIDs URLs DSet": "user IDs URLs D Set",
    "os.path.join(a, b)": "os path join a b",
    "größe_höhe café2": "größe höhe café 2",
    "x = {'k': 0x1F}": "x k 0 x 1 F",
}


@pytest.mark.parametrize(("text", "expected"), CASES.items())
def test_identifiers_are_split(text: str, expected: str) -> None:
    assert code_tokens(text) == expected.split()


@given(st.text("abAB01_"))
def test_no_letter_or_digit_is_lost(text: str) -> None:
    assert "".join(code_tokens(text)) == text.replace("_", "")
