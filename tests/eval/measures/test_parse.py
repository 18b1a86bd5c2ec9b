import pytest

from irloom.core.errors import BadValue, UnknownName
from irloom.eval.measures import AP, RR, Judged, Measure, P, R, Success, nDCG
from irloom.eval.measures.parse import parse_measure

SPELT = {
    "nDCG@10": nDCG(10),
    "nDCG": nDCG(),
    "nDCG(dcg='exp-log2')@10": nDCG(10, dcg="exp-log2"),
    "nDCG(rel=2)@10": nDCG(10, rel=2),
    "AP": AP(),
    "AP(rel=2)@100": AP(100, rel=2),
    "RR@10": RR(10),
    "P@5": P(5),
    "R@100": R(100),
    "R(rel=1)@1000": R(1000, rel=1),
    "Success@1": Success(1),
    "Judged@10": Judged(10),
}


@pytest.mark.parametrize(("text", "measure"), SPELT.items())
def test_parses_and_prints_back(text: str, measure: Measure) -> None:
    assert parse_measure(text) == measure
    assert str(measure) == text
    assert parse_measure(f"  {text} ") == measure


def test_the_default_and_double_quotes_print_in_the_short_form() -> None:
    assert str(parse_measure('nDCG( dcg = "log2" )@10')) == "nDCG@10"
    assert str(parse_measure("nDCG(dcg='exp-log2', rel=2)@10")) == str(parse_measure("nDCG(rel=2,dcg='exp-log2')@10"))
    assert parse_measure("AP()@5") == AP(5)


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("ndgc@10", "nDCG@10"),
        ("NDCG@10", "nDCG@10"),
        ("MRR@10", "RR@10"),
        ("MAP", "AP"),
        ("Recall@100", "R@100"),
        ("Recall", "R"),
        ("Precision(rel=2)@5", "P(rel=2)@5"),
        ("Hit_Rate@5", "Success@5"),
        ("judged@10", "Judged@10"),
    ],
)
def test_an_unknown_measure_names_the_nearest(text: str, suggestion: str) -> None:
    with pytest.raises(UnknownName, match="unknown measure") as caught:
        parse_measure(text)
    assert caught.value.suggestion == suggestion
    assert suggestion in str(caught.value)


@pytest.mark.parametrize(
    "text", ["", "@10", "nDCG@", "nDCG@0", "nDCG@-1", "nDCG@ten", "nDCG@1.5", "nDCG(@10", "AP(rel)", "AP(rel=0)", "AP(rel='x')", "nDCG 10"]
)
def test_what_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(BadValue):
        parse_measure(text)


def test_an_unknown_parameter_names_the_nearest() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'rel'"):
        parse_measure("AP(relevant=2)@10")
