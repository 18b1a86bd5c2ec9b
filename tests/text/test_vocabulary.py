from hypothesis import given
from hypothesis import strategies as st

from irloom.text.analyzer import Analyzer
from irloom.text.vocabulary import Vocabulary


@given(st.lists(st.lists(st.sampled_from(["cats", "dog's", "the", "running,", "\ud800", "été", "x-y"])).map(" ".join)))
def test_numbers_are_the_analyzers_terms(texts: list[str]) -> None:
    analyzer = Analyzer.english()
    vocabulary = Vocabulary(analyzer)
    numbers, offsets = vocabulary.encode(texts)
    terms = vocabulary.terms
    decoded = [[terms[number] for number in numbers[offsets[row] : offsets[row + 1]]] for row in range(len(texts))]
    assert decoded == analyzer.token_lists(texts)
    assert len(vocabulary) == len(terms) == len(set(terms))
    again, _ = vocabulary.encode(texts)
    assert again.tolist() == numbers.tolist()
