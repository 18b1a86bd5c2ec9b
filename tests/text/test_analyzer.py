import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from irloom.core.errors import BadValue, UnknownName
from irloom.text.analyzer import Analyzer, analyzer_by_name
from irloom.text.stemming import LANGUAGES
from irloom.text.stopwords import stopwords

USUAL = ["english", "unicode", "code", "cjk", "german", "french", "turkish", "arabic", "hindi"]

# The first three rows are those of Lucene's tests of EnglishAnalyzer; the others were worked out by hand from the rules.
CASES = [
    ("english", "books book the", "book book"),
    ("english", "steven's steven\u2019s steven\uff07s", "steven steven steven"),
    ("english", "STEVEN'S", "steven"),
    ("english", "The U.S.A. isn't 3.50, e-mails: generalizations!", "u.s.a isn't 3.50 e mail gener"),
    ("english", "'s boys' O'Neil's", "s boi o'neil"),
    ("unicode", "The Boys' ÉTÉ", "the boys été"),
    ("code", "def parseHTTPResponses(self): the", "def pars http respons self"),
    ("cjk", "The 東京都 Tower", "東京 京都 tower"),
    ("german", "Die Häuser und der Gärten", "haus gart"),
    ("french", "L'avion qu\u2019il a piloté aujourd'hui", "avion pilot aujourd'hui"),
    ("italian", "dell'acqua fresche", "acqua fresc"),
    ("turkish", "İstanbul'da ISPARTA", "istanbul ıspar"),
    ("russian", "и важные вещи", "важн вещ"),
]


@pytest.mark.parametrize(("name", "text", "expected"), CASES)
def test_terms(name: str, text: str, expected: str) -> None:
    assert analyzer_by_name(name).tokens(text) == expected.split()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_drops_its_stop_words_however_they_are_cased(language: str) -> None:
    words = [word for word in stopwords(language) if word.upper().lower() == word]
    assert analyzer_by_name(language).tokens(" ".join([*words, *map(str.upper, words)])) == []


@pytest.mark.parametrize("name", USUAL)
@given(text=st.text(st.characters(exclude_categories=[])))
def test_any_text_gives_the_same_terms_each_time(name: str, text: str) -> None:
    analyzer = analyzer_by_name(name)
    terms = analyzer.tokens(text)
    assert analyzer.tokens(text) == terms
    assert analyzer.token_lists(["", text, text]) == [[], terms, terms]
    assert analyzer.tokens(f"{text} {text}") == terms * 2
    for term in terms:
        assert term
        assert not any(character.isspace() for character in term)
        term.encode()


@given(st.text(st.sampled_from("aBé'\u2019s .,:1_-東\u0301")))
def test_the_memo_changes_nothing(text: str) -> None:
    for name in USUAL:
        analyzer = analyzer_by_name(name)
        assert [*analyzer.analyse_chunk(text.lower() if analyzer.chunks("A") == ["a"] else text)] == analyzer.tokens(text)


def test_fingerprint_follows_the_rules_and_not_the_name() -> None:
    english = Analyzer.english()
    assert english.fingerprint == Analyzer.english().fingerprint == replace(english, name="other").fingerprint
    others = [replace(english, stopwords=frozenset()), replace(english, stemmer="english"), replace(english, possessives=False)]
    everything = [*others, english, *(analyzer_by_name(name) for name in USUAL[1:])]
    assert len({analyzer.fingerprint for analyzer in everything}) == len(everything)
    assert Analyzer.english().fingerprint == "4ba6637faf3d4e59"  # frozen: a collection on disk records it


@pytest.mark.parametrize("name", USUAL)
def test_parameters_make_it_again(name: str) -> None:
    analyzer = analyzer_by_name(name)
    assert Analyzer.from_parameters(analyzer.parameters) == analyzer
    analyzer.tokens("a text")
    copied = pickle.loads(pickle.dumps(analyzer))
    assert copied == analyzer
    assert copied.tokens("Some texts") == analyzer.tokens("Some texts")


def test_bad_parameters_are_refused() -> None:
    with pytest.raises(BadValue, match="stopwords"):
        Analyzer.from_parameters({**Analyzer.english().parameters, "stopwords": "the"})
    with pytest.raises(BadValue, match="stemmer"):
        Analyzer.from_parameters({"name": "x", "splitter": "unicode"})
    with pytest.raises(BadValue, match="splitter"):
        Analyzer(name="x", splitter="words")  # type: ignore[arg-type]
    with pytest.raises(UnknownName, match="porter"):
        Analyzer(name="x", stemmer="portr")
    with pytest.raises(UnknownName, match="Did you mean 'english'"):
        analyzer_by_name("englsh")
    with pytest.raises(UnknownName, match="Did you mean 'german'"):
        Analyzer.snowball("germn")


def test_it_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        Analyzer.english().name = "x"  # type: ignore[misc]
    assert hash(Analyzer.english()) == hash(Analyzer.english())


def test_threads_agree() -> None:
    analyzer = Analyzer.english()
    texts = [f"Generalizations number{number}'s of running dogs {number}.5" for number in range(500)]
    expected = Analyzer.english().token_lists(texts)
    with ThreadPoolExecutor(8) as pool:
        assert all(found == expected for found in pool.map(lambda _: analyzer.token_lists(texts), range(8)))


def test_long_texts_take_linear_time() -> None:
    for text in ("x" * 100_000, "word " * 20_000, "東" * 100_000, "." * 100_000, "a.b'" * 25_000, "AbC1" * 25_000, "é\u0301" * 50_000):
        for name in USUAL:
            analyzer_by_name(name).tokens(text)
