from hypothesis import given
from hypothesis import strategies as st

from irloom.text.analyzer import Analyzer
from irloom.text.vocabulary import Vocabulary


@given(st.lists(st.sampled_from(["cats", "dog's", "the", "running,", "\ud800", "été", "x-y"])))
def test_numbers_are_the_analyzers_terms(chunks: list[str]) -> None:
    analyzer = Analyzer.english()
    vocabulary = Vocabulary(analyzer)
    numbers = [vocabulary.numbers(chunk) for chunk in chunks]
    terms = vocabulary.terms
    assert [[terms[number] for number in row] for row in numbers] == analyzer.token_lists(chunks)
    assert len(vocabulary) == len(terms) == len(set(terms))
    assert [vocabulary.numbers(chunk) for chunk in chunks] == numbers
