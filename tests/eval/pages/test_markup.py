import json
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from irloom.eval.pages.markup import foreign, json_block, plain, printable, table


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def read(markup: str) -> _Text:
    parser = _Text()
    parser.feed(markup)
    parser.close()
    return parser


@given(st.text())
def test_any_text_comes_back_as_text(text: str) -> None:
    back = read(foreign(text))
    assert back.tags == ["bdi"]
    assert back.text == printable(text)


@given(st.recursive(st.text() | st.integers() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5))
def test_any_json_comes_back(content: object) -> None:
    """A surrogate cannot be written as UTF-8 and U+FFFE is no character of HTML; all else is as it was."""
    block = json_block(content, identity="data")
    inside = block.removeprefix('<script type="application/json" id="data">').removesuffix("</script>\n")
    assert not set("<>&").intersection(inside)
    assert json.loads(inside) == json.loads(printable(json.dumps(content, ensure_ascii=False)))
    assert read(block).tags == ["script"]


def test_what_html_cannot_hold_is_replaced() -> None:
    assert printable("a\x00b\x1bc\x85d\ud800e\ufffef\ng\th") == "a\ufffdb\ufffdc\ufffdd\ufffde\ufffdf\ng\th"
    assert plain("<a href='x'>&") == "&lt;a href=&#x27;x&#x27;&gt;&amp;"


def test_a_number_that_json_lacks_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        json_block(float("nan"), identity="data")


def test_a_table_has_headings_with_scopes_and_a_caption() -> None:
    markup = table(plain("Means"), [plain("system"), plain("RR")], [[plain("a"), plain("0.5")]], identity="means")
    assert '<th scope="col">system</th><th scope="col" class="number">RR</th>' in markup
    assert '<th scope="row">a</th><td class="number">0.5</td>' in markup
    assert '<caption id="means-caption">Means</caption>' in markup
    assert 'tabindex="0" aria-labelledby="means-caption"' in markup
